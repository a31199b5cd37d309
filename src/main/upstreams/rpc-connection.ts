import { isJsonObject, type JsonObject, METHOD_NOT_FOUND, type RequestId, rpcErrorOf } from './json-rpc.ts';
import { type Link, LinkError } from './link.ts';
import { CLIENT_CAPABILITIES_KEY, CLIENT_INFO_KEY, PROTOCOL_VERSION_KEY } from './protocol-words.ts';
import type { Timers } from './timers.ts';
import { UpstreamError } from './upstream-error.ts';

/** How long a request may take and who hears about it. */
export interface RpcOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without progress; `null`: as long as the connection lives. */
  readonly timeoutMs: number | null;
  /** Milliseconds in all; default: `timeoutMs`. */
  readonly maxTotalMs?: number | undefined;
  readonly onProgress?: ((progress: JsonObject) => void) | undefined;
  readonly onLog?: ((message: JsonObject) => void) | undefined;
  /** False for requests that the protocol does not allow to cancel. */
  readonly cancellable?: boolean | undefined;
  /** Stamps this request instead of what `stampWith` set. */
  readonly envelope?: JsonObject | undefined;
}

export interface RpcListener {
  /** A notification that does not belong to one request. */
  notification(method: string, params: JsonObject): void;
  /** The link ended by itself; every request was ended before this. */
  closed(reason: LinkError): void;
}

/** What the gateway can answer a server that asks back. Anything else is refused in the protocol's own words. */
const ANSWERS: Readonly<Record<string, () => JsonObject>> = {
  ping: () => ({}),
  // Folders are given to servers in their own arguments; there is no client behind this request to ask.
  'roots/list': () => ({ roots: [] }),
};

/**
 * `_meta` keys that describe one leg only and are written anew for the next (protocol 2026-07-28): another leg's token
 * would be answered to nobody, and the app's identity and capabilities are not the server's to know.
 */
const HOP_KEYS = new Set(['progressToken', PROTOCOL_VERSION_KEY, CLIENT_INFO_KEY, CLIENT_CAPABILITIES_KEY]);

interface Pending {
  readonly method: string;
  readonly startedAt: number;
  readonly options: RpcOptions;
  readonly stream: AbortController | undefined;
  readonly resolve: (result: JsonObject) => void;
  readonly reject: (error: UpstreamError) => void;
  readonly release: () => void;
  lastProgress: number;
  stopTimer: () => void;
}

/**
 * Requests and answers over one link: new ids and progress tokens on this leg, cancellation, deadlines. Params and
 * results pass through as they are.
 *
 * Own code instead of the SDK's `Client`: that one drops or rewrites what it does not know (`resultType`, unknown
 * content blocks, error -32002) and costs most of a proxied call's time.
 */
export class RpcConnection {
  /** The server's name, for sentences about it. */
  readonly #name: string;
  readonly #link: Link;
  readonly #timers: Timers;
  readonly #listener: RpcListener;
  readonly #pending = new Map<number, Pending>();
  /** Fields every request of the modern era carries in `_meta`. */
  #envelope: JsonObject | undefined;
  #nextId = 1;
  #closedBecause: LinkError | undefined;

