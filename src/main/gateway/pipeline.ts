/**
 * The one way to a tool, for every surface: audit.begin → decide → ROUTE → result guard → audit.end.
 * The log is outermost: a call that cannot be recorded does not leave, and refused calls are recorded too.
 */
import type { CallDetail, TrailStep } from '@shared/contract/index.ts';
import { type Effect, type Era, splitToolId } from '@shared/words.ts';
import type { Approvals } from '../approvals/index.ts';
import type { AuditLog, CallEnd } from '../audit/index.ts';
import type { Intake } from '../intake/index.ts';
import {
  type AppIdentity,
  type ArgumentCheck,
  type CallAttempt,
  type Decision,
  decide,
  type Gate,
  type PolicySnapshot,
  type Profiles,
  pausedRefusal,
  pauseFor,
  type Refusal,
  shortName,
} from '../policy/index.ts';
import type { SettingsStore } from '../settings/index.ts';
import type { UpstreamAnswer, Upstreams } from '../upstreams/index.ts';
import { OpenRecord } from './call-record.ts';
import { type Failure, failureOf, UNRECORDED } from './failures.ts';
import { takeOff } from './flight.ts';
import { shortenResult } from './long-results.ts';
import type { JsonObject } from './protocol.ts';
import { refusalResult } from './refusal.ts';
import type { ResultStore } from './result-store.ts';
import { type AttemptLimits, orAborted, route } from './route.ts';
import type { Usage } from './usage.ts';

/** Who calls, and over what. */
export interface Caller {
  readonly app: AppIdentity;
  readonly era: Era;
  readonly sessionId: string | null;
  /** What the client calls itself; untrusted. */
  readonly client: string | null;
}

/** The caller's side of a call in flight. */
export interface CallLine {
  /** Aborted with a CancelReason when the answer is no longer wanted. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Record<string, unknown>) => void;
  readonly onLog?: (message: Record<string, unknown>) => void;
}

export interface ToolUse {
  /** The name the agent used. */
  readonly name: string;
  /** The tool it means; null when the name means nothing on this surface. */
  readonly toolId: string | null;
  readonly claimedEffect: Effect | null;
  readonly arguments: unknown;
  /** The caller's `_meta` without what belongs to this hop. */
  readonly meta: JsonObject | undefined;
  /** False where the surface has no read_result, or a client would miss structured content. */
  readonly mayShorten: boolean;
}

/** What one of Gatehouse's own tools answers. */
export type OwnAnswer =
  | { readonly kind: 'result'; readonly result: JsonObject; readonly mayShorten?: boolean }
  | { readonly kind: 'refusal'; readonly refusal: Refusal };

/** JSON text of the tool result, and whether it names its own `resultType`; null when nobody waits for it any more. */
export type CallOutcome = { readonly resultJson: string; readonly hasType: boolean } | null;

export interface PipelineOptions {
  readonly approvals: Pick<Approvals, 'tool' | 'noteRefused'>;
  readonly argumentCheck: ArgumentCheck;
  readonly audit: Pick<AuditLog, 'begin' | 'end'>;
  readonly clock: () => number;
  readonly gate: Gate;
  readonly intake: Pick<Intake, 'ensureCurrent'>;
  readonly log: { warn(facts: object, message: string): void; error(facts: object, message: string): void };
  readonly monotonic: () => number;
  readonly newId: () => string;
  readonly profiles: Pick<Profiles, 'get'>;
  readonly random: () => number;
  readonly results: ResultStore;
  readonly serverTimeoutMs: (server: string) => number | undefined;
  readonly settings: Pick<SettingsStore, 'get'>;
  readonly upstreams: Pick<Upstreams, 'request' | 'status'>;
  readonly usage: Usage;
}

export interface Pipeline {
  callTool(caller: Caller, use: ToolUse, line: CallLine): Promise<CallOutcome>;
  /** Runs one of Gatehouse's own tools under the same gate, limits and log. */
  callOwn(
    caller: Caller,
    name: string,
    args: unknown,
    line: CallLine,
    answer: () => Promise<OwnAnswer>,
  ): Promise<CallOutcome>;
}

/** How often progress may renew a call's deadline. */
const MOST_RENEWALS = 10;

