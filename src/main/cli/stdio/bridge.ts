/**
 * Carries MCP between a client on stdio and the gateway's HTTP endpoint (protocol.md §1.7). Messages pass as the text they
 * came as. Each message says by itself which revision it speaks: with an envelope it is one stateless POST, without one it
 * belongs to the session that `initialize` opened.
 */
import type { IncomingMessage } from 'node:http';
import { EventStreamReader } from './event-stream.ts';
import { type GatewayLink, LinkError, type LinkRequest } from './gateway-link.ts';
import { LegacySession } from './legacy-session.ts';
import { answers, bridgeError, isRecord, type Message, mirrorHeaders, type RpcId, readMessage } from './message.ts';

export interface BridgeOptions {
  readonly link: Pick<GatewayLink, 'send'>;
  /** Writes one message to the client. */
  readonly write: (line: string) => void;
  /** Says something to whoever reads stderr. Never holds content of messages. */
  readonly warn: (text: string) => void;
}

/** Bytes of one event or answer. */
const longestAnswer = 64 * 1024 * 1024;
const streamRetryMs = 1000;
/** What the end of the session may take when the client is gone already. */
const farewellMs = 300;
const jsonHeaders = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' } as const;

/** Requests that change nothing: sending them again after a broken connection is harmless. */
const repeatable = new Set([
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'prompts/list',
  'prompts/get',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'completion/complete',
]);

interface InFlight {
  readonly abort: AbortController;
  readonly isModern: boolean;
  /** The client no longer waits for an answer; one that comes all the same is passed on, its absence is no error. */
  cancelled: boolean;
}

export class Bridge {
  readonly #link: BridgeOptions['link'];
  readonly #write: (line: string) => void;
  readonly #warn: (text: string) => void;
  readonly #session = new LegacySession();
  readonly #inFlight = new Map<string, InFlight>();
  readonly #closing = new AbortController();
  /** `initialize` and `notifications/initialized` are answered before anything else of the session is sent. */
  #handshake: Promise<unknown> = Promise.resolve();
  #reopening: Promise<boolean> | undefined;
  #replays = 0;

  constructor(options: BridgeOptions) {
    this.#link = options.link;
    this.#write = options.write;
    this.#warn = options.warn;
  }

