/** How a call ends: what the app is told and what the log keeps. */
import type { TrailStep } from '@shared/contract/index.ts';
import { assertNever } from '@shared/words.ts';
import type { Approvals } from '../approvals/index.ts';
import type { CallEnd } from '../audit/index.ts';
import type { CallGuard, GuardPolicy } from '../guards/index.ts';
import { type Decision, type Gate, pausedRefusal, pauseFor, type Refusal } from '../policy/index.ts';
import type { SettingsStore } from '../settings/index.ts';
import type { CallerSide, WrittenJson } from '../upstreams/index.ts';
import type { AllowedRounds } from './allowed-rounds.ts';
import type { Caller } from './call.ts';
import type { OpenRecord, RecordRooms } from './call-record.ts';
import type { Errand } from './errand.ts';
import { type Failure, failureOf, oneLine, rpcErrorOf } from './failures.ts';
import type { Flight } from './flight.ts';
import type { HeldCall } from './held-call.ts';
import type { HeldCalls } from './held-calls.ts';
import { HeldAfterStart, type Leg } from './leg.ts';
import { shortenResult } from './long-results.ts';
import { asGatehouse, asksBack, errorJsonOf, forEra, type Outcome, ownForEra, type RpcFailure } from './outcome.ts';
import { type JsonObject, RPC } from './protocol.ts';
import { guardedResult } from './result-guard.ts';
import type { ResultStore } from './result-store.ts';

export interface SettlementRooms extends RecordRooms {
  readonly approvals: Pick<Approvals, 'noteRefused'>;
  readonly gate: Pick<Gate, 'state'>;
  readonly held: HeldCalls;
  readonly results: ResultStore;
  readonly rounds: AllowedRounds;
  /** What Gatehouse calls itself, as JSON text. */
  readonly serverInfoJson: string;
  readonly settings: Pick<SettingsStore, 'get'>;
}

export interface Begun {
  readonly caller: Caller;
  readonly errand: Errand;
  readonly record: OpenRecord;
  /** Milliseconds until the decision. */
  readonly decideMs: number;
  /** Microseconds since the call arrived. */
  readonly micros: () => number;
  readonly guard: CallGuard;
  /** Null where the app has no profile, and then nothing passes. */
  readonly guardPolicy: GuardPolicy | null;
  /** Told the result as the server gave it. */
  readonly onResult: (resultJson: string) => void;
}

type GuardedResult =
  | {
      readonly kind: 'passes';
      readonly result: JsonObject;
      readonly resultJson: string;
      readonly note: string | null;
    }
  | { readonly kind: 'withheld'; readonly note: string };

const HELD_CODES = new Set<Refusal['code']>(['quarantined', 'changed', 'blocked']);

export class Settlement {
  readonly #rooms: SettlementRooms;
  readonly #begun: Begun;

  constructor(rooms: SettlementRooms, begun: Begun) {
    this.#rooms = rooms;
    this.#begun = begun;
  }

