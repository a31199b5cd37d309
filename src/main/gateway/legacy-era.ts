/** Revisions 2024-11-05 to 2025-11-25: `initialize`, then a session. */
import { elementsOf } from '@shared/json-text.ts';
import type { Apps } from '../apps/index.ts';
import type { AppIdentity } from '../policy/index.ts';
import type { Upstreams } from '../upstreams/index.ts';
import { prefersEventStream } from './accept.ts';
import { Batch, MOST_IN_BATCH } from './batch.ts';
import type { Asking } from './call.ts';
import { LONGEST_CAPABILITIES } from './capabilities.ts';
import { classify, type RpcResponse } from './era.ts';
import type { Exchanges } from './exchanges.ts';
import type { CancelReason } from './failures.ts';
import type { Target } from './front-door.ts';
import { type Admitted, headerOf, type Post, turnAway, type WholePost } from './http-entry.ts';
import type { KeptStreams } from './kept-streams.ts';
import type { MarkOf } from './list-changes.ts';
import type { Methods } from './methods.ts';
import {
  clientNameOf,
  errorFrame,
  isLogLevel,
  isObject,
  isRpcId,
  type JsonObject,
  LEGACY_VERSIONS,
  RPC,
  type RpcId,
  type RpcMessage,
  resultFrame,
  writtenFrame,
} from './protocol.ts';
import type { ResourceSubscriptions } from './resource-subscriptions.ts';
import type { Session, Sessions } from './sessions.ts';
import type { Streams } from './streams.ts';

export interface LegacyEraOptions {
  readonly apps: Pick<Apps, 'touch'>;
  readonly exchanges: Exchanges;
  readonly kept: KeptStreams;
  readonly methods: Methods;
  readonly sessions: Sessions;
  readonly streams: Streams;
  readonly subscriptions: ResourceSubscriptions;
  readonly upstreams: Pick<Upstreams, 'rootsChanged'>;
  /** Marks of the lists an app sees under a path, as they are at the time of asking. */
  readonly marksFor: (app: AppIdentity, target: Target) => MarkOf;
}

export interface LegacyEra {
  servePost(message: RpcMessage, post: WholePost): Promise<void>;
  /** What a client answers to a question of a server. */
  serveResponse(response: RpcResponse, post: Post): void;
  /** A list of messages, which the two oldest revisions know. */
  serveBatch(messages: readonly unknown[], post: WholePost): Promise<void>;
  /** GET opens the notification stream of a session or resumes the stream of a request, DELETE ends the session. */
  serveSession(method: 'GET' | 'DELETE', admitted: Admitted): void;
}

