/** Carries the client's messages to the gateway and passes on what comes back, until each request has its answer. */
import { type GatewayLink, LinkError } from './gateway-link.ts';
import { bridgeError, type Frame, isAnswer, isRecord, type Request, readFrame } from './message.ts';
import { type Reply, replyOf } from './reply.ts';

export type Link = Pick<GatewayLink, 'send' | 'isThere'>;

export interface CourierOptions {
  readonly link: Link;
  /** Writes one message to the client. A promise means: wait before you write more. */
  readonly write: (line: string) => Promise<void> | undefined;
  /** Says something to whoever reads stderr. Never holds content of messages. */
  readonly warn: (text: string) => void;
}

/** A request of the client that is under way. */
export interface Exchange {
  readonly request: Request;
  /** Closing the response is what cancels it at the gateway; other revisions say so with a message. */
  readonly isModern: boolean;
  /** Lives as long as the client wants it to; nobody waits for its end. */
  readonly isEndless: boolean;
  readonly abort: AbortController;
  /** Resolves when the gateway has all of it, as far as this computer can tell, or when it is over. */
  readonly sent: Promise<void>;
  isSent: boolean;
  /** The client no longer waits for an answer; one that comes all the same is passed on, its absence is no error. */
  isCancelled: boolean;
  readonly markSent: () => void;
}

/** How requests of one era travel. */
export interface Carriage {
  readonly isModern: boolean;
  /** Waits for what has to happen first. Throws LinkError. */
  readonly before?: () => Promise<void>;
  readonly headers: () => Record<string, string>;
  /** True when something was set right for which the gateway refused, so that the request is sent once more. */
  readonly again?: (reply: Reply) => Promise<boolean>;
  /** Whether `heard` wants the result itself too, which is not parsed otherwise. */
  readonly readsResult?: boolean;
  /** Hears each message that comes back, before the client does. */
  readonly heard?: (frame: Frame, text: string, reply: Reply, exchange: Exchange) => void;
  /** The request ended without an answer. */
  readonly failed?: (exchange: Exchange) => void;
}

export interface PostOptions {
  readonly signal: AbortSignal;
  /** Sending it twice changes nothing. */
  readonly isRepeatable?: boolean;
  readonly onSent?: () => void;
}

export const jsonHeaders = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
} as const;

/** Requests that may be under way together: each has a connection of its own. */
const mostInFlight = 256;
/** Attempts for a message that surely did not arrive. */
const mostAttempts = 3;

/** Answered from what Gatehouse knows: asking again after a broken connection changes nothing anywhere. */
const repeatable: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
]);

export class Courier {
  readonly #options: CourierOptions;
  readonly #inFlight = new Map<string, Exchange>();
  #onIdle: (() => void) | undefined;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** Sends a request and passes on all that comes back for it. Never rejects: what fails is answered with an error. */
  ask(request: Request, carriage: Carriage): Promise<void> {
    return this.track(request, carriage, async (exchange) => {
      await carriage.before?.();
      if (exchange.isCancelled) return;
      const post = () =>
        this.post(request.body, carriage.headers(), {
          signal: exchange.abort.signal,
          isRepeatable: repeatable.has(request.method),
          onSent: exchange.markSent,
        });
      let reply = await post();
      if (await carriage.again?.(reply)) reply = await post();
      await this.passOn(exchange, reply, carriage);
    });
  }

  /** Keeps a request cancellable while `work` is on it, and answers it with an error when that fails. */
  async track(
    request: Request,
    { isModern, failed, isEndless = false }: Pick<Carriage, 'isModern' | 'failed'> & { readonly isEndless?: boolean },
    work: (exchange: Exchange) => Promise<void>,
  ): Promise<void> {
    if (this.#inFlight.size >= mostInFlight) {
      const text = `More than ${mostInFlight} requests are under way. Wait for answers before you ask more.`;
      await this.#options.write(bridgeError(request.idText, text, true));
      return;
    }
    const key = JSON.stringify(request.id);
    const exchange = exchangeOf(request, isModern, isEndless);
    this.#inFlight.set(key, exchange);
    try {
      await work(exchange);
    } catch (error) {
      failed?.(exchange);
      // The client withdrew the request, or is gone: there is nobody to answer.
      if (!exchange.isCancelled && !exchange.abort.signal.aborted) await this.#answerFailure(request, error);
    } finally {
      exchange.markSent();
      this.#over(key, exchange);
    }
  }

