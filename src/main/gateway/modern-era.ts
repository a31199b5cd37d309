/** Revision 2026-07-28: every request stands alone. */
import type { Apps } from '../apps/index.ts';
import type { AppIdentity } from '../policy/index.ts';
import type { Exchanges } from './exchanges.ts';
import type { Target } from './front-door.ts';
import type { Post } from './http-entry.ts';
import type { Methods } from './methods.ts';
import {
  clientNameOf,
  errorFrame,
  isObject,
  type JsonObject,
  META,
  RPC,
  type RpcId,
  type RpcMessage,
} from './protocol.ts';
import type { Streams } from './streams.ts';

export interface ModernEraOptions {
  readonly apps: Pick<Apps, 'touch'>;
  readonly exchanges: Exchanges;
  readonly methods: Methods;
  readonly streams: Streams;
  /** The list an app sees under a path, as it is at the time of asking. */
  readonly listFor: (app: AppIdentity, target: Target) => () => string;
}

export type ServeModern = (message: RpcMessage, meta: JsonObject, post: Post) => Promise<void>;

export function createModernEra({ apps, exchanges, methods, streams, listFor }: ModernEraOptions): ServeModern {
  const listen = (
    id: RpcId,
    params: JsonObject,
    client: string | null,
    { response, reply, app, target }: Post,
  ): void => {
    const filter = params.notifications;
    if (!isObject(filter)) {
      reply.send(errorFrame(id, RPC.invalidParams, 'subscriptions/listen needs the object notifications.'));
    } else if (streams.isFullFor(app.id)) {
      reply.send(errorFrame(id, RPC.internalError, 'Too many subscriptions are open. Close one first.'));
    } else {
      streams.listen(response, { app: app.id, client }, id, filter, listFor(app, target));
    }
  };

  return async ({ id, method, params = {} }, meta, post) => {
    const { app, target, reply } = post;
    if (id === undefined) {
      reply.finish();
      return;
    }
    const client = clientNameOf(meta[META.clientInfo]);
    apps.touch(app.id, client ?? undefined);
    if (method === 'subscriptions/listen') {
      listen(id, params, client, post);
      return;
    }
    const caller = { app, era: 'modern' as const, sessionId: null, client };
    const served = await exchanges.run(post, true, ({ signal }) =>
      methods.serve({ id, method, params, target, caller, logLevel: null, signal, reply }),
    );
    if (!served) reply.send(errorFrame(id, RPC.methodNotFound, `There is no method ${method.slice(0, 100)}.`), {}, 404);
  };
}
