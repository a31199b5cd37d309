/** What comes of a call or another request that went to a server, and how it is written to the one who waits. */
import { memberText, withMember } from '@shared/json-text.ts';
import type { Era } from '@shared/words.ts';
import type { WrittenJson } from '../upstreams/index.ts';
import { inEachElicitation } from './named-questions.ts';
import { errorFrameOf, isObject, type JsonObject, META, RPC, type RpcId, resultFrame } from './protocol.ts';
import type { Reply } from './reply.ts';

/** The result as the server wrote it, but for what Gatehouse owns in it; an error; or null when nobody waits any more. */
export type Outcome =
  | {
      readonly kind: 'result';
      readonly resultJson: string;
      /** As the server gave it; an empty object where Gatehouse answered instead. */
      readonly result: JsonObject;
      /** Null when Gatehouse itself answered. */
      readonly server: string | null;
    }
  | RpcFailure
  | null;

/** A JSON-RPC error for the app. */
export interface RpcFailure {
  readonly kind: 'error';
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
  /** The whole error as the server wrote it, where nothing of it was changed. */
  readonly json?: string;
}

/** The text of an error: as the server wrote it, when it is the server's. */
export function errorJsonOf({ code, message, data, json }: Omit<RpcFailure, 'kind'>): string {
  return json ?? JSON.stringify({ code, message, ...(data !== undefined && { data }) });
}

/** Writes the outcome as the answer to a request. */
export function sendOutcome({ id, reply }: { readonly id: RpcId; readonly reply: Reply }, outcome: Outcome): void {
  if (outcome === null) reply.finish();
  else if (outcome.kind === 'result') reply.send(resultFrame(id, outcome.resultJson));
  else reply.send(errorFrameOf(id, errorJsonOf(outcome)), {}, statusOf(outcome.code));
}

/**
 * The HTTP status of an error that came up while a request was served: 200, the error is the answer. But for a missing
 * capability, where revision 2026-07-28 asks for 400 wherever it is found. Older revisions never see that code.
 */
function statusOf(code: number): number {
  return code === RPC.missingCapability ? 400 : 200;
}

/** True for a result that wants answers first (2026-07-28), so that it is no result yet. */
export const asksBack = (result: JsonObject): boolean => result.resultType === 'input_required';

/**
 * The server's result with what is Gatehouse's to say: who answers is Gatehouse (`serverInfo`), and on a surface of many
 * servers a question names the one that asks. Everything else stays as the server wrote it.
 */
export function asGatehouse(
  { value, json }: WrittenJson,
  { serverInfoJson, asker }: { readonly serverInfoJson: string; readonly asker: string | null },
): string {
  const named = asker !== null && asksBack(value) ? inEachElicitation(json, asker) : json;
  const meta = isObject(value._meta) && META.serverInfo in value._meta ? memberText(named, '_meta') : undefined;
  return meta === undefined ? named : withMember(named, '_meta', withMember(meta, META.serverInfo, serverInfoJson));
}

/** What Gatehouse itself answered, with the fields its era asks for. */
export function ownForEra(outcome: Exclude<Outcome, null>, era: Era): Exclude<Outcome, null> {
  if (outcome.kind === 'error') return outcome;
  return { ...outcome, resultJson: forEra(outcome.resultJson, outcome.result, era, false) };
}

/** Adds, at the front, the fields that a result needs in the caller's era and does not have. */
export function forEra(resultJson: string, result: JsonObject, era: Era, isCacheable: boolean): string {
  if (era === 'legacy') return resultJson;
  let head = 'resultType' in result ? '' : '"resultType":"complete"';
  if (isCacheable && !asksBack(result)) {
    // Nothing is known about how long it holds, so nobody may rely on it.
    if (!('ttlMs' in result)) head += `${head && ','}"ttlMs":0`;
    if (!('cacheScope' in result)) head += `${head && ','}"cacheScope":"private"`;
  }
  return head === '' ? resultJson : withFront(resultJson, head);
}

function withFront(objectJson: string, head: string): string {
  const rest = objectJson.slice(1);
  return rest.trimStart().startsWith('}') ? `{${head}}` : `{${head},${rest}`;
}