  /** Runs the leg to its end. */
  async take(leg: Leg, flight: Flight, ask: CallerSide['ask']): Promise<Outcome> {
    try {
      const { result, resultJson } = await leg.run(flight.signal, ask);
      return await this.complete(result, resultJson, this.#begun.errand.mayShorten, leg);
    } catch (error) {
      return this.fail(error, flight, leg);
    }
  }

  /** Runs a call that may be held until it ends or asks something. */
  async takeTurn(call: HeldCall, flight: Flight, answers?: ReadonlyMap<string, WrittenJson>): Promise<Outcome> {
    const { leg } = call;
    try {
      const turn = await call.turn(flight.signal, answers);
      if (turn.kind === 'asked') return this.#askApp(call, turn.questions);
      const { result, resultJson } = turn.answer;
      return await this.complete(result, resultJson, this.#begun.errand.mayShorten, leg);
    } catch (error) {
      return this.fail(error, flight, leg);
    }
  }

  /** Ends with a refusal the decision gave. */
  refuseDecision(decision: Decision, steps: readonly TrailStep[] = []): Outcome {
    const { errand } = this.#begun;
    // What was let through without a question and needs one by now is asked about when it comes again.
    const refusal: Refusal =
      decision.verdict === 'refuse'
        ? decision.refusal
        : {
            code: 'ask_timeout',
            message: 'The person has to be asked about this call since it was let through. Make it again to ask them.',
            retryable: true,
            whoCanFix: 'person',
          };
    if (errand.offerId !== null && HELD_CODES.has(refusal.code)) this.#rooms.approvals.noteRefused(errand.offerId);
    return this.refuse(refusal, 'refused', steps);
  }

  /** Ends with a refusal that may be the app's to mend. */
  refuse(
    refusal: Refusal,
    status: CallEnd['status'],
    trail: readonly TrailStep[] = [],
    timing?: CallEnd['timing'],
  ): Outcome {
    const { caller, errand, record } = this.#begun;
    const outcome = errand.refused(refusal, record.id, caller.era);
    const resultJson = outcome.kind === 'result' ? outcome.resultJson : errorJsonOf(outcome);
    record.end({ status, code: refusal.code, refusal: refusal.message, resultJson, trail, timing: timing ?? null });
    return ownForEra(outcome, caller.era);
  }

  /** Ends a retry whose state leads nowhere; nothing went to the server. */
  refuseRetry(message: string): Outcome {
    const step: TrailStep = { stage: 'question', verdict: 'refuse', note: message, atMicros: this.#begun.micros() };
    return this.#endWithError({ code: RPC.invalidParams, message }, 'refused', 'invalid_arguments', [step], null);
  }

  /** Ends a call that was let through and went wrong; a client that cancelled gets no answer. */
  fail(error: unknown, flight: Flight, leg: Leg | null, before: readonly TrailStep[] = []): Outcome {
    const { caller, errand, record } = this.#begun;
    const timing = this.#timing(leg);
    if (error instanceof HeldAfterStart) {
      return this.refuseDecision(error.decision, [...(leg?.takeSteps() ?? []), ...error.decision.trail]);
    }
    const rpcError = flight.signal.aborted ? undefined : rpcErrorOf(error);
    const relayed = rpcError && errand.errorFor(rpcError, caller.era);
    if (relayed && leg) {
      const told = this.#guardError(relayed);
      leg.note('route', 'refuse', `${leg.server} answered with an error: ${oneLine(told.message)}`);
      return this.#endWithError(told, 'failed', 'upstream_error', leg.takeSteps(), timing);
    }
    const failure = this.#guardFailure(
      failureOf(error, flight.signal, leg, () => this.#paused()),
      rpcError !== undefined,
    );
    if (failure.unexpected) this.#rooms.log.error({ error, call: record.id }, `${errand.name} failed inside Gatehouse`);
    leg?.note('route', 'refuse', failure.refusal.message);
    const steps = [...before, ...(leg?.takeSteps() ?? [])];
    if (failure.wanted) return this.refuse(failure.refusal, failure.status, steps, timing);
    const { code, message } = failure.refusal;
    record.end({ status: failure.status, code, refusal: message, resultJson: null, timing, trail: steps });
    return null;
  }

  /** Ends with a result; a long one is shortened where the surface can read on in it. */
  async complete(given: JsonObject, givenJson: string, mayShorten: boolean, leg: Leg | null): Promise<Outcome> {
    const { results, rounds, serverInfoJson, settings } = this.#rooms;
    const { caller, errand, record, micros, onResult } = this.#begun;
    onResult(givenJson);
    const asker = caller.path === '' && leg ? leg.server : null;
    const guarded = this.#guard(given, givenJson, leg);
    if (guarded.kind === 'withheld') return this.#withhold(guarded.note, leg);
    const { result, resultJson } = guarded;
    if (leg?.grant) rounds.note(caller, errand, result, resultJson, leg.grant);
    const ours = asGatehouse({ value: result, json: resultJson }, { serverInfoJson, asker });
    const limit = mayShorten && !asksBack(result) ? settings.get().resultLimit : Number.POSITIVE_INFINITY;
    const { resultJson: short, note } = await shortenResult(result, ours, limit, {
      store: results,
      app: caller.app.id,
    });
    const steps = leg?.takeSteps() ?? [];
    if (leg) steps.push(guardedResult(result, micros));
    if (guarded.note !== null) steps.push(this.#guardStep('pass', guarded.note));
    steps.push({ stage: 'result', verdict: 'pass', note, atMicros: micros() });
    record.end({
      status: result.isError === true ? 'failed' : 'done',
      code: null,
      refusal: null,
      resultJson: short,
      // The size of what is kept is counted there.
      ...(short !== resultJson && { resultBytes: Buffer.byteLength(resultJson) }),
      timing: this.#timing(leg),
      trail: steps,
    });
    const written = forEra(short, result, caller.era, errand.isCacheable);
    return { kind: 'result', resultJson: written, result, server: leg?.server ?? null };
  }

  /** What of the result passes to the app. */
  #guard(result: JsonObject, resultJson: string, leg: Leg | null): GuardedResult {
    const { guard, guardPolicy } = this.#begun;
    // Gatehouse's own answers come from approved definitions, and from results that passed here before.
    if (!leg || !guardPolicy) return { kind: 'passes', result, resultJson, note: null };
    guard.finished(this.#rooms.clock());
    // A question's state goes back to the server as it is.
    if (asksBack(result)) return { kind: 'passes', result, resultJson, note: null };
    const verdict = guard.result(resultJson, guardPolicy);
    if (verdict.kind === 'withheld') return verdict;
    if (verdict.kind === 'pass') return { kind: 'passes', result, resultJson, note: verdict.note };
    // An object's text with other strings in it is an object's.
    const redacted = JSON.parse(verdict.json) as JsonObject;
    return { kind: 'passes', result: redacted, resultJson: verdict.json, note: verdict.note };
  }

  #withhold(what: string, leg: Leg | null): Outcome {
    const { errand } = this.#begun;
    const steps = [...(leg?.takeSteps() ?? []), this.#guardStep('refuse', `Kept back: it holds ${what}.`)];
    const refusal: Refusal = {
      code: 'secret_in_result',
      message: `The call of ${oneLine(errand.name)} was made, and its result held a secret (${what}), so it is kept back.`,
      retryable: false,
      whoCanFix: 'person',
    };
    return this.refuse(refusal, 'failed', steps, this.#timing(leg));
  }

  #guardStep(verdict: TrailStep['verdict'], note: string): TrailStep {
    return { stage: 'result guard', verdict, note, atMicros: this.#begun.micros() };
  }

  /** A server's error is read by the app like a result. */
  #guardError(error: Omit<RpcFailure, 'kind'>): Omit<RpcFailure, 'kind'> {
    const { guard, guardPolicy } = this.#begun;
    guard.finished(this.#rooms.clock());
    if (!guardPolicy) return error;
    const verdict = guard.result(errorJsonOf(error), guardPolicy);
    switch (verdict.kind) {
      case 'pass':
        return error;
      case 'withheld':
        return { code: error.code, message: `The server's error held a secret (${verdict.note}), so it is kept back.` };
      case 'redacted': {
        // The error's own text with other strings in it.
        const { code, message, data } = JSON.parse(verdict.json) as Omit<RpcFailure, 'kind'>;
        return { code, message, ...(data !== undefined && { data }), json: verdict.json };
      }
      default:
        return assertNever(verdict);
    }
  }

  /** A refusal may quote what a server said. */
  #guardFailure(failure: Failure, isFromServer: boolean): Failure {
    const { guard, guardPolicy } = this.#begun;
    if (isFromServer) guard.finished(this.#rooms.clock());
    if (!guardPolicy) return failure;
    const { refusal } = failure;
    return { ...failure, refusal: { ...refusal, message: guard.message(refusal.message, guardPolicy) } };
  }

  /** Gives the app what the server asks and keeps the call until it comes again. */
  #askApp(call: HeldCall, questions: HeldCall['questions']): Outcome {
    const { caller, errand, record } = this.#begun;
    const { leg } = call;
    const methods = [...questions.values()].map(({ method }) => method).join(', ');
    leg.note('question', 'ask', `${leg.server} asks the app (${methods}); the call is held until the app answers.`);
    const entries = [...questions].map(
      ([key, { method, params }]) =>
        `${JSON.stringify(key)}:{"method":${JSON.stringify(method)},"params":${params.json}}`,
    );
    const state = this.#rooms.held.hold(call, caller, errand);
    const resultJson = `{"resultType":"input_required","inputRequests":{${entries.join(',')}},"requestState":${JSON.stringify(state)}}`;
    const timing = this.#timing(leg);
    record.end({ status: 'done', code: null, refusal: null, resultJson, timing, trail: leg.takeSteps() });
    return { kind: 'result', resultJson, result: {}, server: leg.server };
  }

  #endWithError(
    error: Omit<RpcFailure, 'kind'>,
    status: CallEnd['status'],
    code: NonNullable<CallEnd['code']>,
    trail: readonly TrailStep[],
    timing: CallEnd['timing'],
  ): Outcome {
    const resultJson = errorJsonOf(error);
    this.#begun.record.end({ status, code, refusal: oneLine(error.message), resultJson, trail, timing });
    return { ...error, kind: 'error' };
  }

  #timing(leg: Leg | null): CallEnd['timing'] {
    return { decideMs: this.#begun.decideMs, startMs: leg?.startMs ?? 0, serverMs: leg?.serverMs ?? 0 };
  }

  #paused(): Refusal {
    const now = this.#rooms.clock();
    const pause = pauseFor(this.#rooms.gate.state(), this.#begun.caller.app.id, now);
    return pausedRefusal(pause?.until ?? null, now);
  }
}
