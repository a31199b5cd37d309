/**
 * The one way to a server, for every surface: audit.begin → decide → ROUTE → result guard → audit.end.
 * The log is outermost: a call that cannot be recorded does not leave, and refused calls are recorded too.
 */
import type { Approvals } from '../approvals/index.ts';
import { type Asking, argumentsDigestOf } from '../asking/index.ts';
import type { Guards } from '../guards/index.ts';
import {
  type ArgumentCheck,
  type CallAttempt,
  type DayCounts,
  type Decision,
  decide,
  type Gate,
  type Grant,
  type LoopWatch,
  markOf,
  type PolicySnapshot,
  type Profiles,
  type Snapshots,
  shortName,
} from '../policy/index.ts';
import type { WrittenJson } from '../upstreams/index.ts';
import type { Caller, CallLine, OwnAnswer, Relayed, ToolUse } from './call.ts';
import { beginRecord, type OpenRecord } from './call-record.ts';
import { type Errand, ownErrand, relayErrand, toolErrand } from './errand.ts';
import { UNRECORDED } from './failures.ts';
import { takeOff } from './flight.ts';
import { guardedLine } from './guarded-line.ts';
import type { HeldCalls } from './held-calls.ts';
import { Leg, type LegRooms, nobodyToAsk } from './leg.ts';
import { type Outcome, ownForEra } from './outcome.ts';
import { type AfterAsking, askPerson, type PersonAskedRooms } from './person-asked.ts';
import { orAborted } from './route.ts';
import { Settlement, type SettlementRooms } from './settlement.ts';
import type { Usage } from './usage.ts';

export type { Asking, Caller, CallLine, OwnAnswer, Relayed, ToolUse } from './call.ts';
export type { Outcome as RelayOutcome } from './outcome.ts';

