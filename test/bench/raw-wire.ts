/** The three ways a client speaks to a gateway, without an SDK, so that the client is not what is measured. */
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';

/**
 * `modern`: 2026-07-28, every request by itself. `legacy`: 2025-11-25 with a session. `sse`: 2024-11-05, one event stream
 * down and posts up, for targets that speak nothing newer.
 */
export type WireKind = 'modern' | 'legacy' | 'sse';

export interface CallAnswer {
  readonly isError?: boolean;
  readonly content?: readonly { readonly type: string; readonly text?: string }[];
  readonly tools?: readonly { readonly name: string }[];
}

/** Sends requests over its own kept-alive sockets. Anything but a result for the request rejects. */
export interface Wire extends Disposable {
  /** Makes the session where there is one; sending does it too. */
  open(): Promise<void>;
  send(method: string, params: Record<string, unknown>): Promise<CallAnswer>;
}

export interface WireAddress {
  readonly url: URL;
  readonly token?: string | undefined;
}

interface Message {
  readonly id?: unknown;
  readonly result?: CallAnswer;
}

const MODERN = '2026-07-28';
const LEGACY = '2025-11-25';
const clientInfo = { name: 'bench', version: '1.0.0' };
const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': clientInfo,
};
const initialize = { protocolVersion: LEGACY, capabilities: {}, clientInfo };

