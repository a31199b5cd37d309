import { homedir } from 'node:os';
import type { ServerConfig } from '@shared/contract/index.ts';
import type { Era } from '@shared/words.ts';
import { resolveSecretRefs, secretNamesIn } from '../secrets/index.ts';
import type { AskMemory } from './ask-memory.ts';
import type { Authorization } from './authorization.ts';
import { inheritedEnvironment } from './child-environment.ts';
import { type Endpoint, HttpLink } from './http-link.ts';
import { configFlaw, urlFlaw } from './launch-identity.ts';
import { type Link, LinkError, SignInNeeded } from './link.ts';
import type { LogRing } from './log-ring.ts';
import { type ClientInfo, EndedOnProbe, negotiate, type Session } from './negotiation.ts';
import type { StopPatience } from './process-tree.ts';
import { RpcConnection, type RpcListener } from './rpc-connection.ts';
import { SseLink } from './sse-link.ts';
import { type Program, StdioLink } from './stdio-link.ts';
import type { Timers } from './timers.ts';
import type { CallerSide } from './types.ts';
import { UpstreamError } from './upstream-error.ts';

// Not the global Headers, and not an import: both would load undici, 14 MB (Node 24).
const http = process.getBuiltinModule('node:http');

/** Secrets shorter than this are not hidden in logs: hiding a letter would hide the log. */
const MIN_HIDDEN_LENGTH = 4;

/** What every connection of this Gatehouse shares. */
export interface ConnectSurroundings {
  readonly resolveSecret: (name: string, server: string) => Promise<string | undefined>;
  /** The sign-in at a remote server, where it may have one; the address has its secrets filled in. */
  readonly authorizationFor?:
    | ((server: string, config: ServerConfig, url: string) => Promise<Authorization | undefined>)
    | undefined;
  readonly clientInfo: ClientInfo;
  readonly timers: Timers;
  /** The environment a few names are inherited from. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds from the spawn to the end of the handshake. */
  readonly startTimeoutMs: number;
  readonly probeMs?: number | undefined;
  readonly patience?: StopPatience | undefined;
  /** Marks the processes that belong to this Gatehouse's data folder. */
  readonly owner: string;
}

export interface ConnectOptions extends ConnectSurroundings {
  readonly name: string;
  readonly config: ServerConfig;
  readonly log: LogRing;
  readonly knownEra: Era | undefined;
  /** Aborts the start; whatever was started is ended before `connect` rejects. */
  readonly signal: AbortSignal;
  /** Hears about the established connection only. */
  readonly listener: RpcListener;
  /** What is known of this launch's tools; see `AskMemory`. */
  readonly askMemory?: AskMemory | undefined;
  /** Who answers questions that belong to no request, when the process is one app's or session's. */
  readonly asker?: CallerSide | undefined;
  /** Called for each link before it opens, so that its owner can end it whatever happens. */
  readonly onLink: (link: Link) => void;
}

export interface Connected {
  readonly link: Link;
  readonly connection: RpcConnection;
  readonly session: Session;
}

/** The server was silent until the start timeout; the next attempt should not begin with the probe. */
export class SilentServer extends UpstreamError {}

/** A person has to sign in before it can be used; trying again changes nothing. */
export class SignInRequired extends UpstreamError {}

/**
 * Starts or reaches a server and opens a session with it.
 * @throws UpstreamError `server_down` whose message is a sentence for a person, or `cancelled`
 */
export async function connect(options: ConnectOptions): Promise<Connected> {
  const { name, config, log, timers } = options;
  const flaw = configFlaw(config) ?? sandboxFlaw(config);
  if (flaw !== null) throw down(`${name} cannot start. ${flaw}`);

  const attempt = { logStart: log.lastSeq };
  const timeout = new AbortController();
  const stopTimer = timers.after(options.startTimeoutMs, () => timeout.abort());
  const signal = AbortSignal.any([options.signal, timeout.signal]);
  try {
    const makeLinks = await linksFor(options);
    return await firstThatAnswers(options, makeLinks, signal, () => {
      attempt.logStart = log.lastSeq;
    });
  } catch (error) {
    const words = log.lastWords(attempt.logStart);
    const said = words === null ? '' : ` It last wrote: ${words}`;
    if (timeout.signal.aborted) {
      const seconds = Math.round(options.startTimeoutMs / 100) / 10;
      const text = `${name} did not answer within ${seconds} s of starting.${said}`;
      throw new SilentServer('server_down', text, { notSent: true, cause: error });
    }
    if (options.signal.aborted) throw down(`${name} was stopped while it was starting.`, error);
    if (isSignInNeeded(error)) {
      throw new SignInRequired('server_down', signInProblem(name), { notSent: true, cause: error });
    }
    throw down(`${name} could not start: ${reasonOf(error)}${said}`, error);
  } finally {
    stopTimer();
  }
}