export interface PipelineOptions extends LegRooms, SettlementRooms, PersonAskedRooms {
  readonly approvals: Pick<Approvals, 'tool' | 'noteRefused' | 'server'>;
  readonly argumentCheck: ArgumentCheck;
  readonly asking: Pick<Asking, 'ask' | 'use' | 'grantsFor'>;
  readonly gate: Gate;
  readonly guards: Pick<Guards, 'follow' | 'log'>;
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

const NO_GRANTS: readonly Grant[] = [];

export function createPipeline(options: PipelineOptions): Pipeline {
  const { approvals, argumentCheck, clock, guards, held, loops, monotonic, newId, profiles, snapshots } = options;

  /** Decides and begins the record, which every call begins with. Nothing may leave before `recorded` is there. */
  const enter = (caller: Caller, errand: Errand) => {
    const arrived = monotonic();
    const micros = (): number => Math.round((monotonic() - arrived) * 1000);
    const at = clock();
    let digest: string | undefined;
    const argumentsDigest = (): string => (digest ??= argumentsDigestOf(errand.argumentsJson));
    const attempt: CallAttempt = {
      id: newId(),
      app: caller.app,
      toolId: errand.attemptId,
      ...(errand.isOwn ? { own: true } : { kind: errand.kind }),
      claimedEffect: errand.claimedEffect,
      arguments: errand.arguments,
      sessionId: caller.sessionId,
      argumentsDigest,
    };
    const loopOwner = `${caller.app.id}\n${caller.sessionId ?? ''}`;
    const loopMark = once(() => markOf(`${errand.attemptId}\n${argumentsDigest() || errand.argumentsJson}`));
    const { offerId, ofServer } = errand;
    const offer = errand.offerId === null ? undefined : approvals.tool(errand.offerId);
    const guard = guards.follow({
      owner: { app: caller.app.id, sessionId: caller.sessionId },
      callId: attempt.id,
      tool: shortName(offer?.id ?? errand.name),
      server: errand.isOwn ? null : (offer?.server ?? null),
      labels: offer?.labels ?? [],
      sent: errand.sent,
    });
    const guardPolicy = profiles.get(caller.app.profile)?.guards ?? null;
    const decideOn = (snapshot: PolicySnapshot): Decision => decide(attempt, snapshot, { now: clock(), micros });
    const guardFacts = (now: number) => guard.facts(now);
    const subject = { app: caller.app, offerId, ofServer, loopOwner, loopMark, guardFacts };
    const snapshot = snapshots.of(subject, 0);
    const decision = decideOn(snapshot);
    const decideMs = micros() / 1000;
    const onResult = (resultJson: string): void => {
      if (errand.isOwn || !profiles.get(caller.app.profile)?.loopGuard) return;
      loops.note(loopOwner, { what: loopMark(), result: markOf(resultJson), at: clock() });
    };
    const settlementFor = (record: OpenRecord | undefined) =>
      record && new Settlement(options, { caller, errand, record, decideMs, micros, guard, guardPolicy, onResult });
    return {
      decision,
      recorded: beginRecord(options, { id: attempt.id, at, caller, errand, decision, offer }).then(settlementFor),
      undecided: { callId: attempt.id, caller, errand, argumentsDigest, micros },
      decideWith: (given: readonly Grant[]) => decideOn(snapshots.of(subject, 1, given)),
      /** The decision, made again when what it was made on changed while the record was written. */
      decisionNow(): Decision {
        const now = snapshots.of(subject, 1);
        const { gate: state, profile, tool } = now;
        // A call of the session that ended meanwhile may have brought in what must not go out.
        const isSameFlow = (now.guards.flow === null) === (snapshot.guards.flow === null);
        const isSamePolicy = profile === snapshot.profile && now.rules === snapshot.rules;
        const isSame = state === snapshot.gate && isSamePolicy && tool === snapshot.tool && isSameFlow;
        return isSame ? decision : decideOn(now);
      },
      guard,
      guardPolicy,
      micros,
      refusedUnrecorded: () => ownForEra(errand.refused(UNRECORDED, attempt.id, caller.era), caller.era),
    };
  };

  const send = async (caller: Caller, errand: Errand, line: CallLine): Promise<Outcome> => {
    if (errand.kind === 'tool') await argumentCheck.ready();
    const {
      decision: first,
      recorded,
      decisionNow,
      decideWith,
      guard,
      guardPolicy,
      micros,
      refusedUnrecorded,
      undecided,
    } = enter(caller, errand);
    const mayGo = first.verdict === 'pass' || first.verdict === 'ask';
    // Counted before anything else is decided, so that calls of one moment cannot pass a limit together.
    using flight = mayGo ? takeOff(options, caller.app.id, line.signal, first.counted) : undefined;
    const settlement = await recorded;
    if (!settlement) return refusedUnrecorded();
    if (first.verdict === 'pass-own') throw new Error(`${errand.name} is none of Gatehouse's own tools`);
    if (!flight) return settlement.refuseDecision(first);
    const decision = decisionNow();
    const needsNobody = decision.verdict === 'pass' && !decision.grant;
    const after: AfterAsking = needsNobody
      ? { kind: 'pass', decision, grant: null, steps: [] }
      : await askPerson(options, decision, { ...undecided, decideWith }, line, flight);
    if (after.kind === 'refused') return settlement.refuse(after.refusal, 'refused', after.steps);
    if (after.kind === 'left') return settlement.fail(null, flight, null, after.steps);
    if (after.kind === 'decided') {
      return settlement.refuseDecision(after.decision, [...after.steps, ...after.decision.trail]);
    }

    const { grant, steps } = after;
    const { tool: offer, effect, redacts, times } = after.decision;
    const sent = redacts ? errand.rewritten((json) => guard.redactSent(json)) : errand;
    const told = guardedLine(line, guard, guardPolicy);
    const decideAgain = (): Decision => decideWith(grant ? [grant] : NO_GRANTS);
    const passed = { caller, errand: sent, offer, effect, times, grant, steps, decideAgain };
    const begin = (): Leg => new Leg(options, passed, told, micros);
    const { ask } = line.asking;
    if (ask !== null) return await settlement.take(begin(), flight, ask);

    const resumed = held.resume(caller, errand, offer.server);
    if (resumed.kind === 'refused') return settlement.refuseRetry(resumed.message);
    if (resumed.kind === 'held') {
      const { call, answers } = resumed;
      call.leg.handOver(told, micros, steps);
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
      const { decision: first, recorded, decisionNow, refusedUnrecorded } = enter(caller, ownErrand(name, args));
      using flight = first.verdict === 'pass-own' ? takeOff(options, caller.app.id, line.signal) : undefined;
      const settlement = await recorded;
      if (!settlement) return refusedUnrecorded();
      const decision = first.verdict === 'pass-own' ? decisionNow() : first;
      if (decision.verdict !== 'pass-own' || !flight) return settlement.refuseDecision(decision);
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
