import { memberText } from '@shared/json-text.ts';
import { ParamHeaders } from '@shared/mirrored-headers.ts';
import { AskMemory } from './ask-memory.ts';
import { canAnswerSomething } from './client-capabilities.ts';
import { type Envelope, paramsTextFor } from './envelope.ts';
import {
  callText,
  HEADER_MISMATCH,
  isJsonObject,
  type JsonObject,
  rpcErrorOf,
  UNSUPPORTED_PROTOCOL_VERSION,
  URL_ELICITATION_REQUIRED,
} from './json-rpc.ts';
import { Lanes } from './lanes.ts';
import type { Link, LinkError } from './link.ts';
import { listTools } from './listing.ts';
import type { Pending, RpcOptions, RpcParams } from './pending-request.ts';
import { elicitationsIn } from './questions.ts';
import { RequestFailures } from './request-failures.ts';
import { mirrorHeaders } from './request-headers.ts';
import { ServerSpeech } from './server-speech.ts';
import type { Timers } from './timers.ts';
import type { CallerSide, WrittenJson } from './types.ts';
import { UpstreamError } from './upstream-error.ts';

export interface RpcListener {
  /** A notification that does not belong to one request, or is for the server's log as well. */
  notification(method: string, params: WrittenJson): void;
  /** The link ended by itself; every request was ended before this. */
  closed(reason: LinkError): void;
}

export interface RpcConnectionOptions {
  /** The server's name, for sentences about it. */
  readonly name: string;
  readonly link: Link;
  readonly timers: Timers;
  readonly listener: RpcListener;
  /** What is known of this launch's tools; default: nothing yet. */
  readonly askMemory?: AskMemory | undefined;
  /** Who answers questions that belong to no request, when all of the connection is one app's or session's. */
  readonly asker?: CallerSide | undefined;
}

/**
 * Requests and answers over one link: new ids and progress tokens on this leg, cancellation, deadlines, and questions
 * from the server to the caller they belong to. Params and results pass through as they were written.
 *
 * Own code instead of the SDK's `Client`: that one drops or rewrites what it does not know (`resultType`, unknown
 * content blocks, error -32002) and costs most of a proxied call's time.
 */
export class RpcConnection {
  readonly #link: Link;
  readonly #timers: Timers;
  readonly #listener: RpcListener;
  readonly #asks: AskMemory;
  readonly #failures: RequestFailures;
  readonly #pending = new Map<number, Pending>();
  readonly #lanes: Lanes<Pending>;
  readonly #speech: ServerSpeech;
  readonly #paramHeaders = new ParamHeaders();
  /** Set when the server is of the modern era. */
  #envelope: Envelope | undefined;
  #nextId = 1;
  #closedBecause: LinkError | undefined;