export function createLegacyEra(options: LegacyEraOptions): LegacyEra {
  const { apps, exchanges, kept, methods, sessions, streams, subscriptions, upstreams, marksFor } = options;

  const initialize = (id: RpcId, params: JsonObject, { app, target, reply }: Post): void => {
    const asked = params.protocolVersion;
    if (typeof asked !== 'string') {
      reply.send(errorFrame(id, RPC.invalidParams, 'initialize needs protocolVersion.'));
      return;
    }
    const capabilities = isObject(params.capabilities) ? params.capabilities : {};
    if (JSON.stringify(capabilities).length > LONGEST_CAPABILITIES) {
      reply.send(errorFrame(id, RPC.invalidParams, `capabilities may have ${LONGEST_CAPABILITIES} characters.`));
      return;
    }
    const protocolVersion = LEGACY_VERSIONS.find((known) => known === asked) ?? LEGACY_VERSIONS[0];
    const client = clientNameOf(params.clientInfo);
    const session = sessions.open({ app: app.id, target, protocolVersion, client, capabilities });
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
    } else if (method === 'notifications/roots/list_changed') upstreams.rootsChanged(session.id);
  };

  const askingOf = (session: Session, { target, reply }: Post): Asking => ({
    capabilities: session.capabilities,
    ask: (question, signal) => session.questions.ask(question, reply, signal),
    notify(method, params) {
      const frame = writtenFrame(method, params.json);
      if (!reply.notify(frame)) session.stream?.send(frame);
    },
    namesServer: target.kind === 'profile',
  });

  /** The request with the stream its client prefers opened for it, one that outlives its connection if it can. */
  const onStream = (session: Session, post: WholePost): Post => {
    const stream = isResumable(session) ? kept.open(session, post.response) : undefined;
    if (!stream) post.reply.becomeStream();
    return stream ? { ...post, reply: stream } : post;
  };

  /** Serves a message of a session that was found. */
  const serveIn = async (session: Session, { id, method, params = {} }: RpcMessage, post: Post): Promise<void> => {
    const { app, target, reply, request, text } = post;
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
    const path = target.kind === 'server' ? target.server : '';
    if (method === 'tools/call') session.toolCalls += 1;
    const facts = { since: session.since, calls: session.toolCalls };
    const { client } = session;
    const caller = { app, era: 'legacy' as const, sessionId: session.id, session: facts, client, path };
    const served = await exchanges.run(post, false, async (controller) => {
      session.calls.set(id, controller);
      try {
        const { signal } = controller;
        const { headers } = request;
        const asking = askingOf(session, post);
        const { logLevel } = session;
        const asked = { id, method, params, text, headers, target, caller, asking, logLevel, signal, reply };
        return (await subscriptions.serve(asked, session)) || (await methods.serve(asked));
      } finally {
        session.calls.delete(id);
      }
    });
    if (!served) reply.send(errorFrame(id, RPC.methodNotFound, `There is no method ${method.slice(0, 100)}.`));
  };

  /**
   * Goes on with the stream of a request. Not 404 where there is nothing to go on with: to a client that would be the end of
   * the whole session.
   */
  const resume = (session: Session, lastEventId: string, { request, response }: Admitted): void => {
    const resumption = kept.resume(session, lastEventId, response);
    if (resumption === 'gone') {
      const message =
        'Nothing follows on this Last-Event-ID any more. Send the request again if its answer did not come.';
      turnAway(request, response, { status: 410, message });
      // The status that tells a reader of events not to come back (HTML Living Standard, 9.2.3).
    } else if (resumption === 'complete') response.writeHead(204).end();
  };

  /** Serves one message of a batch; what is no message of this era gets its error in its place. */
  const servePart = async (session: Session, message: unknown, post: Post): Promise<void> => {
    const { reply, text } = post;
    const classified = classify(message, { protocolVersion: undefined, method: undefined, name: undefined });
    if (classified.kind === 'response') {
      session.questions.take(classified, text);
      reply.finish();
    } else if (classified.kind === 'legacy' && classified.message.method !== 'initialize') {
      await serveIn(session, classified.message, post);
    } else if (classified.kind === 'reject') {
      reply.send(errorFrame(classified.id, classified.code, classified.message, classified.data));
    } else {
      const id = classified.message.id ?? null;
      reply.send(errorFrame(id, RPC.invalidRequest, 'This message cannot be part of a batch.'));
    }
  };

  return {
    async servePost(message, post) {
      const { app, reply, request } = post;
      const { id, method, params = {} } = message;
      if (method === 'initialize' && id !== undefined) {
        initialize(id, params, post);
        return;
      }
      if (!isServed(headerOf(request, 'mcp-protocol-version'))) {
        const served = LEGACY_VERSIONS.join(', ');
        const refusal = `Unsupported MCP-Protocol-Version. Served: ${served}.`;
        reply.send(errorFrame(id ?? null, RPC.invalidRequest, refusal), {}, 400);
        return;
      }
      const session = sessionOf(post);
      if (!session) return;
      apps.touch(app.id);
      const isOnStream = prefersEventStream(request.headers.accept) && id !== undefined && !session.calls.has(id);
      await serveIn(session, message, isOnStream ? onStream(session, post) : post);
    },

    serveResponse(response, post) {
      const session = sessionOf(post);
      if (!session) return;
      session.questions.take(response, post.text);
      post.reply.finish();
    },

    async serveBatch(messages, post) {
      const { app, reply, request } = post;
      const refuse = (why: string): void => reply.send(errorFrame(null, RPC.invalidRequest, why), {}, 400);
      if (messages.length === 0 || messages.length > MOST_IN_BATCH) {
        refuse(`A batch holds 1 to ${MOST_IN_BATCH} messages.`);
        return;
      }
      if (!WITH_BATCHES.has(headerOf(request, 'mcp-protocol-version'))) {
        refuse('Send one message at a time: this revision has no batches.');
        return;
      }
      const session = sessionOf(post);
      if (!session) return;
      if (!WITH_BATCHES.has(session.protocolVersion)) {
        refuse('Send one message at a time: the revision of this session has no batches.');
        return;
      }
      apps.touch(app.id);
      if (prefersEventStream(request.headers.accept) && messages.some(isRequest)) reply.becomeStream();
      const batch = new Batch(reply, messages.length);
      const texts = elementsOf(post.text);
      await Promise.all(
        messages.map((message, at) =>
          servePart(session, message, { ...post, reply: batch.part(), text: texts[at] ?? '' }),
        ),
      );
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
      const lastEventId = headerOf(request, 'last-event-id') ?? '';
      if (lastEventId !== '' && isResumable(session)) {
        resume(session, lastEventId, admitted);
        return;
      }
      if (streams.isFullFor(app.id)) {
        turnAway(request, response, { status: 503, message: 'Too many streams are open.' });
        return;
      }
      // A client that comes back has lost the stream it had.
      session.stream?.end();
      const owner = { app: app.id, client: session.client };
      session.stream = streams.openForSession(response, owner, marksFor(app, target));
    },
  };
}

/** Revisions in which several messages may come in one body; a client of theirs may leave the header out. */
const WITH_BATCHES: ReadonlySet<string | undefined> = new Set([undefined, '2025-03-26', '2024-11-05']);

/** Clients of older revisions do not expect an event without data, which is how a stream that can be resumed begins. */
const RESUMABLE_SINCE = '2025-11-25';
const isResumable = ({ protocolVersion }: Session): boolean => protocolVersion >= RESUMABLE_SINCE;

const isRequest = (message: unknown): boolean =>
  isObject(message) && isRpcId(message.id) && typeof message.method === 'string';

/** An absent header means 2025-03-26, which is served. */
function isServed(version: string | undefined): boolean {
  return version === undefined || LEGACY_VERSIONS.some((known) => known === version);
}