  /** Sends a message and gives what comes back. Repeats what surely did not arrive. Throws LinkError. */
  async post(body: Buffer | string, headers: Record<string, string>, options: PostOptions): Promise<Reply> {
    const { signal, isRepeatable = false, onSent } = options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const request = { method: 'POST', headers, body, signal, ...(onSent && { onSent }) } as const;
        return await replyOf(await this.#options.link.send(request));
      } catch (error) {
        const isHarmless =
          error instanceof LinkError && (error.kind === 'not-sent' || (error.kind === 'lost' && isRepeatable));
        if (!isHarmless || signal.aborted || attempt === mostAttempts) throw error;
      }
    }
  }

  /** Sends what needs no answer: notifications, and answers to the gateway's questions. Never rejects. */
  async tell(body: Buffer, headers: Record<string, string>, signal: AbortSignal): Promise<Reply | undefined> {
    try {
      const reply = await this.post(body, headers, { signal });
      if (reply.status >= 400) this.#options.warn(`Gatehouse did not take a message (HTTP ${reply.status}).`);
      return reply;
    } catch (error) {
      if (!signal.aborted) this.#options.warn(reasonOf(error));
      return undefined;
    }
  }

  /** Passes on what comes back for a request, up to its answer. Throws LinkError when the answer does not come. */
  async passOn(
    exchange: Exchange,
    reply: Reply,
    { heard, readsResult = false }: Pick<Carriage, 'heard' | 'readsResult'>,
  ): Promise<void> {
    const { request } = exchange;
    // How the gateway begins a result: it need not be parsed when nobody wants to know what is in it.
    const result = `{"jsonrpc":"2.0","id":${request.idText},"result":`;
    let isAnswered = false;
    for await (const text of reply.messages()) {
      if (!readsResult && text.startsWith(result)) isAnswered = true;
      else {
        const frame = readFrame(text);
        if (!frame || (reply.text !== undefined && !isAnswer(frame, request.id))) continue;
        heard?.(frame, text, reply, exchange);
        isAnswered ||= isAnswer(frame, request.id);
      }
      // The client may use the id again as soon as it reads the answer.
      if (isAnswered) this.#over(JSON.stringify(request.id), exchange);
      await this.#options.write(text);
    }
    if (isAnswered) return;
    if (reply.text === undefined) {
      throw new LinkError('The connection to Gatehouse was lost before the answer came.', 'lost');
    }
    // 202 without a body: the request was cancelled, and nobody waits.
    if (reply.status !== 202 || !exchange.isCancelled) await this.#options.write(refusedByHttp(request, reply));
  }

  /** Marks a request as no longer wanted and gives it; undefined when there is no such request. */
  cancel(requestId: unknown): Exchange | undefined {
    const exchange = this.#inFlight.get(JSON.stringify(requestId) ?? '');
    if (!exchange || exchange.request.method === 'initialize') return undefined;
    exchange.isCancelled = true;
    if (exchange.isModern || !exchange.isSent) exchange.abort.abort();
    return exchange;
  }

  /** Waits up to `graceMs` for answers under way, then gives up on what is left. */
  async close(graceMs: number): Promise<void> {
    for (const { abort, isEndless } of this.#inFlight.values()) if (isEndless) abort.abort();
    if (this.#isBusy() && graceMs > 0) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((done) => {
        this.#onIdle = done;
        timer = setTimeout(done, graceMs);
      });
      clearTimeout(timer);
    }
    for (const { abort } of this.#inFlight.values()) abort.abort();
  }

  #isBusy(): boolean {
    return [...this.#inFlight.values()].some(({ isEndless, isCancelled }) => !isEndless && !isCancelled);
  }

  #over(key: string, exchange: Exchange): void {
    if (this.#inFlight.get(key) === exchange) this.#inFlight.delete(key);
    if (this.#onIdle && !this.#isBusy()) this.#onIdle();
  }

  async #answerFailure(request: Request, error: unknown): Promise<void> {
    const isNotSent = error instanceof LinkError && error.kind !== 'lost';
    const unknown = isNotSent || repeatable.has(request.method) ? '' : ' Whether it was carried out is not known.';
    await this.#options.write(bridgeError(request.idText, `${reasonOf(error)}${unknown}`, isNotSent));
  }
}

function exchangeOf(request: Request, isModern: boolean, isEndless: boolean): Exchange {
  const { promise, resolve } = Promise.withResolvers<void>();
  const exchange: Exchange = {
    request,
    isModern,
    isEndless,
    abort: new AbortController(),
    sent: promise,
    isSent: false,
    isCancelled: false,
    markSent: () => {
      exchange.isSent = true;
      resolve();
    },
  };
  return exchange;
}

function reasonOf(error: unknown): string {
  return error instanceof LinkError ? error.message : 'The message could not be carried to Gatehouse.';
}

/** An HTTP refusal as the JSON-RPC error the client waits for: the gateway's own when it gave one. */
function refusedByHttp({ idText }: Request, { status, text }: Reply): string {
  const error = errorIn(text);
  if (error) return `{"jsonrpc":"2.0","id":${idText},"error":${JSON.stringify(error)}}`;
  const hint = status >= 500 ? ' Its log says why; try again, or restart it.' : '';
  return bridgeError(idText, `Gatehouse gave no answer, but HTTP status ${status}.${hint}`, false);
}

/** The JSON-RPC error in the body of a refusal, which need not carry the id of the request. */
export function errorIn(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) && isRecord(value.error) && typeof value.error.code === 'number' ? value.error : undefined;
  } catch {
    return undefined;
  }
}