export function openWire(kind: WireKind, address: WireAddress): Wire {
  return kind === 'sse' ? new EventStreamWire(address) : new PostWire(kind, address);
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** The messages of an event stream's text, in order. */
function* messagesOf(stream: string): Generator<Message> {
  for (const line of stream.split('\n')) {
    if (line.startsWith('data:') && line.length > 6) yield JSON.parse(line.slice(5));
  }
}

function resultOf(message: Message | undefined, seen: string): CallAnswer {
  if (message?.result === undefined || message.result.isError === true) {
    throw new Error(`Wrong answer: ${seen.slice(0, 300)}`);
  }
  return message.result;
}

/** Streamable HTTP in either era: the answer comes in the response to the post. */
class PostWire implements Wire {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #address: WireAddress;
  readonly #isModern: boolean;
  #session: string | undefined;
  #opened: Promise<void> | undefined;
  #lastId = 0;

  constructor(kind: 'modern' | 'legacy', address: WireAddress) {
    this.#isModern = kind === 'modern';
    this.#address = address;
  }

  open(): Promise<void> {
    if (this.#isModern) return Promise.resolve();
    this.#opened ??= this.#initialize().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async send(method: string, params: Record<string, unknown>): Promise<CallAnswer> {
    if (!this.#isModern) await this.open();
    return this.#ask(method, params);
  }

  async #initialize(): Promise<void> {
    await this.#ask('initialize', initialize);
    await this.#post(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }), {});
  }

  async #ask(method: string, params: Record<string, unknown>): Promise<CallAnswer> {
    const id = ++this.#lastId;
    const sent = this.#isModern ? { ...params, _meta: modernMeta } : params;
    const { headers, text } = await this.#post(
      JSON.stringify({ jsonrpc: '2.0', id, method, params: sent }),
      this.#headersFor(method, params),
    );
    const session = headers['mcp-session-id'];
    if (method === 'initialize' && typeof session === 'string') this.#session = session;
    const messages = headers['content-type']?.startsWith('text/event-stream') ? messagesOf(text) : [JSON.parse(text)];
    return resultOf(
      [...messages].find((message: Message) => message.id === id),
      text,
    );
  }

  #headersFor(method: string, params: Record<string, unknown>): Record<string, string> {
    if (!this.#isModern) return {};
    return { 'mcp-method': method, ...(typeof params.name === 'string' && { 'mcp-name': params.name }) };
  }

  #post(body: string, more: Record<string, string>): Promise<{ headers: IncomingMessage['headers']; text: string }> {
    const { url, token } = this.#address;
    return new Promise((resolve, reject) => {
      const call = request(
        url,
        {
          agent: this.#agent,
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            accept: 'application/json, text/event-stream',
            'mcp-protocol-version': this.#isModern ? MODERN : LEGACY,
            ...(this.#session && { 'mcp-session-id': this.#session }),
            ...(token && { authorization: `Bearer ${token}` }),
            ...more,
          },
        },
        (response) => {
          const { statusCode = 0, headers } = response;
          bodyOf(response).then((text) => {
            if (statusCode >= 200 && statusCode < 300) resolve({ headers, text });
            else reject(new Error(`Status ${statusCode}: ${text.slice(0, 300)}`));
          }, reject);
        },
      );
      call.on('error', reject);
      call.end(body);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

interface Waiting {
  readonly resolve: (message: Message) => void;
  readonly reject: (error: Error) => void;
}

/** HTTP+SSE: answers come on one long event stream, in any order. */
class EventStreamWire implements Wire {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #address: WireAddress;
  readonly #waiting = new Map<number, Waiting>();
  #stream: ClientRequest | undefined;
  #opened: Promise<URL> | undefined;
  #lastId = 0;

  constructor(address: WireAddress) {
    this.#address = address;
  }

  async open(): Promise<void> {
    await this.#open();
  }

  async send(method: string, params: Record<string, unknown>): Promise<CallAnswer> {
    return this.#ask(await this.#open(), method, params);
  }

  #open(): Promise<URL> {
    this.#opened ??= this.#connect().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #connect(): Promise<URL> {
    const endpoint = await this.#listen();
    await this.#ask(endpoint, 'initialize', initialize);
    await this.#post(endpoint, JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }));
    return endpoint;
  }

  /** Opens the stream and gives the address it names for posts. */
  #listen(): Promise<URL> {
    const { url } = this.#address;
    return new Promise((resolve, reject) => {
      const stream = request(url, { headers: { accept: 'text/event-stream' } }, (response) => {
        // A message may come in many pieces: they are joined once, when its end is there.
        let pieces: string[] = [];
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          pieces.push(piece);
          if (!piece.includes('\n')) return;
          const lines = pieces.join('').split('\n');
          pieces = [lines.pop() ?? ''];
          for (const line of lines) {
            if (line.startsWith('data: /')) resolve(new URL(line.slice(6).trim(), url));
            else if (line.startsWith('data: {')) this.#take(JSON.parse(line.slice(6)));
          }
        });
        response.once('close', () => fail(new Error(`The event stream ended, status ${response.statusCode}.`)));
      });
      const fail = (error: Error) => {
        reject(error);
        for (const { reject: rejectCall } of this.#waiting.values()) rejectCall(error);
        this.#waiting.clear();
      };
      stream.on('error', fail);
      stream.end();
      this.#stream = stream;
    });
  }

  #take(message: Message): void {
    if (typeof message.id !== 'number') return;
    this.#waiting.get(message.id)?.resolve(message);
    this.#waiting.delete(message.id);
  }

  async #ask(endpoint: URL, method: string, params: Record<string, unknown>): Promise<CallAnswer> {
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<Message>();
    this.#waiting.set(id, { resolve, reject });
    const [message] = await Promise.all([
      promise,
      this.#post(endpoint, JSON.stringify({ jsonrpc: '2.0', id, method, params })).catch(reject),
    ]);
    return resultOf(message, JSON.stringify(message.result)?.slice(0, 300) ?? 'an error');
  }

  #post(endpoint: URL, body: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const call = request(endpoint, { agent: this.#agent, method: 'POST', headers }, (response) => {
        const { statusCode = 0 } = response;
        bodyOf(response).then((text) => {
          if (statusCode >= 200 && statusCode < 300) resolve();
          else reject(new Error(`Status ${statusCode}: ${text.slice(0, 300)}`));
        }, reject);
      });
      call.on('error', reject);
      call.end(body);
    });
  }

  [Symbol.dispose](): void {
    this.#stream?.destroy();
    this.#agent.destroy();
  }
}