  constructor(options: RpcConnectionOptions) {
    this.#link = options.link;
    this.#timers = options.timers;
    this.#listener = options.listener;
    this.#asks = options.askMemory ?? new AskMemory();
    this.#failures = new RequestFailures(options.name);
    this.#lanes = new Lanes({
      memory: this.#asks,
      now: () => this.#timers.now(),
      onTurn: (pending) => this.#send(pending),
    });
    this.#speech = new ServerSpeech({
      timers: this.#timers,
      lanes: this.#lanes,
      memory: this.#asks,
      asker: options.asker,
      hasStreams: this.#link.streams,
      isModern: () => this.#envelope !== undefined,
      pendingOf: (id) => this.#pending.get(id),
      pending: () => this.#pending.values(),
      renew: (pending) => this.#armTimer(pending),
      send: (text) => this.#reply(text),
      onNotification: (method, params) => this.#listener.notification(method, params),
    });
    this.#link.listen({
      message: (message, text, origin) => this.#receive(message, text, origin),
      closed: (reason) => {
        this.fail(reason);
        this.#listener.closed(reason);
      },
    });
  }

  /** True when nothing can be sent any more. */
  get isClosed(): boolean {
    return this.#closedBecause !== undefined;
  }

  /** True when headers repeat arguments, so that tools must be marked for it in a valid way (2026-07-28 over HTTP). */
  get mirrorsArguments(): boolean {
    return this.#envelope !== undefined && this.#link.streams;
  }

  /** The server is of the modern era: from now on every request is stamped. */
  stampWith(envelope: Envelope): void {
    this.#envelope = envelope;
  }

  /** Takes the tools of a whole listing, so that headers can repeat their arguments. */
  learnTools(tools: readonly unknown[]): void {
    this.#paramHeaders.forget();
    this.#paramHeaders.learn(tools);
  }

  /** Sends a request and gives its result as it was written. @throws UpstreamError */
  request(method: string, given: RpcParams, options: RpcOptions): Promise<WrittenJson> {
    return method === 'tools/call' && this.mirrorsArguments
      ? this.#requestMirrored(method, given, options)
      : this.#request(method, given, options);
  }

  /** Sends a notification; a failure is left to the requests beside it to report. */
  notify(method: string, params?: JsonObject): void {
    this.#link.send({ text: callText(method, params && JSON.stringify(params)), method }).catch(() => undefined);
  }

  /** Ends every request with `server_down`. The link itself is closed by its owner. */
  fail(reason: LinkError): void {
    this.#closedBecause ??= reason;
    this.#speech.questions.closeAll();
    this.#lanes.close();
    for (const pending of [...this.#pending.values()]) {
      this.#settle(pending, this.#failures.down(reason, !pending.isSent));
    }
  }

  /** What headers must repeat may have changed since the tools were listed; the refused call was not run. */
  async #requestMirrored(method: string, given: RpcParams, options: RpcOptions): Promise<WrittenJson> {
    try {
      return await this.#request(method, given, options);
    } catch (error) {
      if (!(error instanceof UpstreamError) || error.rpcError?.code !== HEADER_MISMATCH) throw error;
      await listTools(this, options.signal, () => this.#timers.now());
      return await this.#request(method, given, options);
    }
  }

  #request(method: string, given: RpcParams, options: RpcOptions): Promise<WrittenJson> {
    const { signal, caller } = options;
    if (signal?.aborted) return Promise.reject(this.#failures.cancelled(method, true));
    if (this.#closedBecause) return Promise.reject(this.#failures.down(this.#closedBecause, true));
    return new Promise<WrittenJson>((resolve, reject) => {
      const id = this.#nextId++;
      const pending: Pending = {
        id,
        method,
        given,
        options,
        lane: caller?.session ?? id,
        subject: options.subject ?? method,
        canAnswer: caller !== undefined && canAnswerSomething(caller.capabilities),
        startedAt: this.#timers.now(),
        stream: this.#link.streams ? new AbortController() : undefined,
        resolve,
        reject,
        onAbort: () => {
          this.#abandon(
            pending,
            this.#failures.cancelled(method, !pending.isSent),
            'The caller cancelled the request.',
          );
        },
        isSent: false,
        openQuestions: 0,
        askingSince: undefined,
        lastProgress: Number.NEGATIVE_INFINITY,
        progress: undefined,
        logRate: undefined,
        stopTimer: undefined,
      };
      signal?.addEventListener('abort', pending.onAbort, { once: true });
      this.#pending.set(id, pending);
      this.#armTimer(pending);
      const turn = this.#isInLane(pending) ? this.#lanes.enter(pending, this.#holdsBack()) : 'sent';
      if (turn === 'sent') this.#transmit(pending);
      else if (turn === 'full') this.#settle(pending, this.#failures.crowded(method));
    });
  }

  /** Calls of a caller, while the server may ask back. Gatehouse's own requests do not count. */
  #isInLane(pending: Pending): boolean {
    return pending.options.caller !== undefined && !this.#envelope;
  }

  #holdsBack(): boolean {
    return !this.#link.streams || this.#asks.holdsBack;
  }

  /** Its turn has come. */
  #send(pending: Pending): void {
    if (!this.#pending.has(pending.id)) return;
    this.#armTimer(pending);
    this.#transmit(pending);
  }

  #transmit(pending: Pending): void {
    const { id, method, given, options } = pending;
    pending.isSent = true;
    const { link, envelope } = { link: this.#link, envelope: options.envelope ?? this.#envelope };
    let own = envelope ? envelope.membersFor(method, options.caller, options.logLevel) : '';
    if (options.onProgress) own += `${own === '' ? '' : ','}"progressToken":${id}`;
    const params = given.params ?? parsedParams(given.paramsJson);
    const text = callText(method, paramsTextFor(params, given.paramsJson, own), id);
    const sending = link.streams
      ? link.send(
          { text, id, method, headers: envelope && this.#headersFor(method, params) },
          { signal: pending.stream?.signal, onStreamEnd: (reason) => this.#streamEnded(pending, reason) },
        )
      : link.send({ text, id, method });
    sending.catch((error: unknown) => this.#settle(pending, this.#failures.notTaken(error, method)));
  }

  #headersFor(method: string, params: JsonObject | undefined): Readonly<Record<string, string>> {
    const mirrored = mirrorHeaders(method, params);
    const extra = method === 'tools/call' ? this.#paramHeaders.headersFor(params) : undefined;
    return extra ? { ...extra, ...mirrored } : mirrored;
  }

  #streamEnded(pending: Pending, reason: LinkError | undefined): void {
    // The usual end comes after the answer; making an error costs more than the rest of this.
    if (!this.#pending.has(pending.id)) return;
    const { method } = pending;
    this.#settle(pending, reason ? this.#failures.notTaken(reason, method) : this.#failures.unanswered(method));
  }

  /** While the caller is asked only the total counts: a person may think for longer than a server may be silent. */
  #armTimer(pending: Pending): void {
    pending.stopTimer?.();
    const { timeoutMs, maxTotalMs = timeoutMs } = pending.options;
    if (timeoutMs === null) return;
    const left = Math.max(0, pending.startedAt + (maxTotalMs ?? timeoutMs) - this.#timers.now());
    const wait = pending.openQuestions > 0 ? left : Math.min(timeoutMs, left);
    pending.stopTimer = this.#timers.after(wait, () => this.#timedOut(pending));
  }

  #timedOut(pending: Pending): void {
    const { method, isSent } = pending;
    const waited = this.#timers.now() - pending.startedAt;
    const error = isSent ? this.#failures.silent(method, waited) : this.#failures.busy(method, waited);
    this.#abandon(pending, error, 'No answer in time.');
  }

  /** Gives a request up and tells the server. */
  #abandon(pending: Pending, error: UpstreamError, reason: string): void {
    if (!this.#pending.has(pending.id)) return;
    const { id, isSent, options, stream } = pending;
    this.#settle(pending, error, true);
    if (!isSent || options.cancellable === false) return;
    // 2026-07-28 over HTTP: ending the response stream is the cancellation. Elsewhere a notification is.
    if (!(stream && this.#envelope)) this.notify('notifications/cancelled', { requestId: id, reason });
    stream?.abort();
  }

  #settle(pending: Pending, outcome: UpstreamError | WrittenJson, isGivenUp = false): void {
    if (!this.#pending.delete(pending.id)) return;
    const isError = outcome instanceof UpstreamError;
    pending.stopTimer?.();
    pending.options.signal?.removeEventListener('abort', pending.onAbort);
    if (pending.progress) {
      if (isError) pending.progress.stop();
      else pending.progress.finish();
    }
    if (this.#speech.questions.size > 0) this.#speech.questions.callEnded(pending);
    if (isError) pending.reject(outcome);
    else pending.resolve(outcome);
    if (!this.#isInLane(pending)) return;
    // A call that failed may have failed before the point at which it would have asked.
    const isFinished = !isError && outcome.value.isError !== true;
    this.#lanes.leave(pending, isFinished ? 'finished' : isGivenUp ? 'given up' : 'failed');
  }

  #receive(message: JsonObject, text: string, origin: number | undefined): void {
    const { id, method } = message;
    if (typeof method === 'string') {
      if (typeof id === 'string' || typeof id === 'number') this.#speech.asked(id, method, message, text, origin);
      else this.#speech.notified(method, message, text, origin);
      return;
    }
    if (typeof id !== 'number') return;
    const pending = this.#pending.get(id);
    if (pending?.isSent) this.#answered(pending, message, text);
    else this.#lanes.answeredLate(id);
  }

  #answered(pending: Pending, message: JsonObject, text: string): void {
    const error = rpcErrorOf(message, text);
    if (error) {
      const { caller } = pending.options;
      if (error.code === URL_ELICITATION_REQUIRED && caller) {
        for (const elicitation of elicitationsIn(error)) this.#speech.questions.expectEnd(elicitation, caller);
      }
      // The version is this leg's own affair; the app behind the request speaks another, or the same and is not asked.
      const isOurs = error.code === UNSUPPORTED_PROTOCOL_VERSION && this.#envelope !== undefined;
      this.#settle(pending, this.#failures.answeredWith(error, !isOurs));
      return;
    }
    const json = isJsonObject(message.result) ? memberText(text, 'result') : undefined;
    if (isJsonObject(message.result) && json !== undefined) this.#settle(pending, { value: message.result, json });
    else this.#settle(pending, this.#failures.answeredOddly());
  }

  #reply(text: string): void {
    if (!this.#closedBecause) this.#link.send({ text }).catch(() => undefined);
  }
}

function parsedParams(json: string | undefined): JsonObject | undefined {
  const parsed: unknown = json === undefined ? undefined : JSON.parse(json);
  return isJsonObject(parsed) ? parsed : undefined;
}
