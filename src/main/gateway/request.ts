/** One request with an id, admitted and classified, and how its caller hears of what happens before the answer. */
import type { IncomingHttpHeaders } from 'node:http';
import { memberText } from '@shared/json-text.ts';
import type { WrittenJson } from '../upstreams/index.ts';
import type { Asking, Caller, CallLine } from './call.ts';
import type { Target } from './front-door.ts';
import { membersByKey, objectOf } from './json-members.ts';
import {
  isLogLevel,
  isObject,
  isRpcId,
  isWanted,
  type JsonObject,
  type LogLevel,
  META,
  notificationFrame,
  type RpcId,
} from './protocol.ts';
import type { Reply } from './reply.ts';

export interface Request {
  readonly id: RpcId;
  readonly method: string;
  readonly params: JsonObject;
  /** The whole message as the client wrote it. */
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
  readonly target: Target;
  readonly caller: Caller;
  /** How servers may ask this caller something. */
  readonly asking: Asking;
  /** The client asked for log messages of this level and graver. */
  readonly logLevel: LogLevel | null;
  /** Aborted with a CancelReason when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  readonly reply: Reply;
}

/** The params as the next hop gets them: as written, without the `_meta` keys that belong to this hop. */
export function forwardedParams(request: Pick<Request, 'params' | 'text'>): WrittenJson {
  const { value, members } = forwardedMembers(request);
  return { value, json: objectOf(members) };
}

/** The same, taken apart: the text of each member. */
export function forwardedMembers({ params, text }: Pick<Request, 'params' | 'text'>): {
  readonly value: JsonObject;
  readonly members: Map<string, string>;
} {
  const members = membersByKey(memberText(text, 'params') ?? '{}');
  const { _meta, ...value } = params;
  const meta = forwardedMeta(_meta);
  const metaText = members.get('_meta');
  members.delete('_meta');
  if (!meta || metaText === undefined) return { value, members };
  const kept = [...membersByKey(metaText)].filter(([key]) => key in meta);
  return { value: { ...value, _meta: meta }, members: members.set('_meta', objectOf(kept)) };
}

/** `_meta` for the next hop: everything but the progress token and the envelope, which belong to this hop. */
function forwardedMeta(meta: unknown): JsonObject | undefined {
  if (!isObject(meta)) return undefined;
  const keys = Object.keys(meta).filter((key) => key !== 'progressToken' && !HOP_KEYS.has(key));
  return keys.length > 0 ? Object.fromEntries(keys.map((key) => [key, meta[key]])) : undefined;
}

const HOP_KEYS = new Set<string>(Object.values(META));

/** Connects a call to the client's wishes: progress when it gave a token, log messages when it named a level. */
export function lineOf({ params, reply, signal, logLevel, caller, asking }: Request): CallLine {
  const meta = isObject(params._meta) ? params._meta : {};
  const progressToken = isRpcId(meta.progressToken) ? meta.progressToken : undefined;
  const level = caller.era === 'modern' ? meta[META.logLevel] : logLevel;
  const wanted = isLogLevel(level) ? level : null;
  return {
    signal,
    asking,
    logLevel: wanted,
    ...(progressToken !== undefined && {
      onProgress: (progress: Record<string, unknown>) =>
        void reply.notify(notificationFrame('notifications/progress', { ...progress, progressToken })),
    }),
    ...(wanted !== null && {
      onLog: (message: Record<string, unknown>) => {
        if (isWanted(message.level, wanted)) reply.notify(notificationFrame('notifications/message', message));
      },
    }),
  };
}
