/** From an HTTP request to a classified message: front door, body, era. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AppIdentity } from '../policy/index.ts';
import { type Classified, classify, type RpcResponse } from './era.ts';
import { admit, LARGEST_BODY, type Rejection, type Target, tooLarge } from './front-door.ts';
import { errorFrame, RPC } from './protocol.ts';
import { HttpReply, type Reply } from './reply.ts';
import { drain, readBody } from './request-body.ts';

/** A request that passed the front door. */
export interface Admitted {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly app: AppIdentity;
  readonly target: Target;
}

/** A POST with its body read. */
export interface Post extends Admitted {
  readonly reply: Reply;
  /** The message as the client wrote it. */
  readonly text: string;
}

/** A POST whose reply is still the whole HTTP response. */
export interface WholePost extends Post {
  readonly reply: HttpReply;
}

export interface HttpEntryOptions {
  readonly authenticate: (token: string) => AppIdentity | undefined;
  /** False when the path names a server this app does not have. */
  readonly exists: (app: AppIdentity, target: Target) => boolean;
  readonly serveMessage: (
    message: Exclude<Classified, { kind: 'reject' | 'response' }>,
    post: WholePost,
  ) => Promise<void>;
  readonly serveResponse: (response: RpcResponse, post: Post) => void;
  /** Answers a list of messages; revisions without batches refuse it. */
  readonly serveBatch: (messages: readonly unknown[], post: WholePost) => Promise<void>;
  /** GET and DELETE belong to sessions. */
  readonly serveSession: (method: 'GET' | 'DELETE', admitted: Admitted) => void;
  /** Milliseconds on a clock that is never set back. */
  readonly monotonic: () => number;
  readonly log: { warn(facts: object, message: string): void; error(facts: object, message: string): void };
}

/** Milliseconds between two warnings about refused requests. */
const WARN_EVERY_MS = 10_000;

export type HttpEntry = (request: IncomingMessage, response: ServerResponse, port: number) => void;

/** Gives the function that handles every HTTP request. It never throws. */
export function createHttpEntry(options: HttpEntryOptions): HttpEntry {
  const { authenticate, exists, log, monotonic } = options;
  let nextWarning = Number.NEGATIVE_INFINITY;

  const serve = async (request: IncomingMessage, response: ServerResponse, port: number): Promise<void> => {
    const { method = '', url = '/', headers } = request;
    const admission = admit({ method, url, headers }, { port, authenticate });
    if (!admission.admitted) {
      const { rejection } = admission;
      const now = monotonic();
      // Anyone on this computer can knock; they must not be able to fill the disk with it.
      if (now >= nextWarning) {
        nextWarning = now + WARN_EVERY_MS;
        // Without the query: a client that sends its token there is turned away, and the token must not end up here.
        const path = url.split('?', 1)[0]?.slice(0, 200);
        log.warn({ status: rejection.status, path }, 'A request was turned away at the front door');
      }
      turnAway(request, response, rejection);
      return;
    }
    const { app, target } = admission;
    if (!exists(app, target)) {
      const name = target.kind === 'server' ? target.server : '';
      turnAway(request, response, { status: 404, message: `No server named ${name} is available to this app.` });
      return;
    }
    const admitted = { request, response, app, target };
    if (admission.method === 'POST') await servePost(admitted);
    else options.serveSession(admission.method, admitted);
  };

  const servePost = async (admitted: Admitted): Promise<void> => {
    const { request, response } = admitted;
    const body = await readBody(request, LARGEST_BODY);
    if (body.kind === 'aborted') return;
    if (body.kind === 'too-large') {
      turnAway(request, response, { status: 413, message: tooLarge });
      return;
    }
    const reply = new HttpReply(response, request.headers.accept);
    if (body.kind === 'not-json') {
      reply.send(errorFrame(null, RPC.parseError, 'The body is not valid JSON in UTF-8.'), {}, 400);
      return;
    }
    const { text } = body;
    if (Array.isArray(body.value)) {
      await options.serveBatch(body.value, { ...admitted, reply, text });
      return;
    }
    const classified = classify(body.value, {
      protocolVersion: headerOf(request, 'mcp-protocol-version'),
      method: headerOf(request, 'mcp-method'),
      name: headerOf(request, 'mcp-name'),
    });
    if (classified.kind === 'reject') {
      const { id, code, message, data, status } = classified;
      reply.send(errorFrame(id, code, message, data), {}, status);
    } else if (classified.kind === 'response') options.serveResponse(classified, { ...admitted, reply, text });
    else await options.serveMessage(classified, { ...admitted, reply, text });
  };

  return (request, response, port) => {
    serve(request, response, port).catch((error: unknown) => {
      log.error({ error }, 'A request failed inside Gatehouse');
      if (response.headersSent) response.destroy();
      else turnAway(request, response, { status: 500, message: 'Gatehouse failed while it handled this request.' });
    });
  };
}

/** Refuses a request; what the client is still sending is read and thrown away so that it can read the answer. */
export function turnAway(
  request: IncomingMessage,
  response: ServerResponse,
  { status, message, headers }: Rejection,
): void {
  const frame = errorFrame(null, RPC.invalidRequest, message);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(frame),
    ...(request.complete ? {} : { Connection: 'close' }),
    ...headers,
  });
  response.write(frame);
  // Ending the response closes the connection, which a client that is still sending would see as a broken pipe.
  request.once('end', () => response.end());
  request.once('close', () => response.end());
  if (request.readableEnded) response.end();
  drain(request);
}

export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value.trim() : undefined;
}