  /** Takes one line of the client. Resolves when it is answered (requests) or delivered (anything else); never rejects. */
  async accept(line: string): Promise<void> {
    const message = readMessage(line);
    if (!message) {
      this.#write('{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Not a JSON-RPC message."}}');
      return;
    }
    if (message.method === 'notifications/cancelled' && this.#cancel(message.params.requestId)) return;
    try {
      if (message.envelopeVersion !== undefined || message.method === 'server/discover') await this.#modern(message);
      else await this.#legacy(message);
    } catch (error) {
      this.#failed(message, error);
    }
  }

  /** Waits up to `graceMs` for answers that are under way, ends the session, and stops everything. */
  async close(graceMs: number): Promise<void> {
    const deadline = performance.now() + graceMs;
    while (this.#inFlight.size > 0 && performance.now() < deadline) await new Promise((again) => setTimeout(again, 20));
    this.#closing.abort();
    for (const { abort } of this.#inFlight.values()) abort.abort();
    if (!this.#session.isOpen) return;
    const ended = this.#link
      .send({ method: 'DELETE', headers: this.#session.headers() })
      .then((response) => response.resume())
      // A gateway that is gone has no session any more.
      .catch(() => undefined);
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise((done) => {
      timer = setTimeout(done, farewellMs);
    });
    await Promise.race([ended, enough]);
    clearTimeout(timer);
  }

  /** True when the request was a modern one: closing its response is the cancellation, and nobody answers it. */
  #cancel(requestId: unknown): boolean {
    const entry = this.#inFlight.get(JSON.stringify(requestId));
    if (!entry) return false;
    entry.cancelled = true;
    if (entry.isModern) entry.abort.abort();
    return entry.isModern;
  }

  async #modern(message: Message): Promise<void> {
    await this.#deliver(message, () => ({ ...jsonHeaders, ...mirrorHeaders(message) }));
  }

  async #legacy(message: Message): Promise<void> {
    if (message.method === 'initialize') {
      const opening = this.#initialize(message);
      this.#handshake = opening.catch(() => undefined);
      return opening;
    }
    // A cancellation overtakes what it cancels, and nothing else does.
    if (message.method !== 'notifications/cancelled') await this.#handshake;
    const delivered = this.#deliver(message, () => ({ ...jsonHeaders, ...this.#session.headers() }));
    if (message.method === 'notifications/initialized') {
      this.#handshake = delivered.catch(() => undefined);
      await delivered;
      void this.#listen();
      return;
    }
    await delivered;
    this.#session.remember(message);
  }

  async #initialize(message: Message): Promise<void> {
    let sessionId: string | undefined;
    await this.#deliver(
      message,
      () => jsonHeaders,
      (response) => {
        sessionId = headerOf(response, 'mcp-session-id');
      },
      (answer) => this.#session.opened(message, sessionId, answer),
    );
  }

  /** Sends a message and passes on whatever comes back for it. */
  async #deliver(
    message: Message,
    headers: () => Record<string, string>,
    onResponse?: (response: IncomingMessage) => void,
    onAnswer?: (text: string) => void,
  ): Promise<void> {
    const isRequest = message.method !== undefined && message.id !== undefined;
    const key = JSON.stringify(message.id);
    const abort = new AbortController();
    const entry: InFlight = { abort, isModern: message.envelopeVersion !== undefined, cancelled: false };
    if (isRequest) this.#inFlight.set(key, entry);
    try {
      const send = async () => {
        const sent = headers();
        const response = await this.#send(message, {
          method: 'POST',
          headers: sent,
          body: message.text,
          signal: abort.signal,
        });
        return { response, session: sent['mcp-session-id'] };
      };
      let { response, session } = await send();
      if (response.statusCode === 404 && session !== undefined) {
        response.resume();
        if (await this.#reopen(session)) ({ response, session } = await send());
      }
      onResponse?.(response);
      if (!isRequest || message.id === undefined) {
        response.resume();
        if ((response.statusCode ?? 500) >= 400)
          this.#warn(`Gatehouse did not take a message (HTTP ${response.statusCode}).`);
        return;
      }
      await this.#passOn(message.id, response, onAnswer);
    } catch (error) {
      // The client withdrew the request, or is gone: there is nobody to answer.
      if (!abort.signal.aborted && !entry.cancelled) throw error;
    } finally {
      if (isRequest) this.#inFlight.delete(key);
    }
  }

  /** One more attempt when the gateway surely did not get it, or when a second time does no harm. */
  async #send(message: Message, request: LinkRequest): Promise<IncomingMessage> {
    try {
      return await this.#link.send(request);
    } catch (error) {
      const mayRepeat =
        error instanceof LinkError &&
        (error.kind === 'not-sent' || (error.kind === 'lost' && repeatable.has(message.method ?? '')));
      if (!mayRepeat || request.signal?.aborted) throw error;
      return await this.#link.send(request);
    }
  }

  async #passOn(id: RpcId, response: IncomingMessage, onAnswer?: (text: string) => void): Promise<void> {
    const answer = (text: string) => {
      onAnswer?.(text);
      this.#write(text);
    };
    if (response.headers['content-type']?.startsWith('text/event-stream')) {
      let last = '';
      for await (const event of eventsOf(response)) {
        if (last !== '') this.#write(oneLine(last));
        last = event;
      }
      if (answers(last, id)) return answer(oneLine(last));
      if (last !== '') this.#write(oneLine(last));
      throw new LinkError('The connection to Gatehouse was lost before the answer came.', 'lost');
    }
    const body = await textOf(response);
    if (answers(body, id)) return answer(oneLine(body));
    // 202 without a body: the request was cancelled, and nobody waits.
    if (response.statusCode !== 202) this.#write(refusedByHttp(id, response.statusCode ?? 0, body));
  }

  /**
   * Opens the session again after the gateway forgot it, one attempt at a time, shared by all that wait. True when there is
   * a session to send in.
   * @param forgotten the session the gateway does not know; when another one is open by now, there is nothing to do
   */
  async #reopen(forgotten: string): Promise<boolean> {
    if (this.#reopening === undefined && this.#session.headers()['mcp-session-id'] !== forgotten)
      return this.#session.isOpen;
    this.#reopening ??= this.#replay().finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  async #replay(): Promise<boolean> {
    const replay = this.#session.replay();
    if (!replay) return false;
    this.#session.lost();
    const own = (message: Message) => ({ ...JSON.parse(message.text), id: `gatehouse-bridge-${++this.#replays}` });
    const post = (body: object) =>
      this.#link.send({
        method: 'POST',
        headers: { ...jsonHeaders, ...this.#session.headers() },
        body: JSON.stringify(body),
        signal: this.#closing.signal,
      });
    const opening = await this.#link.send({
      method: 'POST',
      headers: jsonHeaders,
      body: JSON.stringify(own(replay.initialize)),
      signal: this.#closing.signal,
    });
    const body = await textOf(opening);
    this.#session.opened(replay.initialize, headerOf(opening, 'mcp-session-id'), dataOf(opening, body));
    if (!this.#session.isOpen) return false;
    (await post({ jsonrpc: '2.0', method: 'notifications/initialized' })).resume();
    for (const message of replay.after) await textOf(await post(own(message)));
    void this.#listen();
    return true;
  }

  /** Follows the session's own stream, on which the gateway speaks without being asked, until the session ends. */
  async #listen(): Promise<void> {
    const session = this.#session.headers()['mcp-session-id'];
    while (
      session !== undefined &&
      this.#session.headers()['mcp-session-id'] === session &&
      !this.#closing.signal.aborted
    ) {
      try {
        const response = await this.#link.send({
          method: 'GET',
          headers: { accept: 'text/event-stream', ...this.#session.headers() },
          signal: this.#closing.signal,
        });
        if (response.statusCode !== 200) {
          response.resume();
          // 405: this gateway has no such stream. 404: the session is gone; the next request opens a new one.
          return;
        }
        for await (const event of eventsOf(response)) this.#write(oneLine(event));
      } catch {
        // Lost, or not running: tried again below.
      }
      await new Promise((again) => setTimeout(again, streamRetryMs).unref());
    }
  }

  #failed(message: Message, error: unknown): void {
    const reason = error instanceof LinkError ? error.message : 'The message could not be carried to Gatehouse.';
    const notSent = error instanceof LinkError && error.kind !== 'lost';
    if (message.method === undefined || message.id === undefined) {
      this.#warn(reason);
      return;
    }
    const unknown = notSent || repeatable.has(message.method) ? '' : ' Whether it was carried out is not known.';
    this.#write(bridgeError(message.id, `${reason}${unknown}`, notSent));
  }
}

