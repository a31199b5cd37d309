/** Revisions 2024-11-05 to 2025-11-25: `initialize`, then a session. */
import type { Apps } from '../apps/index.ts';
import type { AppIdentity } from '../policy/index.ts';
import type { Exchanges } from './exchanges.ts';
import type { CancelReason } from './failures.ts';
import type { Target } from './front-door.ts';
import { type Admitted, headerOf, type Post, turnAway } from './http-entry.ts';
import type { Methods } from './methods.ts';
import {
  clientNameOf,
  errorFrame,
  isLogLevel,
  isRpcId,
  type JsonObject,
  LEGACY_VERSIONS,
  RPC,
  type RpcId,
  type RpcMessage,
  resultFrame,
} from './protocol.ts';
import type { Session, Sessions } from './sessions.ts';
import type { Streams } from './streams.ts';

export interface LegacyEraOptions {
  readonly apps: Pick<Apps, 'touch'>;
  readonly exchanges: Exchanges;
  readonly methods: Methods;
  readonly sessions: Sessions;
  readonly streams: Streams;
  /** The list an app sees under a path, as it is at the time of asking. */
  readonly listFor: (app: AppIdentity, target: Target) => () => string;
}

export interface LegacyEra {
  servePost(message: RpcMessage, post: Post): Promise<void>;
  /** GET opens the notification stream of a session, DELETE ends the session. */
  serveSession(method: 'GET' | 'DELETE', admitted: Admitted): void;
}

export function createLegacyEra(options: LegacyEraOptions): LegacyEra {
  const { apps, exchanges, methods, sessions, streams, listFor } = options;

  const initialize = (id: RpcId, params: JsonObject, { app, target, reply }: Post): void => {
    const asked = params.protocolVersion;
    if (typeof asked !== 'string') {
      reply.send(errorFrame(id, RPC.invalidParams, 'initialize needs protocolVersion.'));
      return;
    }
    const protocolVersion = LEGACY_VERSIONS.find((known) => known === asked) ?? LEGACY_VERSIONS[0];
    const client = clientNameOf(params.clientInfo);
    const session = sessions.open({ app: app.id, target, protocolVersion, client });
    apps.touch(app.id, client ?? undefined);
    reply.send(resultFrame(id, methods.initialize(app, target, protocolVersion)), { 'Mcp-Session-Id': session.id });
  };

  /** The session a request names, or undefined after the refusal was sent. */
  const sessionOf = ({ request, response, app, target }: Admitted): Session | undefined => {
    const id = headerOf(request, 'mcp-session-id');
    if (id === undefined) {
      turnAway(request, response, {
        status: 400,
        message: 'Send the Mcp-Session-Id header that initialize answered with.',
      });
      return undefined;
    }
    const session = sessions.find(app.id, id, target);
    if (!session) {
      // The client's cue to initialize again (2025-11-25, Streamable HTTP, Session Management).
      turnAway(request, response, { status: 404, message: 'This session has ended. Start a new one with initialize.' });
    }
    return session;
  };

  const notified = (session: Session, method: string, params: JsonObject): void => {
    if (method === 'notifications/cancelled' && isRpcId(params.requestId)) {
      session.calls.get(params.requestId)?.abort('client' satisfies CancelReason);
    }
  };

  return {
    async servePost({ id, method, params = {} }, post) {
      const { app, target, reply, request } = post;
      if (method === 'initialize' && id !== undefined) {
        initialize(id, params, post);
        return;
      }
      if (!isServed(headerOf(request, 'mcp-protocol-version'))) {
        const served = LEGACY_VERSIONS.join(', ');
        const message = `Unsupported MCP-Protocol-Version. Served: ${served}.`;
        reply.send(errorFrame(id ?? null, RPC.invalidRequest, message), {}, 400);
        return;
      }
      const session = sessionOf(post);
      if (!session) return;
      apps.touch(app.id);
      if (id === undefined) {
        notified(session, method, params);
        reply.finish();
        return;
      }
      if (session.calls.has(id)) {
        const message = 'A request with this id is still running in this session.';
        reply.send(errorFrame(id, RPC.invalidRequest, message), {}, 400);
        return;
      }
      if (method === 'logging/setLevel' && isLogLevel(params.level)) session.logLevel = params.level;
      const caller = { app, era: 'legacy' as const, sessionId: session.id, client: session.client };
      const served = await exchanges.run(post, false, async (controller) => {
        session.calls.set(id, controller);
        try {
          const { signal } = controller;
          return await methods.serve({ id, method, params, target, caller, logLevel: session.logLevel, signal, reply });
        } finally {
          session.calls.delete(id);
        }
      });
      if (!served) reply.send(errorFrame(id, RPC.methodNotFound, `There is no method ${method.slice(0, 100)}.`));
    },

    serveSession(method, admitted) {
      const { request, response, app, target } = admitted;
      if (!isServed(headerOf(request, 'mcp-protocol-version'))) {
        turnAway(request, response, {
          status: 405,
          message: 'This revision has only POST.',
          headers: { Allow: 'POST' },
        });
        return;
      }
      const session = sessionOf(admitted);
      if (!session) return;
      if (method === 'DELETE') {
        sessions.end(session);
        for (const call of session.calls.values()) call.abort('client' satisfies CancelReason);
        response.writeHead(200, { 'Content-Length': 0 }).end();
        return;
      }
      if (streams.isFullFor(app.id)) {
        turnAway(request, response, { status: 503, message: 'Too many streams are open.' });
        return;
      }
      // A client that comes back has lost the stream it had.
      session.endStream?.();
      session.endStream = streams.openForSession(
        response,
        { app: app.id, client: session.client },
        listFor(app, target),
      );
    },
  };
}

/** An absent header means 2025-03-26, which is served. */
function isServed(version: string | undefined): boolean {
  return version === undefined || LEGACY_VERSIONS.some((known) => known === version);
}
