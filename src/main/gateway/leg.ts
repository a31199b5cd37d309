/** The way of a call that was let through to its server and back. */
import type { TrailStep } from '@shared/contract/index.ts';
import type { Effect } from '@shared/words.ts';
import type { ToolRecord } from '../approvals/index.ts';
import type { Intake } from '../intake/index.ts';
import type { Decision, Grant } from '../policy/index.ts';
import type { SettingsStore } from '../settings/index.ts';
import {
  type CallerSide,
  QuestionRefused,
  type ServerQuestion,
  type UpstreamAnswer,
  UpstreamError,
  type Upstreams,
  type WrittenJson,
} from '../upstreams/index.ts';
import type { Caller, CallLine } from './call.ts';
import type { Errand } from './errand.ts';
import { answerRounds } from './input-rounds.ts';
import { namedQuestion } from './named-questions.ts';
import { asksBack } from './outcome.ts';
import { RPC } from './protocol.ts';
import { questionProblem, requestsProblem } from './question-addresses.ts';
import { type AttemptLimits, route } from './route.ts';

export interface LegRooms {
  readonly intake: Pick<Intake, 'ensureCurrent'>;
  readonly monotonic: () => number;
  readonly random: () => number;
  readonly serverTimeoutMs: (server: string) => number | undefined;
  readonly settings: Pick<SettingsStore, 'get'>;
  readonly upstreams: Pick<Upstreams, 'request' | 'status' | 'instanceFor'>;
}

export interface Passed {
  readonly caller: Caller;
  readonly errand: Errand;
  readonly offer: ToolRecord;
  readonly effect: Effect;
  /** The person's answer that let it through, where they had to be asked. */
  readonly grant: Grant | null;
  /** What happened between the decision and the way to the server. */
  readonly steps: readonly TrailStep[];
  /** What rules leave the call, in milliseconds; null: as the server and the settings say. */
  readonly times: { readonly timeoutMs: number | null; readonly maxTotalMs: number | null };
  /** Decides again, later in the call. */
  readonly decideAgain: () => Decision;
}

/** How often progress may renew a call's deadline. */
const MOST_RENEWALS = 10;
/** A listing serves everybody who waits for it, so no caller's leaving ends it. */
const NEVER = new AbortController().signal;

/** What holds the call between two requests of the app may drive it, so the line and the clock of its steps can change. */
export class Leg {
  readonly #rooms: LegRooms;
  readonly #passed: Passed;
  #line: CallLine;
  #micros: () => number;
  #steps: TrailStep[] = [];
  #isFirst = true;
  startMs = 0;
  serverMs = 0;

  constructor(rooms: LegRooms, passed: Passed, line: CallLine, micros: () => number) {
    this.#rooms = rooms;
    this.#passed = passed;
    this.#steps = [...passed.steps];
    this.#line = line;
    this.#micros = micros;
  }

  get server(): string {
    return this.#passed.offer.server;
  }

  get grant(): Grant | null {
    return this.#passed.grant;
  }

  get effect(): Effect {
    return this.#passed.effect;
  }

  /** Another request of the app waits for the call from now on. */
  handOver(line: CallLine, micros: () => number, steps: readonly TrailStep[]): void {
    this.#steps.push(...steps);
    this.#line = line;
    this.#micros = micros;
  }

  /** The steps since the last time they were taken. */
  takeSteps(): TrailStep[] {
    const steps = this.#steps;
    this.#steps = [];
    return steps;
  }

  note(stage: string, verdict: TrailStep['verdict'], note: string): void {
    this.#steps.push({ stage, verdict, note, atMicros: this.#micros() });
  }

