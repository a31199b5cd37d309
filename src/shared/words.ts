/**
 * The words of Gatehouse as types: every process, table, file and screen uses these and no synonyms.
 * Pure: this folder imports nothing of ours.
 */
import { z } from 'zod';

/** What a tool does to the world. Suggested by Gatehouse, fixed by a person at approval. */
export const effectSchema = z.enum(['read', 'write', 'destructive']);
export type Effect = z.infer<typeof effectSchema>;

/**
 * What an offer means for a session's flow of data. `untrusted-source`: it gives what strangers wrote. `private-source`: it
 * gives what is not public. `outward-sink`: it carries what it is given to somebody else. Suggested by Gatehouse, fixed by
 * a person at approval.
 */
export const flowLabelSchema = z.enum(['untrusted-source', 'private-source', 'outward-sink']);
export type FlowLabel = z.infer<typeof flowLabelSchema>;

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
  'secret_in_result',
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

/** What a server can offer to agents; each is held until a person approves it. `template`: a resource template. */
export const offerKindSchema = z.enum(['tool', 'prompt', 'resource', 'template']);
export type OfferKind = z.infer<typeof offerKindSchema>;

/** `server:tool`. The server part never holds a colon; the tool part may. */
export const toolIdSchema = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}:[\s\S]+$/, 'A tool id is server:tool.');

/**
 * The id of anything a server offers: `server:tool`, `server#prompt:name`, `server#resource:uri`,
 * `server#template:uriTemplate`. A server's name never holds `#` or a colon, so no two offers share an id.
 */
export const offerIdSchema = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}(#(prompt|resource|template))?:[\s\S]+$/,
    'An id is server:tool, server#prompt:name, server#resource:uri or server#template:uri.',
  );

/** Builds the id of an offer. `name` is a tool's or prompt's name, a resource's URI or a template's URI template. */
export function offerIdOf(server: string, kind: OfferKind, name: string): string {
  return kind === 'tool' ? toolIdOf(server, name) : `${server}#${kind}:${name}`;
}

/** Takes an offer's id apart; undefined when it is none. */
export function splitOfferId(id: string): { server: string; kind: OfferKind; name: string } | undefined {
  const parts = splitToolId(id);
  if (!parts) return undefined;
  const at = parts.server.indexOf('#');
  if (at === -1) return { server: parts.server, kind: 'tool', name: parts.tool };
  const kind = offerKindSchema.exclude(['tool']).safeParse(parts.server.slice(at + 1));
  return kind.success ? { server: parts.server.slice(0, at), kind: kind.data, name: parts.tool } : undefined;
}

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
