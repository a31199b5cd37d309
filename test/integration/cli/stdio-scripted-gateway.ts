/** A gateway as far as the bridge sees it, so that tests can let it forget sessions, ask, die and come back on command. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Bridge } from '../../../src/main/cli/stdio/bridge.ts';
import { GatewayLink, type LinkOptions } from '../../../src/main/cli/stdio/gateway-link.ts';
import { claimInstance, type Instance } from '../../../src/main/instance/index.ts';

export interface Received {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as it came. */
  readonly body: string;
  readonly message: Record<string, unknown> | undefined;
}

export interface ScriptedStart {
  /** 0 for any. */
  readonly port?: number;
  /** What `initialize` says it can do. */
  readonly capabilities?: object;
}

/** Keeps sessions, echoes methods, and answers whatever a test scripts instead. */
export class ScriptedGateway implements AsyncDisposable {
  readonly received: Received[] = [];
  /** Answers a message differently; true when it did. */
  script: (received: Received, response: ServerResponse) => boolean = () => false;
  #sessions = 0;
  #capabilities: object = {};
  readonly #known = new Set<string>();
  readonly #http = createServer((request, response) => {
    void text(request).then((body) =>
      this.#answer({ method: request.method ?? '', headers: request.headers, body, message: parsed(body) }, response),
    );
  });
  #instance: Instance | undefined;

  async start(dataDir: string, { port = 0, capabilities = {} }: ScriptedStart = {}): Promise<this> {
    this.#capabilities = capabilities;
    await new Promise<void>((done) => this.#http.listen(port, '127.0.0.1', done));
    this.#instance = await claimInstance(dataDir);
    const endpoint = `http://127.0.0.1:${this.port}/mcp`;
    await this.#instance.open(() => {}, { version: '0', startedAt: 1, endpoint: () => endpoint, console: null });
    return this;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  forgetSessions(): void {
    this.#known.clear();
  }

  methods(): unknown[] {
    return this.received.map(({ method, message }) => message?.method ?? (message ? 'response' : method));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((done) => this.#http.close(done));
    await this.#instance?.[Symbol.asyncDispose]();
  }

  #answer(received: Received, response: ServerResponse): void {
    const { message, method, headers } = received;
    this.received.push(received);
    if (this.script(received, response)) return;
    const json = (value: unknown, more = {}) =>
      response.writeHead(200, { 'content-type': 'application/json', ...more }).end(JSON.stringify(value));
    if (message?.method === 'initialize') {
      const session = `session-${++this.#sessions}`;
      this.#known.add(session);
      const result = { protocolVersion: '2025-11-25', capabilities: this.#capabilities };
      json({ jsonrpc: '2.0', id: message.id, result }, { 'mcp-session-id': session });
      return;
    }
    const session = headers['mcp-session-id'];
    const isModern = headers['mcp-protocol-version'] === '2026-07-28';
    if (!isModern && (typeof session !== 'string' || !this.#known.has(session))) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end('{"jsonrpc":"2.0","id":null,"error":{"code":-31001,"message":"Session not found"}}');
    } else if (method === 'GET') stream(response);
    else if (method === 'DELETE' || message?.id === undefined || message.method === undefined) {
      response.writeHead(202).end();
    } else json({ jsonrpc: '2.0', id: message.id, result: { echo: message.method } });
  }
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Begins an event stream with some messages in it. */
export function stream(response: ServerResponse, ...messages: string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  for (const message of messages) response.write(`data: ${message}\n\n`);
}

/** A bridge in this process, and what it wrote. */
export class BridgeUnderTest implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly warnings: string[] = [];
  readonly link: GatewayLink;
  readonly bridge: Bridge;

  constructor(dataDir: string, options: Partial<LinkOptions> = {}) {
    this.link = new GatewayLink({ dataDir, patienceMs: 300, token: () => 'token', ...options });
    this.bridge = new Bridge({
      link: this.link,
      pauses: { shortestMs: 20, longestMs: 50 },
      warn: (said) => this.warnings.push(said),
      write: (line) => {
        this.lines.push(line);
        return undefined;
      },
    });
  }

  readonly accept = (line: string): Promise<void> => this.bridge.accept(Buffer.from(line));

  messages(): Record<string, unknown>[] {
    return this.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  answerTo(id: number | string): Record<string, unknown> | undefined {
    return this.messages().find((message) => message.id === id);
  }

  async openSession(): Promise<void> {
    await this.accept(request(0, 'initialize', { protocolVersion: '2025-11-25' }));
    await this.accept(notification('notifications/initialized'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bridge.close(0);
    this.link.close();
  }
}

export const request = (id: number | string, method: string, params: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });

const envelope = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

export const modern = (id: number | string, method: string, params: object = {}): string =>
  request(id, method, { ...params, _meta: envelope });

export const notification = (method: string, params?: object): string =>
  JSON.stringify({ jsonrpc: '2.0', method, ...(params && { params }) });
