import type { JsonObject } from '../../../src/main/upstreams/json-rpc.ts';
import type { Link, LinkError, LinkReceiver, Outgoing, SendOptions } from '../../../src/main/upstreams/link.ts';
import { deliver } from '../../../src/main/upstreams/message-text.ts';
import type { RpcOptions } from '../../../src/main/upstreams/pending-request.ts';
import { RpcConnection, type RpcConnectionOptions } from '../../../src/main/upstreams/rpc-connection.ts';
import type { CallerSide, ServerQuestion, WrittenJson } from '../../../src/main/upstreams/types.ts';
import { ManualTimers } from './manual-timers.ts';

/** A link whose other end is the test. */
export class TestLink implements Link {
  readonly pid = null;
  readonly streams: boolean;
  /** What was sent, parsed. */
  readonly sent: JsonObject[] = [];
  /** The same as it was written. */
  readonly messages: Outgoing[] = [];
  readonly options: SendOptions[] = [];
  receiver: LinkReceiver | undefined;
  refuseWith: LinkError | undefined;

  constructor(streams = false) {
    this.streams = streams;
  }
  listen(receiver: LinkReceiver): void {
    this.receiver = receiver;
  }
  async open(): Promise<void> {}
  async send(message: Outgoing, options: SendOptions = {}): Promise<void> {
    if (this.refuseWith) throw this.refuseWith;
    this.sent.push(JSON.parse(message.text));
    this.messages.push(message);
    this.options.push(options);
  }
  agreeOn(): void {}
  async close(): Promise<void> {}
  killNow(): void {}

  /** The server says this, on the response stream of a request when one is named. */
  say(message: JsonObject | string, origin?: number): void {
    const text = typeof message === 'string' ? message : JSON.stringify({ jsonrpc: '2.0', ...message });
    deliver(text, (one, oneText) => this.receiver?.message(one, oneText, origin));
  }

  /** Ids of the calls that were sent, in order. */
  get callIds(): unknown[] {
    return this.sent.filter((message) => message.method === 'tools/call').map((message) => message.id);
  }

  /** What the server was answered to its question. */
  answerTo(id: unknown): JsonObject | undefined {
    return this.sent.find((message) => message.id === id && message.method === undefined);
  }
}

/** A connection over a TestLink, in time that stands still. */
export function setUp(streams = false, more: Partial<RpcConnectionOptions> = {}) {
  const link = new TestLink(streams);
  const timers = new ManualTimers();
  const notifications: { method: string; params: WrittenJson }[] = [];
  const closed: string[] = [];
  const connection = new RpcConnection({
    name: 'x',
    link,
    timers,
    listener: {
      notification: (method, params) => notifications.push({ method, params }),
      closed: (reason) => closed.push(reason.message),
    },
    ...more,
  });
  const request = async (params: JsonObject | undefined, options: Partial<RpcOptions> = {}) =>
    (await connection.request('tools/call', { params }, { timeoutMs: 1_000, ...options })).value;
  const answer = (id: unknown, rest: JsonObject) => link.say({ id, ...rest });
  return { link, timers, notifications, closed, connection, request, answer };
}

/** A caller that keeps what it is asked and answers when told to. */
export class TestCaller implements CallerSide {
  readonly app = 'app';
  readonly session: string | null;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly asked: { question: ServerQuestion; signal: AbortSignal; answer: PromiseWithResolvers<WrittenJson> }[] = [];
  readonly notified: { method: string; params: WrittenJson }[] = [];

  constructor(session: string | null, capabilities: Readonly<Record<string, unknown>> = EVERYTHING) {
    this.session = session;
    this.capabilities = capabilities;
  }
  ask(question: ServerQuestion, signal: AbortSignal): Promise<WrittenJson> {
    const answer = Promise.withResolvers<WrittenJson>();
    this.asked.push({ question, signal, answer });
    return answer.promise;
  }
  notify(method: string, params: WrittenJson): void {
    this.notified.push({ method, params });
  }
}

export const EVERYTHING = { roots: {}, sampling: { tools: {} }, elicitation: { form: {}, url: {} } };

/** Lets promises that are settled run what waits for them. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

export const written = (value: Record<string, unknown>): WrittenJson => ({ value, json: JSON.stringify(value) });
