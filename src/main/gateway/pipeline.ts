/**
 * The one way to a server, for every surface: audit.begin → decide → ROUTE → result guard → audit.end.
 * The log is outermost: a call that cannot be recorded does not leave, and refused calls are recorded too.
 */
import { type Approvals, canonicalJson } from '../approvals/index.ts';
import {
  type ArgumentCheck,
  type CallAttempt,
  type DayCounts,
  type Decision,
  decide,
  type Gate,
  type LoopWatch,
  markOf,
  type Profiles,
  type Snapshots,
} from '../policy/index.ts';
import type { WrittenJson } from '../upstreams/index.ts';
import type { Caller, CallLine, OwnAnswer, Relayed, ToolUse } from './call.ts';
import { beginRecord } from './call-record.ts';
import { type Errand, ownErrand, relayErrand, toolErrand } from './errand.ts';
import { UNRECORDED } from './failures.ts';
import { takeOff } from './flight.ts';
import type { HeldCalls } from './held-calls.ts';
import { Leg, type LegRooms, nobodyToAsk } from './leg.ts';
import { type Outcome, ownForEra } from './outcome.ts';
import { orAborted } from './route.ts';
import { Settlement, type SettlementRooms } from './settlement.ts';
import type { Usage } from './usage.ts';

export type { Asking, Caller, CallLine, OwnAnswer, Relayed, ToolUse } from './call.ts';
export type { Outcome as RelayOutcome } from './outcome.ts';

export interface PipelineOptions extends LegRooms, SettlementRooms {
  readonly approvals: Pick<Approvals, 'tool' | 'noteRefused' | 'server'>;
  readonly argumentCheck: ArgumentCheck;
  readonly gate: Gate;
  readonly held: HeldCalls;
  readonly newId: () => string;
  readonly dayCounts: DayCounts;
  readonly loops: LoopWatch;
  readonly profiles: Pick<Profiles, 'get'>;
  readonly snapshots: Snapshots;
  readonly usage: Usage;
}

export interface Pipeline {
  callTool(caller: Caller, use: ToolUse, line: CallLine): Promise<Outcome>;
  /** The same way for what is no tool: same stages, same log, same route. */
  relay(caller: Caller, request: Relayed, line: CallLine): Promise<Outcome>;
  /** Runs one of Gatehouse's own tools under the same gate, limits and log. */
  callOwn(
    caller: Caller,
    name: string,
    args: WrittenJson | undefined,
    line: Pick<CallLine, 'signal'>,
    answer: () => Promise<OwnAnswer>,
  ): Promise<Outcome>;
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const { approvals, argumentCheck, clock, held, loops, monotonic, newId, profiles, snapshots } = options;

  /** Decides and records, which every call begins with. */
  const enter = (caller: Caller, errand: Errand) => {
    const arrived = monotonic();
    const micros = (): number => Math.round((monotonic() - arrived) * 1000);
    const at = clock();
    const attempt: CallAttempt = {
      id: newId(),
      app: caller.app,
      toolId: errand.attemptId,
      ...(errand.isOwn ? { own: true } : { kind: errand.kind }),
      claimedEffect: errand.claimedEffect,
      arguments: errand.arguments,
    };
    const loopOwner = `${caller.app.id}\n${caller.sessionId ?? ''}`;
    const loopMark = once(() => markOf(canonicalJson([errand.attemptId, errand.arguments ?? {}])));
    const { offerId, ofServer } = errand;
    const subject = { app: caller.app, offerId, ofServer, loopOwner, loopMark };
    const decideNow = (counted: 0 | 1): Decision =>
      decide(attempt, snapshots.of(subject, counted), { now: clock(), micros });
    const decision = decideNow(0);
    const offer = errand.offerId === null ? undefined : approvals.tool(errand.offerId);
    const record = beginRecord(options, { id: attempt.id, at, caller, errand, decision, offer });
    const decideMs = micros() / 1000;
    const onResult = (resultJson: string): void => {
      if (errand.isOwn || !profiles.get(caller.app.profile)?.loopGuard) return;
      loops.note(loopOwner, { what: loopMark(), result: markOf(resultJson), at: clock() });
    };
    return {
      decision,
      decideAgain: () => decideNow(1),
      micros,
      refusedUnrecorded: () => ownForEra(errand.refused(UNRECORDED, attempt.id, caller.era), caller.era),
      settlement: record && new Settlement(options, { caller, errand, record, decideMs, micros, onResult }),
    };
  };

  const send = async (caller: Caller, errand: Errand, line: CallLine): Promise<Outcome> => {
    if (errand.kind === 'tool') await argumentCheck.ready();
    const { decision, decideAgain, micros, settlement, refusedUnrecorded } = enter(caller, errand);
    if (!settlement) return refusedUnrecorded();
    if (decision.verdict === 'pass-own') throw new Error(`${errand.name} is none of Gatehouse's own tools`);
    if (decision.verdict !== 'pass') return settlement.refuseDecision(decision);

    const { tool: offer, effect, times } = decision;
    using flight = takeOff(options, caller.app.id, line.signal, decision.counted);
    const begin = (): Leg => new Leg(options, { caller, errand, offer, effect, times, decideAgain }, line, micros);
    const { ask } = line.asking;
    if (ask !== null) return await settlement.take(begin(), flight, ask);

    const resumed = held.resume(caller, errand, offer.server);
    if (resumed.kind === 'refused') return settlement.refuseRetry(resumed.message);
    if (resumed.kind === 'held') {
      const { call, answers } = resumed;
      call.leg.handOver(line, micros);
      return await settlement.takeTurn(call, flight, answers);
    }
    return held.isNeeded(line.asking.capabilities)
      ? await settlement.takeTurn(held.start(begin()), flight)
      : await settlement.take(begin(), flight, nobodyToAsk);
  };

  return {
    callTool: (caller, use, line) => send(caller, toolErrand(use), line),
    relay: (caller, request, line) => send(caller, relayErrand(request), line),
    async callOwn(caller, name, args, line, answer) {
      const { decision, settlement, refusedUnrecorded } = enter(caller, ownErrand(name, args));
      if (!settlement) return refusedUnrecorded();
      if (decision.verdict !== 'pass-own') return settlement.refuseDecision(decision);
      using flight = takeOff(options, caller.app.id, line.signal);
      try {
        const given = await orAborted(answer(), flight.signal);
        return given.kind === 'refusal'
          ? settlement.refuse(given.refusal, 'refused')
          : await settlement.complete(given.result, JSON.stringify(given.result), given.mayShorten ?? false, null);
      } catch (error) {
        return settlement.fail(error, flight, null);
      }
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
