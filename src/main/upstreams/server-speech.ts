import { memberText } from '@shared/json-text.ts';
import type { AskMemory } from './ask-memory.ts';
import {
  errorText,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  isJsonObject,
  type JsonObject,
  METHOD_NOT_FOUND,
  type RequestId,
  resultText,
} from './json-rpc.ts';
import { type Lanes, PARK_MS } from './lanes.ts';
import { isWanted } from './log-wanted.ts';
import type { Pending } from './pending-request.ts';
import { MESSAGE_RATE, ProgressFlow } from './progress-flow.ts';
import { isQuestion, Questions } from './questions.ts';
import { RateBound } from './rate-bound.ts';
import type { Timers } from './timers.ts';
import type { CallerSide, ServerQuestion, WrittenJson } from './types.ts';

const NOTHING: WrittenJson = { value: {}, json: '{}' };

export interface ServerSpeechOptions {
  readonly timers: Timers;
  readonly lanes: Lanes<Pending>;
  readonly memory: AskMemory;
  readonly asker: CallerSide | undefined;
  /** True when what a server says for a request comes on that request's own stream. */
  readonly hasStreams: boolean;
  readonly isModern: () => boolean;
  readonly pendingOf: (id: number) => Pending | undefined;
  readonly pending: () => Iterable<Pending>;
  /** Begins the time a request may be silent anew. */
  readonly renew: (pending: Pending) => void;
  /** Takes the text of an answer. */
  readonly send: (text: string) => void;
  /** Hears what belongs to no request, or is for the server's log as well. */
  readonly onNotification: (method: string, params: WrittenJson) => void;
}

/** What a server says that is no answer: questions, progress, log messages, each given to the request it belongs to. */
export class ServerSpeech {
  readonly questions: Questions<Pending>;
  readonly #timers: Timers;
  readonly #lanes: Lanes<Pending>;
  readonly #memory: AskMemory;
  readonly #asker: CallerSide | undefined;
  readonly #hasStreams: boolean;
  readonly #isModern: () => boolean;
  readonly #pendingOf: (id: number) => Pending | undefined;
  readonly #pending: () => Iterable<Pending>;
  readonly #renew: (pending: Pending) => void;
  readonly #send: (text: string) => void;
  readonly #onNotification: (method: string, params: WrittenJson) => void;

  constructor(options: ServerSpeechOptions) {
    this.#timers = options.timers;
    this.#lanes = options.lanes;
    this.#memory = options.memory;
    this.#asker = options.asker;
    this.#hasStreams = options.hasStreams;
    this.#isModern = options.isModern;
    this.#pendingOf = options.pendingOf;
    this.#pending = options.pending;
    this.#renew = options.renew;
    this.#send = options.send;
    this.#onNotification = options.onNotification;
    this.questions = new Questions({
      send: options.send,
      onWait: (pending, isWaiting) => {
        pending.openQuestions += isWaiting ? 1 : -1;
        if (pending.openQuestions === 0) pending.askingSince = undefined;
        else if (pending.askingSince === undefined) this.#beginsToAsk(pending);
        if (this.#pendingOf(pending.id) === pending) this.#renew(pending);
      },
      whenBack: (calls, go) => this.#lanes.answered(calls, go),
    });
  }

  #beginsToAsk(pending: Pending): void {
    pending.askingSince = this.#timers.now();
    this.#timers.after(PARK_MS, () => this.#lanes.reconsider());
  }

  /** A request of the server's. */
  asked(id: RequestId, method: string, message: JsonObject, text: string, origin: number | undefined): void {
    if (method === 'ping') {
      this.#send(resultText(id, '{}'));
      return;
    }
    // 2026-07-28 has no requests from servers.
    if (!isQuestion(method) || this.#isModern()) {
      const refusal = { code: METHOD_NOT_FOUND, message: `Gatehouse does not answer ${method.slice(0, 100)}.` };
      this.#send(errorText(id, refusal));
      return;
    }
    const params = writtenParams(message, text);
    if (!params) {
      this.questions.refuse(id, { code: INVALID_PARAMS, message: 'The params are no object.' });
      return;
    }
    const question: ServerQuestion = { method, params };
    if (origin === undefined) {
      this.#askedAside(id, question);
      return;
    }
    const pending = this.#pendingOf(origin);
    if (pending) this.questions.put(id, question, pending.options.caller, [pending]);
    else this.questions.answerForNobody(id, method);
  }

  /** A question that does not say which request it belongs to. */
  #askedAside(id: RequestId, question: ServerQuestion): void {
    const addressee = this.#lanes.addressee();
    switch (addressee.kind) {
      case 'calls':
        this.questions.put(id, question, addressee.call.options.caller, addressee.candidates);
        break;
      case 'nobody':
        this.questions.put(id, question, this.#asker, []);
        break;
      case 'unable':
        this.questions.answerForUnable(id, question.method);
        break;
      case 'several':
        if (this.#hasStreams) this.#memory.holdBack();
        this.questions.refuse(id, {
          code: INTERNAL_ERROR,
          message: 'Gatehouse cannot tell which of several apps this question is for. Call the tool again.',
        });
        break;
    }
  }

  /** A notification of the server's. */
  notified(method: string, message: JsonObject, text: string, origin: number | undefined): void {
    const params = isJsonObject(message.params) ? message.params : {};
    switch (method) {
      case 'notifications/progress':
        this.#progressed(params);
        return;
      case 'notifications/cancelled':
        this.questions.withdrawn(params.requestId);
        return;
      case 'notifications/elicitation/complete':
        this.questions.elicitationEnded(method, writtenParams(message, text) ?? NOTHING);
        return;
      case 'notifications/message':
        this.#logged(params, origin);
        break;
    }
    this.#onNotification(method, writtenParams(message, text) ?? NOTHING);
  }

  #logged(params: JsonObject, origin: number | undefined): void {
    const pending = origin === undefined ? this.#latestOfOne() : this.#pendingOf(origin);
    if (!pending?.options.onLog || !isWanted(params.level, pending.options.logLevel)) return;
    const now = this.#timers.now();
    pending.logRate ??= new RateBound(MESSAGE_RATE, now);
    if (pending.logRate.take(now)) pending.options.onLog(params);
  }

  /** The call that a log message without an address belongs to: the latest, when all calls are one caller's. */
  #latestOfOne(): Pending | undefined {
    if (!this.#isModern()) return this.#lanes.latestOfOne();
    let latest: Pending | undefined;
    for (const pending of this.#pending()) {
      if (!pending.options.caller) continue;
      if (latest && latest.lane !== pending.lane) return undefined;
      latest = pending;
    }
    return latest;
  }

  #progressed(params: JsonObject): void {
    const { progressToken, ...progress } = params;
    const pending = typeof progressToken === 'number' ? this.#pendingOf(progressToken) : undefined;
    if (!pending?.options.onProgress || !pending.isSent || typeof progress.progress !== 'number') return;
    // The value must increase (spec); a server that repeats itself does not earn more time.
    if (!(progress.progress > pending.lastProgress)) return;
    pending.lastProgress = progress.progress;
    this.#renew(pending);
    pending.progress ??= new ProgressFlow(this.#timers, pending.options.onProgress);
    pending.progress.offer(progress);
  }
}

/** The params of a message with their text; undefined when they are no object. */
function writtenParams(message: JsonObject, text: string): WrittenJson | undefined {
  if (message.params === undefined) return NOTHING;
  const json = isJsonObject(message.params) ? memberText(text, 'params') : undefined;
  return isJsonObject(message.params) && json !== undefined ? { value: message.params, json } : undefined;
}
