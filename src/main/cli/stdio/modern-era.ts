/** A client of revision 2026-07-28: every request is a POST of its own, mirrored into headers. */
import { ParamHeaders } from '@shared/mirrored-headers.ts';
import { type Courier, type CourierOptions, errorIn, jsonHeaders } from './courier.ts';
import { isAnswer, isRecord, isRequest, type Message, type Request, readFrame } from './message.ts';
import { mirrorHeaders } from './mirror-headers.ts';
import type { PauseTimes } from './pauses.ts';
import { Subscriptions } from './subscriptions.ts';

export interface ModernEraOptions extends CourierOptions {
  readonly courier: Courier;
  readonly pauses: PauseTimes;
}

/** The headers and the body disagree: the request was not carried out. */
const headerMismatch = -32020;
/** Pages of a tool list the bridge reads to find out what to mirror. */
const mostPages = 50;
const ownId = 'gatehouse-bridge';

export class ModernEra {
  readonly #courier: Courier;
  readonly #subscriptions: Subscriptions;
  readonly #params = new ParamHeaders();
  readonly #closing = new AbortController();
  /** Of the client's requests so far; notifications need not name it. */
  #version: string | undefined;

  constructor(options: ModernEraOptions) {
    this.#courier = options.courier;
    this.#subscriptions = new Subscriptions(options);
  }

  /** True when the client has spoken this revision. */
  get isUsed(): boolean {
    return this.#version !== undefined;
  }

  /** Resolves when a request is answered, a notification delivered. Never rejects. */
  async accept(message: Message): Promise<void> {
    this.#version = message.envelopeVersion ?? this.#version;
    if (!isRequest(message)) {
      await this.#courier.tell(message.body, this.#headersOf(message), this.#closing.signal);
    } else if (message.method === 'subscriptions/listen') await this.#subscriptions.follow(message);
    else await this.#ask(message);
  }

  close(): void {
    this.#closing.abort();
  }

  async #ask(message: Request): Promise<void> {
    let sent: Record<string, string> = {};
    await this.#courier.ask(message, {
      isModern: true,
      headers: () => {
        sent = this.#headersOf(message);
        return sent;
      },
      ...(message.method === 'tools/list' && {
        readsResult: true,
        heard: (frame, text) => {
          if (isAnswer(frame, message.id)) this.#learn(text, frame.result);
        },
      }),
      ...(message.method === 'tools/call' && {
        again: async (reply) => {
          if (reply.status !== 400 || errorIn(reply.text)?.code !== headerMismatch) return false;
          await this.#learnAll(message);
          return JSON.stringify(this.#headersOf(message)) !== JSON.stringify(sent);
        },
      }),
    });
  }

  #headersOf(message: Message): Record<string, string> {
    return {
      ...jsonHeaders,
      ...mirrorHeaders(message, message.envelopeVersion ?? this.#version),
      ...(message.method === 'tools/call' ? this.#params.headersFor(message.params) : {}),
    };
  }

  /** @param text the answer as text, which tells cheaply that there is nothing to learn */
  #learn(text: string, result: Readonly<Record<string, unknown>> | undefined): void {
    if (!Array.isArray(result?.tools) || (this.#params.isEmpty && !text.includes('x-mcp-header'))) return;
    this.#params.learn(result.tools);
  }

  /** Reads the tool list in the client's name: it called without asking for the list, or with an older one. */
  async #learnAll({ params, envelopeVersion }: Request): Promise<void> {
    const { progressToken: _, ..._meta } = isRecord(params._meta) ? params._meta : {};
    let cursor: unknown;
    for (let page = 0; page < mostPages; page += 1) {
      const asked = { _meta, ...(cursor !== undefined && { cursor }) };
      const body = JSON.stringify({ jsonrpc: '2.0', id: ownId, method: 'tools/list', params: asked });
      const headers = { ...jsonHeaders, 'mcp-protocol-version': envelopeVersion ?? '', 'mcp-method': 'tools/list' };
      const reply = await this.#courier.post(body, headers, { signal: this.#closing.signal, isRepeatable: true });
      cursor = undefined;
      for await (const text of reply.messages()) {
        const frame = readFrame(text);
        if (!isAnswer(frame, ownId)) continue;
        this.#learn(text, frame?.result);
        cursor = frame?.result?.nextCursor;
      }
      if (typeof cursor !== 'string') return;
    }
  }
}