export function createPipeline(options: PipelineOptions): Pipeline {
  const { approvals, argumentCheck, audit, clock, gate, intake, log, monotonic, newId, profiles, results } = options;
  const { random, settings, upstreams, usage } = options;
  const checkArguments: PolicySnapshot['checkArguments'] = (tool, args) => argumentCheck.check(tool, args);

  const snapshotFor = (caller: Caller, toolId: string | null, counted: 0 | 1): PolicySnapshot => {
    const now = usage.read(caller.app.id, clock());
    return {
      gate: gate.state(),
      profile: profiles.get(caller.app.profile) ?? null,
      tool: toolId === null ? undefined : approvals.tool(toolId),
      checkArguments,
      // A call that is decided again does not stand in its own way.
      usage: { ...now, lastMinute: now.lastMinute - counted, inFlight: now.inFlight - counted },
    };
  };

  /** Ends the record and gives the refusal as a tool result. */
  const refuse = (
    record: OpenRecord,
    refusal: Refusal,
    status: CallEnd['status'],
    steps: readonly TrailStep[] = [],
  ): CallOutcome => {
    const resultJson = refusalResult(refusal, record.name, record.id);
    record.end({ status, code: refusal.code, refusal: refusal.message, resultJson, trail: steps });
    return { resultJson, hasType: false };
  };

  /** Begins the record; undefined when it could not be written, and then nothing may leave. */
  const begin = (
    caller: Caller,
    attempt: CallAttempt,
    name: string,
    decision: Decision,
    at: number,
  ): OpenRecord | undefined => {
    const tool = decision.verdict === 'pass' ? decision.tool : undefined;
    const parts = attempt.own
      ? { server: null, tool: attempt.toolId }
      : (splitToolId(attempt.toolId) ?? { server: null, tool: attempt.toolId });
    const known = tool ?? (attempt.own ? undefined : approvals.tool(attempt.toolId));
    try {
      audit.begin({
        id: attempt.id,
        at,
        app: caller.app.name,
        sessionId: caller.sessionId,
        client: caller.client,
        era: caller.era,
        method: 'tools/call',
        server: parts.server,
        tool: shortName(parts.tool),
        effect: known?.effect ?? null,
        fingerprint: known?.fingerprint ?? null,
        trail: decision.trail,
        argumentsJson: JSON.stringify(attempt.arguments ?? {}),
      });
    } catch (error) {
      log.error({ error, call: attempt.id }, 'A call could not be recorded, so it was not made');
      return undefined;
    }
    return new OpenRecord(options, attempt.id, name);
  };

  const callTool: Pipeline['callTool'] = async (caller, use, line) => {
    const arrived = monotonic();
    const micros = (): number => Math.round((monotonic() - arrived) * 1000);
    await argumentCheck.ready();
    const at = clock();
    const toolId = use.toolId ?? use.name;
    const attempt: CallAttempt = {
      id: newId(),
      app: caller.app,
      toolId,
      claimedEffect: use.claimedEffect,
      arguments: use.arguments,
    };
    const decideNow = (counted: 0 | 1): Decision =>
      decide(attempt, snapshotFor(caller, use.toolId, counted), { now: clock(), micros });

    const decision = decideNow(0);
    const record = begin(caller, attempt, use.name, decision, at);
    if (!record) return { resultJson: refusalResult(UNRECORDED, use.name, attempt.id), hasType: false };
    if (decision.verdict !== 'pass') return refuseDecision(record, decision, use.toolId);

    const timing = { decideMs: micros() / 1000, startMs: 0, serverMs: 0 };
    using flight = takeOff(options, caller.app.id, line.signal);
    const { tool, effect } = decision;
    const steps: TrailStep[] = [];
    const timeoutMs = options.serverTimeoutMs(tool.server) ?? settings.get().callTimeoutMs;
    let isFirst = true;
    const attemptOnce = async (limits: AttemptLimits): Promise<UpstreamAnswer> => {
      const beforeStart = monotonic();
      // Callers share one start and listing, so one of them going away must not end it for the others.
      const wasListed = await intake.ensureCurrent(tool.server, new AbortController().signal);
      if (wasListed) {
        timing.startMs += monotonic() - beforeStart;
        steps.push({
          stage: 'listing',
          verdict: 'pass',
          note: `${tool.server} started and was compared.`,
          atMicros: micros(),
        });
      }
      // Time has passed since the decision, or the process that will answer was just compared with what was approved.
      if (wasListed || !isFirst) {
        const again = decideNow(1);
        if (again.verdict !== 'pass') throw new HeldAfterStart(again);
      }
      isFirst = false;
      const startedAt = upstreams.status(tool.server)?.startedAt ?? null;
      return upstreams.request(tool.server, requestFor(tool.name, use), {
        ...limits,
        signal: flight.signal,
        ...(line.onLog && { onLog: line.onLog }),
        ...(startedAt !== null && { expectStartedAt: startedAt }),
      });
    };
    try {
      const answer = await route(attemptOnce, {
        effect,
        signal: flight.signal,
        monotonic,
        random,
        timeoutMs,
        maxTotalMs: timeoutMs * MOST_RENEWALS,
        ...(line.onProgress && { onProgress: line.onProgress }),
      });
      timing.startMs += answer.startMs;
      timing.serverMs = answer.serverMs;
      const attempts = answer.attempts === 1 ? '' : ` at attempt ${answer.attempts}`;
      steps.push({ stage: 'route', verdict: 'pass', note: `${tool.server} answered${attempts}.`, atMicros: micros() });
      return await guardResult(record, caller, answer.result, use.mayShorten, { timing, steps, micros });
    } catch (error) {
      if (error instanceof HeldAfterStart)
        return refuseDecision(record, error.decision, use.toolId, error.decision.trail);
      const failure = failureOf(error, flight.signal, { server: tool.server, effect }, pausedNow(caller));
      if (failure.unexpected) log.error({ error, call: attempt.id }, 'A call failed inside Gatehouse');
      steps.push({ stage: 'route', verdict: 'refuse', note: failure.refusal.message, atMicros: micros() });
      return fail(record, failure, timing, steps);
    }
  };

  const callOwn: Pipeline['callOwn'] = async (caller, name, args, line, answer) => {
    const arrived = monotonic();
    const micros = (): number => Math.round((monotonic() - arrived) * 1000);
    const at = clock();
    const attempt: CallAttempt = {
      id: newId(),
      app: caller.app,
      toolId: name,
      own: true,
      claimedEffect: null,
      arguments: args,
    };
    const decision = decide(attempt, snapshotFor(caller, null, 0), { now: at, micros });
    const record = begin(caller, attempt, name, decision, at);
    if (!record) return { resultJson: refusalResult(UNRECORDED, name, attempt.id), hasType: false };
    if (decision.verdict !== 'pass-own') return refuseDecision(record, decision, null);
    const timing = { decideMs: micros() / 1000, startMs: 0, serverMs: 0 };
    using flight = takeOff(options, caller.app.id, line.signal);
    try {
      const given = await orAborted(answer(), flight.signal);
      if (given.kind === 'refusal') return refuse(record, given.refusal, 'refused');
      return await guardResult(record, caller, given.result, given.mayShorten ?? false, { timing, steps: [], micros });
    } catch (error) {
      const failure = failureOf(error, flight.signal, null, pausedNow(caller));
      if (failure.unexpected) log.error({ error, call: attempt.id }, `${name} failed inside Gatehouse`);
      return fail(record, failure, timing, []);
    }
  };

  /** Ends the record of a call that was let through and went wrong; a client that cancelled gets no answer. */
  const fail = (
    record: OpenRecord,
    failure: Failure,
    timing: CallDetail['timing'],
    trail: readonly TrailStep[],
  ): CallOutcome => {
    const { refusal, status } = failure;
    const resultJson = failure.wanted ? refusalResult(refusal, record.name, record.id) : null;
    record.end({ status, code: refusal.code, refusal: refusal.message, resultJson, timing, trail });
    return resultJson === null ? null : { resultJson, hasType: false };
  };

  const pausedNow = (caller: Caller) => (): Refusal => {
    const now = clock();
    return pausedRefusal(pauseFor(gate.state(), caller.app.id, now)?.until ?? null, now);
  };

  const refuseDecision = (
    record: OpenRecord,
    decision: Decision,
    toolId: string | null,
    steps: readonly TrailStep[] = [],
  ): CallOutcome => {
    // Nobody can be asked through this build's pipeline, and what would need a person's yes does not happen without it.
    const refusal: Refusal =
      decision.verdict === 'refuse'
        ? decision.refusal
        : {
            code: 'ask_timeout',
            message: 'The person has to allow this call and could not be asked.',
            retryable: true,
            whoCanFix: 'person',
          };
    if (toolId !== null && HELD_CODES.has(refusal.code)) approvals.noteRefused(toolId);
    return refuse(record, refusal, 'refused', steps);
  };

  const guardResult = async (
    record: OpenRecord,
    caller: Caller,
    result: JsonObject,
    mayShorten: boolean,
    { timing, steps, micros }: { timing: CallDetail['timing']; steps: TrailStep[]; micros: () => number },
  ): Promise<CallOutcome> => {
    const whole = JSON.stringify(result);
    const limit = mayShorten ? settings.get().resultLimit : Number.POSITIVE_INFINITY;
    const { resultJson, note } = await shortenResult(result, whole, limit, { store: results, app: caller.app.id });
    steps.push({ stage: 'result', verdict: 'pass', note, atMicros: micros() });
    record.end({
      status: result.isError === true ? 'failed' : 'done',
      code: null,
      refusal: null,
      resultJson,
      resultBytes: Buffer.byteLength(whole),
      timing,
      trail: steps,
    });
    return { resultJson, hasType: 'resultType' in result };
  };

  return { callTool, callOwn };
}

/** The server started for this call and what it offers now is not what was approved. */
class HeldAfterStart extends Error {
  readonly decision: Exclude<Decision, { verdict: 'pass' }>;

  constructor(decision: Exclude<Decision, { verdict: 'pass' }>) {
    super('Held after start');
    this.decision = decision;
  }
}

const HELD_CODES = new Set<Refusal['code']>(['quarantined', 'changed', 'blocked']);

/** `tools/call` as the server gets it: its own tool name, the arguments as they came, `_meta` without this hop's keys. */
function requestFor(tool: string, use: ToolUse) {
  return {
    method: 'tools/call',
    params: {
      name: tool,
      ...(use.arguments !== undefined && { arguments: use.arguments }),
      ...(use.meta && { _meta: use.meta }),
    },
  };
}
