/** What every admin command shares: connect, act, wait for the person if asked to, print, end with the right code. */
import { ORPCError } from '@orpc/client';
import type { ZodType } from 'zod';
import { CliError } from './exit.ts';
import { printJson, printNote } from './output.ts';
import { type AdminClient, connectToInstance } from './socket-client.ts';

export interface AdminOptions {
  readonly json?: boolean;
  readonly dataDir?: string;
}

export interface WideningOptions extends AdminOptions {
  /** Block until a person confirmed. */
  readonly wait?: boolean;
}

/** Connects, hands the client to `act`, and closes the connection. Failures of the other side become CliErrors. */
export async function withInstance<T>(options: AdminOptions, act: (client: AdminClient) => Promise<T>): Promise<T> {
  using connection = await connectToInstance(options.dataDir);
  try {
    return await act(connection.client);
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (connection.isLost()) throw new CliError('not_running', 'Gatehouse stopped before it answered.');
    throw asCliError(error);
  }
}

/** Prints a result as JSON, or with `human`. */
export function printResult<T>(options: AdminOptions, value: T, human: (value: T) => void): void {
  if (options.json) printJson(value);
  else human(value);
}

/**
 * Does something that widens access. When a person has to confirm it first: ends with `waiting`, or with `--wait` blocks
 * until they did and gives what the action gave.
 * @param schemaOf shape of the result, which comes through `confirmations.wait` unchecked
 */
export async function widen<T>(
  client: AdminClient,
  options: WideningOptions,
  act: () => Promise<T>,
  schemaOf: () => Promise<ZodType<T>>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const confirmationId = confirmationIdOf(error);
    if (confirmationId === undefined) throw error;
    const message = error instanceof Error ? error.message : 'This waits for a confirmation.';
    if (!options.wait) {
      throw new CliError('waiting', `${message} (Add --wait to wait for that here.)`, { confirmationId });
    }
    printNote(`${message} Waiting…`);
    const { confirmation, result } = await client.confirmations.wait({ id: confirmationId });
    switch (confirmation.state) {
      case 'confirmed':
        return (await schemaOf()).parse(result);
      case 'denied':
        throw new CliError('refused', 'Denied in the window or console. Nothing was changed.');
      case 'failed':
        throw new CliError('failed', confirmation.error ?? 'It was confirmed, but failed.');
      case 'waiting':
        throw new CliError('waiting', message, { confirmationId });
    }
  }
}

function confirmationIdOf(error: unknown): string | undefined {
  if (!(error instanceof ORPCError) || error.code !== 'NEEDS_PERSON') return undefined;
  const id: unknown = error.data?.confirmationId;
  return typeof id === 'string' ? id : undefined;
}

function asCliError(error: unknown): CliError {
  if (!(error instanceof ORPCError)) {
    return new CliError('failed', error instanceof Error ? error.message : String(error));
  }
  switch (error.code) {
    case 'REFUSED':
      return new CliError('refused', error.message);
    case 'NEEDS_PERSON':
      return new CliError('waiting', error.message, { confirmationId: confirmationIdOf(error) });
    case 'BAD_REQUEST':
      return new CliError('usage', issuesOf(error.data) ?? error.message);
    default:
      return new CliError('failed', error.message);
  }
}

/** The messages of failed input validation, which oRPC puts into `data.issues`; undefined when there are none. */
function issuesOf(data: unknown): string | undefined {
  const issues = typeof data === 'object' && data !== null && 'issues' in data ? data.issues : undefined;
  if (!Array.isArray(issues)) return undefined;
  const messages = issues.flatMap((issue: unknown) =>
    typeof issue === 'object' && issue !== null && 'message' in issue && typeof issue.message === 'string'
      ? [issue.message]
      : [],
  );
  return messages.length > 0 ? messages.join(' ') : undefined;
}