async function firstThatAnswers(
  options: ConnectOptions,
  links: LinkChoice,
  signal: AbortSignal,
  onSecondAttempt: () => void,
): Promise<Connected> {
  // HTTP+SSE ended with 2024-11-05: a server behind it is asked nothing newer.
  const knownEra = options.config.type === 'sse' ? 'legacy' : options.knownEra;
  try {
    return await openSession(options, links.main(), knownEra, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    if (knownEra === undefined && endedBeforeSession(error)) {
      // Some servers end on a request they do not know (rmcp). Once more, without the probe.
      onSecondAttempt();
      return await openSession(options, links.main(), 'legacy', signal);
    }
    if (links.fallback && isNoStreamableHttp(error)) {
      onSecondAttempt();
      return await openSession(options, links.fallback(), 'legacy', signal);
    }
    throw error;
  }
}

async function openSession(
  options: ConnectOptions,
  link: Link,
  knownEra: Era | undefined,
  signal: AbortSignal,
): Promise<Connected> {
  const { name, timers, listener } = options;
  let ended: LinkError | undefined;
  let isEstablished = false;
  options.onLink(link);
  const connection = new RpcConnection({
    name,
    link,
    timers,
    askMemory: options.askMemory,
    asker: options.asker,
    listener: {
      notification: (method, params) => listener.notification(method, params),
      closed: (reason) => {
        ended = reason;
        if (isEstablished) listener.closed(reason);
      },
    },
  });
  try {
    await link.open(signal);
    signal.throwIfAborted();
    const session = await negotiate({
      connection,
      link,
      clientInfo: options.clientInfo,
      knownEra,
      signal,
      timers,
      probeMs: options.probeMs,
    });
    if (ended) throw ended;
    isEstablished = true;
    return { link, connection, session };
  } catch (error) {
    await link.close();
    throw error;
  }
}

/** The transports to try, in order. */
interface LinkChoice {
  readonly main: () => Link;
  readonly fallback: (() => Link) | null;
}

/** Fills in the secrets and says which transports to try. */
async function linksFor(options: ConnectOptions): Promise<LinkChoice> {
  const { name, config, log } = options;
  const used = new Map<string, string>();
  const lookup = async (secret: string) => {
    const value = await options.resolveSecret(secret, name);
    if (value !== undefined && value.length >= MIN_HIDDEN_LENGTH) used.set(value, secret);
    return value;
  };
  if (config.command !== undefined) {
    const program: Program = {
      command: config.command,
      args: config.args ?? [],
      cwd: config.cwd ?? homedir(),
      owner: options.owner,
      env: { ...inheritedEnvironment(options.env), ...(await filled(config.env ?? {}, lookup)) },
    };
    log.hide(used);
    return { main: () => new StdioLink({ program, log, patience: options.patience }), fallback: null };
  }
  const endpoint: Endpoint = {
    url: await resolveSecretRefs(config.url ?? '', lookup),
    headers: await filled(config.headers ?? {}, lookup),
  };
  log.hide(used);
  const flaw = urlFlaw(endpoint.url) ?? headersFlaw(endpoint.headers);
  // The filled-in address may hold a secret, so that its flaw is not repeated word by word.
  if (flaw !== null) throw new Error(secretNamesIn(config.url ?? '').length > 0 ? 'its "url" is not usable.' : flaw);
  const authorization = await options.authorizationFor?.(name, config, endpoint.url);
  const sse = () => new SseLink(endpoint, log);
  if (config.type === 'sse') return { main: sse, fallback: null };
  return {
    main: () => new HttpLink({ ...endpoint, authorization }, log),
    fallback: config.type === undefined ? sse : null,
  };
}

async function filled(
  values: Readonly<Record<string, string>>,
  lookup: (secret: string) => Promise<string | undefined>,
): Promise<Record<string, string>> {
  const entries = await Promise.all(
    Object.entries(values).map(async ([key, value]) => [key, await resolveSecretRefs(value, lookup)] as const),
  );
  return Object.fromEntries(entries);
}

function headersFlaw(headers: Readonly<Record<string, string>>): string | null {
  for (const [name, value] of Object.entries(headers)) {
    try {
      http.validateHeaderName(name);
      http.validateHeaderValue(name, value);
    } catch {
      return `Its header ${name} holds characters that a header may not hold.`;
    }
  }
  return null;
}

/** Running without the isolation that was asked for would be worse than not running. */
function sandboxFlaw(config: ServerConfig): string | null {
  const wanted = config.gatehouse?.sandbox;
  return wanted === undefined || wanted === 'none'
    ? null
    : `It asks for the ${wanted} sandbox, which this version of Gatehouse does not have. Set "sandbox" to "none" to run it with your own rights.`;
}

function endedBeforeSession(error: unknown): boolean {
  if (error instanceof EndedOnProbe) return true;
  const cause = error instanceof UpstreamError ? error.cause : error;
  return cause instanceof LinkError && cause.kind === 'gone' && cause.status === undefined && !cause.notSent;
}

function isSignInNeeded(error: unknown): boolean {
  return (error instanceof UpstreamError ? error.cause : error) instanceof SignInNeeded;
}

/** What a person reads about a server that wants a sign-in. */
export function signInProblem(name: string): string {
  return `${name} needs you to sign in: on its page, or with "gatehouse server sign-in ${name}".`;
}

/** Protocol, transports: 400, 404 or 405 to `initialize` means the older HTTP+SSE transport may be there. */
function isNoStreamableHttp(error: unknown): boolean {
  const cause = error instanceof UpstreamError ? error.cause : error;
  return cause instanceof LinkError && (cause.status === 400 || cause.status === 404 || cause.status === 405);
}

function reasonOf(error: unknown): string {
  if (error instanceof EndedOnProbe) return error.message;
  if (error instanceof LinkError) return error.message;
  if (error instanceof UpstreamError) return error.cause instanceof LinkError ? error.cause.message : error.message;
  return error instanceof Error ? error.message : String(error);
}

function down(message: string, cause?: unknown): UpstreamError {
  return new UpstreamError('server_down', message, { notSent: true, cause });
}