function headerOf(response: IncomingMessage, name: string): string | undefined {
  const value = response.headers[name];
  return typeof value === 'string' ? value : undefined;
}

async function* eventsOf(response: IncomingMessage): AsyncGenerator<string> {
  const reader = new EventStreamReader(longestAnswer);
  for await (const chunk of response) yield* reader.push(chunk);
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** The message in a body that may be an event stream: its last event. */
function dataOf(response: IncomingMessage, body: string): string {
  if (!response.headers['content-type']?.startsWith('text/event-stream')) return body;
  return new EventStreamReader(longestAnswer).push(Buffer.from(body)).at(-1) ?? 'null';
}

/** JSON may be laid out over lines; stdio has one line for a message. */
function oneLine(json: string): string {
  return json.includes('\n') || json.includes('\r') ? JSON.stringify(JSON.parse(json)) : json;
}

/** An HTTP refusal as the JSON-RPC error the client waits for: the gateway's own when it gave one. */
function refusedByHttp(id: RpcId, status: number, body: string): string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    value = undefined;
  }
  if (isRecord(value) && isRecord(value.error) && typeof value.error.code === 'number') {
    return JSON.stringify({ jsonrpc: '2.0', id, error: value.error });
  }
  const said = isRecord(value) && typeof value.message === 'string' ? `: ${value.message}` : '.';
  return bridgeError(id, `Gatehouse answered with HTTP status ${status}${said}`, false);
}
