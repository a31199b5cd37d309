/** A client of one app without an SDK, which can leave in every way a real one might. */
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';

export type Era = 'modern' | 'legacy';
const versions = { modern: '2026-07-28', legacy: '2025-11-25' } as const;
const clientInfo = { name: 'soak', version: '1.0.0' };
const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': versions.modern,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': clientInfo,
};

export interface ToolResult {
  readonly isError?: boolean;
  readonly content?: readonly { readonly type: string; readonly text?: string }[];
  readonly _meta?: Readonly<Record<string, { readonly code?: string } | undefined>>;
}

export type Outcome =
  | { readonly kind: 'result'; readonly result: ToolResult }
  /** An error message or a status that is none of success. */
  | { readonly kind: 'error'; readonly text: string }
  /** The response ended without an answer. */
  | { readonly kind: 'ended' }
  /** The connection broke, or was cut here. */
  | { readonly kind: 'gone'; readonly text: string };

/** One request in flight. */
export interface Flight {
  readonly id: number;
  readonly outcome: Promise<Outcome>;
  /** Settles with true when the server has reported progress, with false when the call ended without. */
  readonly progressed: Promise<boolean>;
  /** Cuts the connection. */
  abort(): void;
}

export interface Session {
  readonly id: string | undefined;
  isDeleted: boolean;
}

export class SoakClient implements Disposable {
  readonly era: Era;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #url: URL;
  readonly #token: string;
  #lastId = 0;

  constructor(url: string, token: string, era: Era) {
    this.era = era;
    this.#url = new URL(url);
    this.#token = token;
  }

  /** Makes a session; the modern era has none. */
  async openSession(): Promise<Session> {
    if (this.era === 'modern') return { id: undefined, isDeleted: false };
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const body = { protocolVersion: versions.legacy, capabilities: {}, clientInfo };
    const flight = this.#send('initialize', body, undefined, (response) => {
      const id = response.headers['mcp-session-id'];
      resolve(typeof id === 'string' ? id : undefined);
    });
    const outcome = await flight.outcome;
    if (outcome.kind !== 'result') throw new Error(`initialize failed: ${JSON.stringify(outcome)}`);
    const session = { id: await promise, isDeleted: false };
    await this.notify(session, 'notifications/initialized', {});
    return session;
  }

  call(session: Session, tool: string, args: Record<string, unknown>): Flight {
    const name = 'call_tool_read';
    return this.#send('tools/call', { name, arguments: { name: tool, arguments: args } }, session);
  }

  /** Sends a notification and waits until it was taken. */
  async notify(session: Session, method: string, params: Record<string, unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const post = this.#request('POST', session, {}, (response) => response.resume().once('close', resolve));
    post.on('error', () => resolve());
    post.end(JSON.stringify({ jsonrpc: '2.0', method, params }));
    await promise;
  }

  /** Ends the session, whatever runs in it. */
  async deleteSession(session: Session): Promise<void> {
    session.isDeleted = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    const ending = this.#request('DELETE', session, {}, (response) => response.resume().once('close', resolve));
    ending.on('error', () => resolve());
    ending.end();
    await promise;
  }

  /** Opens the session's own stream; the function returned drops it without a word. */
  listen(session: Session): () => void {
    const stream = this.#request('GET', session, {}, (response) => {
      response.on('error', () => undefined);
      response.resume();
    });
    stream.on('error', () => undefined);
    stream.end();
    return () => stream.destroy();
  }

  #send(
    method: string,
    params: Record<string, unknown>,
    session?: Session,
    onResponse?: (response: IncomingMessage) => void,
  ): Flight {
    const id = ++this.#lastId;
    const meta = { progressToken: id, ...(this.era === 'modern' && modernMeta) };
    const body = JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } });
    const outcome = Promise.withResolvers<Outcome>();
    const progress = Promise.withResolvers<boolean>();
    const settle = (value: Outcome) => {
      progress.resolve(false);
      outcome.resolve(value);
    };
    const named: Record<string, string> =
      this.era === 'modern'
        ? { 'mcp-method': method, ...(typeof params.name === 'string' && { 'mcp-name': params.name }) }
        : {};
    const post = this.#request('POST', session, named, (response) => {
      onResponse?.(response);
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        if (text.includes('notifications/progress')) progress.resolve(true);
      });
      response.on('error', (error) => settle({ kind: 'gone', text: error.message }));
      response.on('end', () => settle(outcomeOf(id, response, text)));
    });
    post.on('error', (error) => settle({ kind: 'gone', text: error.message }));
    post.end(body);
    return { id, outcome: outcome.promise, progressed: progress.promise, abort: () => post.destroy() };
  }

  #request(
    method: string,
    session: Session | undefined,
    more: Record<string, string>,
    onResponse: (response: IncomingMessage) => void,
  ): ClientRequest {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${this.#token}`,
      'mcp-protocol-version': versions[this.era],
      ...(session?.id !== undefined && { 'mcp-session-id': session.id }),
      ...more,
    };
    return request(this.#url, { agent: this.#agent, method, headers }, onResponse);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

function outcomeOf(id: number, response: IncomingMessage, text: string): Outcome {
  const isStream = response.headers['content-type']?.startsWith('text/event-stream') === true;
  const messages = isStream
    ? text.split('\n').filter((line) => line.startsWith('data: {'))
    : text.startsWith('{')
      ? [`data: ${text}`]
      : [];
  for (const line of messages) {
    const message = JSON.parse(line.slice(6)) as { id?: unknown; result?: ToolResult };
    if (message.id !== id) continue;
    if (message.result) return { kind: 'result', result: message.result };
    return { kind: 'error', text: line.slice(6, 400) };
  }
  const { statusCode = 0 } = response;
  return statusCode >= 400 ? { kind: 'error', text: `${statusCode} ${text.slice(0, 300)}` } : { kind: 'ended' };
}
