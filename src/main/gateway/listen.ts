/** `subscriptions/listen` (2026-07-28): one stream for everything a client wants to hear of that no request of its caused. */
import type { AppIdentity } from '../policy/index.ts';
import type { Asking, Caller, CallLine } from './call.ts';
import type { CancelReason } from './failures.ts';
import type { Target } from './front-door.ts';
import type { Post } from './http-entry.ts';
import { CHANGING_LISTS, type MarkOf } from './list-changes.ts';
import { errorFrame, isObject, type JsonObject, RPC, type RpcId } from './protocol.ts';
import type { Follower, ResourceFollowing } from './resource-following.ts';
import type { ListenFilter, Streams } from './streams.ts';
import type { Surfaces } from './surfaces.ts';

export interface ListenOptions {
  readonly following: ResourceFollowing;
  readonly marksFor: (app: AppIdentity, target: Target) => MarkOf;
  readonly streams: Streams;
  readonly surfaces: Pick<Surfaces, 'capabilities'>;
  /** For tests. Milliseconds servers have to take on subscriptions before the filter is acknowledged without them. */
  readonly ackWaitMs?: number;
}

export type Listen = (id: RpcId, params: JsonObject, client: string | null, post: Post) => Promise<void>;

const ACK_WAIT_MS = 5_000;
const MOST_RESOURCES = 1_000;
/** Resources that are asked for at the same time; each counts as a call in flight. */
const AT_ONCE = 8;

export function createListen({
  following,
  marksFor,
  streams,
  surfaces,
  ackWaitMs = ACK_WAIT_MS,
}: ListenOptions): Listen {
  return async (id, params, client, { response, reply, app, target }) => {
    const filter = filterOf(params.notifications, surfaces.capabilities(target));
    if (!filter) {
      const message =
        'subscriptions/listen needs the object notifications, whose resourceSubscriptions is a list of URIs.';
      reply.send(errorFrame(id, RPC.invalidParams, message));
      return;
    }
    if (streams.isFullFor(app.id)) {
      reply.send(errorFrame(id, RPC.internalError, 'Too many subscriptions are open. Close one first.'));
      return;
    }
    const listening = streams.listen(response, { app: app.id, client }, id, filter, marksFor(app, target));
    const { resourceSubscriptions = [], ...lists } = filter;
    if (resourceSubscriptions.length === 0) {
      listening.acknowledge(lists);
      return;
    }
    const caller: Caller = {
      app,
      era: 'modern',
      sessionId: null,
      client,
      path: target.kind === 'server' ? target.server : '',
    };
    const follower = following.open({ caller, target }, (updated) => listening.updated(updated));
    const closing = new AbortController();
    response.once('close', () => {
      closing.abort('client' satisfies CancelReason);
      follower[Symbol.dispose]();
    });
    const followed = await followAll(follower, resourceSubscriptions, closing.signal, ackWaitMs);
    listening.acknowledge({ ...lists, ...(followed.length > 0 && { resourceSubscriptions: followed }) });
  };
}

/** Gives the URIs that are followed in time; the others are not followed at all, so that the acknowledgement is exact. */
async function followAll(
  follower: Follower,
  uris: readonly string[],
  closed: AbortSignal,
  waitMs: number,
): Promise<string[]> {
  const followed = new Set<string>();
  const late = AbortSignal.any([closed, AbortSignal.timeout(waitMs)]);
  const line: CallLine = { signal: closed, asking: NOBODY, logLevel: null };
  const left = uris.values();
  const followSome = async (): Promise<void> => {
    for (const uri of left) {
      if (late.aborted) return;
      const outcome = await follower.follow(uri, line);
      if (outcome?.kind === 'result') followed.add(uri);
    }
  };
  const isLate = new Promise<void>((resolve) => late.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([Promise.all(Array.from({ length: AT_ONCE }, followSome)), isLate]);
  const acknowledged = uris.filter((uri) => followed.has(uri));
  for (const uri of uris) if (!followed.has(uri)) follower.unfollow(uri);
  return acknowledged;
}

/** A listen stream carries no questions of servers. */
const NOBODY: Asking = { capabilities: {}, ask: null, notify: () => undefined, namesServer: true };

/** What is asked for, as far as the path declares it; undefined when it is of another shape. */
function filterOf(asked: unknown, declared: JsonObject): ListenFilter | undefined {
  if (!isObject(asked)) return undefined;
  const uris = asked.resourceSubscriptions;
  if (uris !== undefined && !(Array.isArray(uris) && uris.every((uri) => typeof uri === 'string'))) return undefined;
  const lists = CHANGING_LISTS.filter((list) => asked[`${list}ListChanged`] === true && isObject(declared[list]));
  const canFollow = isObject(declared.resources) && declared.resources.subscribe === true;
  const wanted = canFollow ? [...new Set(uris)].slice(0, MOST_RESOURCES) : [];
  return {
    ...Object.fromEntries(lists.map((list) => [`${list}ListChanged`, true])),
    ...(wanted.length > 0 && { resourceSubscriptions: wanted }),
  };
}