  constructor(options: {
    readonly name: string;
    readonly link: Link;
    readonly timers: Timers;
    readonly listener: RpcListener;
  }) {
    this.#name = options.name;
    this.#link = options.link;
    this.#timers = options.timers;
    this.#listener = options.listener;
    this.#link.listen({
      message: (message) => this.#receive(message),
      closed: (reason) => {
        this.#fail(reason);
        this.#listener.closed(reason);
      },
    });
  }

  /** True when nothing can be sent any more. */
  get isClosed(): boolean {
    return this.#closedBecause !== undefined;
  }

  /** From now on every request is stamped with these `_meta` fields (2026-07-28: version, capabilities, client). */
  stampWith(envelope: JsonObject): void {
    this.#envelope = envelope;
  }

  /** Sends a request and gives its raw result. @throws UpstreamError */
  request(method: string, params: JsonObject | undefined, options: RpcOptions): Promise<JsonObject> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(cancelled(method, true));
    if (this.#closedBecause) return Promise.reject(this.#downError(this.#closedBecause, true));
    const id = this.#nextId++;
    return new Promise<JsonObject>((resolve, reject) => {
      const onAbort = () => this.#abandon(id, cancelled(method, false), 'The caller cancelled the request.');
      signal?.addEventListener('abort', onAbort, { once: true });
      const stream = this.#link.streams ? new AbortController() : undefined;
      const pending: Pending = {
        method,
        startedAt: this.#timers.now(),
        options,
        stream,
        resolve,
        reject,
        release: () => signal?.removeEventListener('abort', onAbort),
        lastProgress: Number.NEGATIVE_INFINITY,
        stopTimer: () => undefined,
      };
      this.#pending.set(id, pending);
      this.#armTimer(id, pending);
      const stamped = this.#stamp(params, options.envelope ?? this.#envelope, options.onProgress ? id : undefined);
      const message = { jsonrpc: '2.0' as const, id, method, ...(stamped && { params: stamped }) };
      this.#link
        .send(message, {
          signal: stream?.signal,
          onStreamEnd: (reason) => {
            // The usual end comes after the answer; making an error costs more than the rest of this.
            if (!this.#pending.has(id)) return;
            this.#settle(id, { error: reason ? this.#sendError(reason, method) : this.#unanswered(method) });
          },
        })
        .catch((error: unknown) => this.#settle(id, { error: this.#sendError(error, method) }));
    });
  }

  /** Sends a notification; a failure is left to the requests beside it to report. */
  notify(method: string, params?: JsonObject): void {
    this.#link.send({ jsonrpc: '2.0', method, ...(params && { params }) }).catch(() => undefined);
  }

  /** Ends every request with `server_down`. The link itself is closed by its owner. */
  fail(reason: LinkError): void {
    this.#fail(reason);
  }

  #stamp(
    params: JsonObject | undefined,
    envelope: JsonObject | undefined,
    progressToken: number | undefined,
  ): JsonObject | undefined {
    const given = isJsonObject(params?._meta) ? params._meta : undefined;
    const isForeign = given !== undefined && Object.keys(given).some((key) => HOP_KEYS.has(key));
    if (!envelope && progressToken === undefined && !isForeign) return params;
    const kept = Object.entries(given ?? {}).filter(([key]) => !HOP_KEYS.has(key));
    const meta: JsonObject = { ...Object.fromEntries(kept), ...envelope };
    if (progressToken !== undefined) meta.progressToken = progressToken;
    return { ...params, _meta: meta };
  }

  #armTimer(id: number, pending: Pending): void {
    pending.stopTimer();
    const { timeoutMs, maxTotalMs = timeoutMs } = pending.options;
    if (timeoutMs === null) return;
    const left = pending.startedAt + (maxTotalMs ?? timeoutMs) - this.#timers.now();
    const wait = Math.max(0, Math.min(timeoutMs, left));
    pending.stopTimer = this.#timers.after(wait, () => {
      const seconds = Math.round((this.#timers.now() - pending.startedAt) / 100) / 10;
      this.#abandon(
        id,
        new UpstreamError('timeout', `${this.#name} did not answer ${pending.method} within ${seconds} s.`, {
          notSent: false,
        }),
        'No answer in time.',
      );
    });
  }

  /** Gives a request up and tells the server. */
  #abandon(id: number, error: UpstreamError, reason: string): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#settle(id, { error });
    if (pending.options.cancellable === false) return;
    // 2026-07-28 over HTTP: ending the response stream is the cancellation. Elsewhere a notification is.
    if (!(pending.stream && this.#envelope)) this.notify('notifications/cancelled', { requestId: id, reason });
    pending.stream?.abort();
  }

  #settle(id: number, outcome: { readonly error: UpstreamError } | { readonly result: JsonObject }): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    pending.stopTimer();
    pending.release();
    if ('error' in outcome) pending.reject(outcome.error);
    else pending.resolve(outcome.result);
  }

  #fail(reason: LinkError): void {
    this.#closedBecause ??= reason;
    for (const id of [...this.#pending.keys()]) this.#settle(id, { error: this.#downError(reason, false) });
  }

  #receive(message: JsonObject): void {
    const { id, method } = message;
    if (typeof method === 'string') {
      const params = isJsonObject(message.params) ? message.params : {};
      if (typeof id === 'string' || typeof id === 'number') this.#answer(id, method);
      else this.#notified(method, params);
      return;
    }
    if (typeof id !== 'number' || !this.#pending.has(id)) return;
    const error = rpcErrorOf(message);
    if (error) {
      const text = `${this.#name} answered with error ${error.code}: ${error.message.slice(0, 2_000)}`;
      this.#settle(id, { error: new UpstreamError('upstream_error', text, { notSent: false, rpcError: error }) });
    } else if (isJsonObject(message.result)) {
      this.#settle(id, { result: message.result });
    } else {
      const text = `${this.#name} answered with something that is neither a result nor an error.`;
      this.#settle(id, { error: new UpstreamError('upstream_error', text, { notSent: false }) });
    }
  }

  #answer(id: RequestId, method: string): void {
    const answer = Object.hasOwn(ANSWERS, method) ? ANSWERS[method] : undefined;
    const response = answer
      ? { jsonrpc: '2.0' as const, id, result: answer() }
      : {
          jsonrpc: '2.0' as const,
          id,
          error: { code: METHOD_NOT_FOUND, message: `Gatehouse does not answer ${method.slice(0, 100)}.` },
        };
    this.#link.send(response).catch(() => undefined);
  }

  #notified(method: string, params: JsonObject): void {
    if (method === 'notifications/progress') {
      this.#progressed(params);
      return;
    }
    if (method === 'notifications/message' && this.#pending.size === 1) {
      // Logs carry no request id; they surely belong to a request only while it is alone.
      for (const pending of this.#pending.values()) pending.options.onLog?.(params);
    }
    this.#listener.notification(method, params);
  }

  #progressed(params: JsonObject): void {
    const { progressToken, ...progress } = params;
    const pending = typeof progressToken === 'number' ? this.#pending.get(progressToken) : undefined;
    // The value must increase (spec); a server that repeats itself does not earn more time.
    if (!pending?.options.onProgress || typeof progress.progress !== 'number') return;
    if (!(progress.progress > pending.lastProgress)) return;
    pending.lastProgress = progress.progress;
    this.#armTimer(Number(progressToken), pending);
    pending.options.onProgress(progress);
  }

  #unanswered(method: string): UpstreamError {
    return new UpstreamError('upstream_error', `${this.#name} ended its response to ${method} without an answer.`, {
      notSent: false,
    });
  }

  #downError(reason: LinkError, notSent: boolean): UpstreamError {
    const code = reason.kind === 'too_large' && !notSent ? 'upstream_error' : 'server_down';
    return new UpstreamError(code, `${this.#name} did not answer: ${reason.message}`, { notSent, cause: reason });
  }

  #sendError(error: unknown, method: string): UpstreamError {
    if (!(error instanceof LinkError)) {
      return new UpstreamError('upstream_error', `${method} could not be sent to ${this.#name}.`, {
        notSent: true,
        cause: error,
      });
    }
    const rpcError = rpcErrorInside(error);
    const code = error.kind === 'gone' || error.kind === 'session_lost' ? 'server_down' : 'upstream_error';
    return new UpstreamError(code, `${this.#name} did not answer ${method}: ${error.message}`, {
      notSent: error.notSent,
      cause: error,
      ...(rpcError && { rpcError }),
    });
  }
}

function cancelled(method: string, notSent: boolean): UpstreamError {
  return new UpstreamError('cancelled', `The request ${method} was cancelled.`, { notSent });
}

/** HTTP errors often carry a JSON-RPC error as their body; the SDK leaves its text in the cause. */
function rpcErrorInside(error: LinkError): ReturnType<typeof rpcErrorOf> {
  const { cause } = error;
  const data = cause instanceof Error && 'data' in cause && isJsonObject(cause.data) ? cause.data : undefined;
  if (typeof data?.text !== 'string') return undefined;
  try {
    return rpcErrorOf(JSON.parse(data.text));
  } catch {
    return undefined;
  }
}