  /** Asks the server until it answers. `ask` puts its questions to the app. Throws UpstreamError and HeldAfterStart. */
  async run(signal: AbortSignal, ask: CallerSide['ask']): Promise<UpstreamAnswer> {
    const { caller, errand, offer } = this.#passed;
    const side = this.#sideFor(ask);
    const params = errand.params(offer.name);
    const answer = await this.#request(params, signal, side);
    const problem = asksBack(answer.result) ? requestsProblem(answer.result) : null;
    if (problem !== null) throw new UpstreamError('upstream_error', `It ${problem}.`, { notSent: false });
    // A client of an older revision cannot be given questions as a result; it is asked.
    return caller.era === 'legacy' && asksBack(answer.result)
      ? answerRounds(answer, params, { side, signal, request: (next) => this.#request(next, signal, side) })
      : answer;
  }

  #sideFor(ask: CallerSide['ask']): CallerSide {
    const { app, sessionId } = this.#passed.caller;
    const { capabilities, notify } = this.#line.asking;
    return {
      app: app.id,
      session: sessionId,
      capabilities,
      ask: (question, signal) => this.#ask(question, signal, ask),
      notify,
    };
  }

  async #ask(question: ServerQuestion, signal: AbortSignal, ask: CallerSide['ask']): Promise<WrittenJson> {
    const { server } = this.#passed.offer;
    const asked = `${server} asked the app (${question.method})`;
    const problem = questionProblem(question.method, question.params.value);
    if (problem !== null) {
      this.note('question', 'refuse', `${server} ${problem}, which no app is asked.`);
      throw new QuestionRefused(
        RPC.invalidParams,
        'Gatehouse passes on https addresses, and http ones of this computer.',
      );
    }
    try {
      const answer = await ask(this.#line.asking.namesServer ? namedQuestion(question, server) : question, signal);
      this.note('question', 'pass', `${asked} and got an answer.`);
      return answer;
    } catch (error) {
      const why = error instanceof QuestionRefused ? `error ${error.code}` : 'it failed';
      this.note('question', 'refuse', `${asked} and got none: ${why}.`);
      throw error;
    }
  }

  async #request(params: WrittenJson, signal: AbortSignal, side: CallerSide): Promise<UpstreamAnswer> {
    const { monotonic, random, serverTimeoutMs, settings } = this.#rooms;
    const { times } = this.#passed;
    const usual = serverTimeoutMs(this.server) ?? settings.get().callTimeoutMs;
    const timeoutMs = Math.min(usual, times.timeoutMs ?? usual);
    const longest = timeoutMs * MOST_RENEWALS;
    const answer = await route((limits) => this.#attempt(params, limits, signal, side), {
      effect: this.effect,
      signal,
      monotonic,
      random,
      timeoutMs,
      maxTotalMs: Math.min(longest, times.maxTotalMs ?? longest),
      ...(this.#line.onProgress && {
        onProgress: (progress: Record<string, unknown>) => this.#line.onProgress?.(progress),
      }),
    });
    this.startMs += answer.startMs;
    this.serverMs += answer.serverMs;
    const attempts = answer.attempts === 1 ? '' : ` at attempt ${answer.attempts}`;
    this.note('route', 'pass', `${this.server} answered${attempts}.`);
    return answer;
  }

  async #attempt(
    params: WrittenJson,
    limits: AttemptLimits,
    signal: AbortSignal,
    side: CallerSide,
  ): Promise<UpstreamAnswer> {
    const { intake, monotonic, upstreams } = this.#rooms;
    const { server } = this;
    const { errand, offer } = this.#passed;
    const instance = upstreams.instanceFor(server, side);
    const beforeStart = monotonic();
    const wasListed = await intake.ensureCurrent(server, NEVER, instance, side);
    if (wasListed) {
      this.startMs += monotonic() - beforeStart;
      this.note('listing', 'pass', `${server} started and was compared.`);
    }
    // Time has passed since the decision, or the process that will answer was just compared with what was approved.
    if (wasListed || !this.#isFirst) {
      const again = this.#passed.decideAgain();
      if (again.verdict !== 'pass') throw new HeldAfterStart(again);
    }
    this.#isFirst = false;
    // 0 is no process: one that ended right after it was compared is not replaced by one that was not.
    const expectStartedAt = upstreams.status(server, instance)?.startedAt ?? 0;
    const { onLog, logLevel } = this.#line;
    const context = {
      ...limits,
      signal,
      caller: side,
      instance,
      subject: errand.kind === 'tool' ? offer.name : errand.method,
      logLevel,
      ...(onLog && { onLog: (message: Record<string, unknown>) => this.#line.onLog?.(message) }),
      expectStartedAt,
    };
    return errand.via
      ? errand.via(server, context)
      : upstreams.request(server, { method: errand.method, params: params.value, paramsJson: params.json }, context);
  }
}

/** Answers for a client that declared nothing it can be asked. */
export const nobodyToAsk: CallerSide['ask'] = () =>
  Promise.reject(new QuestionRefused(RPC.methodNotFound, 'The app takes no questions.'));

/** The server started for this call and what it offers now is not what was approved. */
export class HeldAfterStart extends Error {
  readonly decision: Exclude<Decision, { verdict: 'pass' }>;

  constructor(decision: Exclude<Decision, { verdict: 'pass' }>) {
    super('Held after start');
    this.decision = decision;
  }
}
