/**
 * The words of Gatehouse as types: every process, table, file and screen uses these and no synonyms.
 * Pure: this folder imports nothing of ours.
 */
import { z } from 'zod';

/** What a tool does to the world. Suggested by Gatehouse, fixed by a person at approval. */
export const effectSchema = z.enum(['read', 'write', 'destructive']);
export type Effect = z.infer<typeof effectSchema>;

/**
 * Where a definition (or a server's launch) stands with the person.
 * Only `approved` can be found, described or called by an agent.
 */
export const approvalStateSchema = z.enum(['pending', 'approved', 'changed', 'blocked']);
export type ApprovalState = z.infer<typeof approvalStateSchema>;

/** Why a call did not happen or did not end well. One closed union; agents receive the code. */
export const refusalCodeSchema = z.enum([
  'paused',
  'unknown_app',
  'not_in_profile',
  'quarantined',
  'changed',
  'blocked',
  'wrong_effect',
  'invalid_arguments',
  'rate_limited',
  'loop',
  'secret_in_arguments',
  'denied_by_person',
  'ask_timeout',
  'server_down',
  'timeout',
  'cancelled',
  'upstream_error',
]);
export type RefusalCode = z.infer<typeof refusalCodeSchema>;

export const whoCanFixSchema = z.enum(['person', 'agent', 'nobody']);
export type WhoCanFix = z.infer<typeof whoCanFixSchema>;

/** Health of the connection to a server. `asleep`: known and startable, started at first use. */
export const serverHealthSchema = z.enum(['asleep', 'starting', 'ready', 'failing', 'held', 'disabled']);
export type ServerHealth = z.infer<typeof serverHealthSchema>;

/** How an agent reached the gateway: 2026-07-28 stateless requests, or a session of an older revision. */
export const eraSchema = z.enum(['modern', 'legacy']);
export type Era = z.infer<typeof eraSchema>;

/** What agents see at `/mcp`. */
export const surfaceSchema = z.enum(['discover', 'direct', 'hybrid']);
export type Surface = z.infer<typeof surfaceSchema>;

/** Who asked for an administrative action. Only a person's front (`window`, `console`) may widen access. */
export const actorSchema = z.enum(['window', 'console', 'tray', 'cli', 'file', 'system']);
export type Actor = z.infer<typeof actorSchema>;

/** A server's name: also the prefix of its tool ids, a path segment and part of direct-mode tool names. */
export const serverNameSchema = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/,
    'A server name has 1 to 64 letters, digits, dots, dashes or underscores and starts with a letter or digit.',
  );

/** `server:tool`. The server part never holds a colon; the tool part may. */
export const toolIdSchema = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}:[\s\S]+$/, 'A tool id is server:tool.');
export type ToolId = `${string}:${string}`;

/** Builds the id agents and people use for a tool. */
export function toolIdOf(server: string, tool: string): ToolId {
  return `${server}:${tool}`;
}

/** Splits `server:tool` at the first colon; undefined when there is none or a side is empty. */
export function splitToolId(id: string): { server: string; tool: string } | undefined {
  const at = id.indexOf(':');
  if (at <= 0 || at === id.length - 1) return undefined;
  return { server: id.slice(0, at), tool: id.slice(at + 1) };
}

/** Compile-time proof that a union was handled completely. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled value: ${JSON.stringify(value)}`);
}
