/** Revision 2026-07-28: every request stands alone. */
import type { Apps } from '../apps/index.ts';
import type { Asking } from './call.ts';
import { LONGEST_CAPABILITIES } from './capabilities.ts';
import type { Exchanges } from './exchanges.ts';
import type { Post } from './http-entry.ts';
import type { Listen } from './listen.ts';
import type { Methods } from './methods.ts';
import { clientNameOf, errorFrame, isObject, type JsonObject, META, RPC, type RpcMessage } from './protocol.ts';

export interface ModernEraOptions {
  readonly apps: Pick<Apps, 'touch'>;
  readonly exchanges: Exchanges;
  readonly methods: Methods;
  readonly listen: Listen;
}

export type ServeModern = (message: RpcMessage, meta: JsonObject, post: Post) => Promise<void>;

export function createModernEra({ apps, exchanges, methods, listen }: ModernEraOptions): ServeModern {
  return async ({ id, method, params = {} }, meta, post) => {
    const { app, target, reply, request, text } = post;
    if (id === undefined) {
      reply.finish();
      return;
    }
    const client = clientNameOf(meta[META.clientInfo]);
    apps.touch(app.id, client ?? undefined);
    if (method === 'subscriptions/listen') {
      await listen(id, params, client, post);
      return;
    }
    const declared = meta[META.clientCapabilities];
    const capabilities = isObject(declared) ? declared : {};
    if (Object.keys(capabilities).length > 0 && JSON.stringify(capabilities).length > LONGEST_CAPABILITIES) {
      const message = `${META.clientCapabilities} may have ${LONGEST_CAPABILITIES} characters.`;
      reply.send(errorFrame(id, RPC.invalidParams, message), {}, 400);
      return;
    }
    const asking: Asking = { capabilities, ask: null, notify: nothing, namesServer: target.kind === 'profile' };
    const path = target.kind === 'server' ? target.server : '';
    const caller = { app, era: 'modern' as const, sessionId: null, client, path };
    const { headers } = request;
    const served = await exchanges.run(post, true, ({ signal }) =>
      methods.serve({ id, method, params, text, headers, target, caller, asking, logLevel: null, signal, reply }),
    );
    if (!served) reply.send(errorFrame(id, RPC.methodNotFound, `There is no method ${method.slice(0, 100)}.`), {}, 404);
  };
}

/** This revision has no notifications beside those of a request and of a listen stream. */
const nothing = (): void => undefined;
