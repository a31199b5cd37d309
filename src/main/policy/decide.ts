/**
 * The whole policy at a glance: the ordered stages every call passes. Pure: the simulator and the real path run this very
 * function, and there is no other way to a server.
 */
import type { GateState, TrailStep } from '@shared/contract/index.ts';
import { type Effect, type OfferKind, type RefusalCode, splitOfferId, type WhoCanFix } from '@shared/words.ts';
import type { ToolRecord } from '../approvals/index.ts';
import type { GuardFacts } from '../guards/index.ts';
import { answerFor } from './answers.ts';
import type { ArgumentVerdict } from './argument-check.ts';
import { pauseFor } from './gate.ts';
import { guardVerdict } from './guard-stage.ts';
import { type Counted, type CountNow, callTimes, limitsOf, overLimit, overLoop } from './limit-stage.ts';
import type { LoopFacts } from './loops.ts';
import type { Profile } from './profiles.ts';
import { type AskReason, type Grant, grantFor, grantNote } from './question.ts';
import { type RuleLayer, type RuleSays, rulesSay } from './rule-layers.ts';
import { ruleIdOf, ruleText } from './rules.ts';

export interface AppIdentity {
  readonly id: string;
  readonly name: string;
  readonly profile: string;
}

/** One attempt to use a tool, as the pipeline sees it. */
export interface CallAttempt {
  readonly id: string;
  readonly app: AppIdentity | null;
  /**
   * `server:tool`, or the id of another offer (`offerIdOf`), or the name of one of Gatehouse's own tools when `own` is set.
   * What means nothing on the surface stands here as the agent wrote it.
   */
  readonly toolId: string;
  /**
   * What is asked for; absent: a tool. Anything else is read and never called, so its effect is `read`, also where a tool
   * of another effect covers it (`snapshot.tool` is then that tool).
   */
  readonly kind?: OfferKind;
  /** A tool of Gatehouse itself (`retrieve_tools`, …): no server, so no approval, effect or schema applies. */
  readonly own?: boolean;
  /** Which of the three call tools was used; null when the surface does not say (direct mode, per-server endpoint). */
  readonly claimedEffect: Effect | null;
  readonly arguments: unknown;
  /** Null or absent for a caller without a session. */
  readonly sessionId?: string | null;
  /** SHA-256 (hex) over the canonical JSON of the arguments; absent or empty where no remembered answer can name them. */
  readonly argumentsDigest?: () => string;
}

/** Everything `decide()` may look at, frozen for one call. */
export interface PolicySnapshot {
  readonly gate: GateState;
  readonly profile: Profile | null;
  readonly tool: ToolRecord | undefined;
  /** Checks arguments against the approved schema. */
  readonly checkArguments: (tool: ToolRecord, args: unknown) => ArgumentVerdict;
  /** Secrets in what would be sent, and what the session read before. */
  readonly guards: GuardFacts;
  /** Calls of this app that began in the last minute and those in flight; milliseconds until the minute has room again. */
  readonly usage: { readonly lastMinute: number; readonly inFlight: number; readonly freesInMs: number };
  /** Rules in force; absent: none. A call needs a yes of every layer. */
  readonly rules?: readonly RuleLayer[];
  /** The person's home folder, which `~` in rules means. */
  readonly home?: string;
  /** What was used of other counts than the app's own; absent: nothing. */
  readonly countOf?: (key: string) => CountNow;
  /** Whether this call would go on with a loop; null or absent: nobody watches. */
  readonly loop?: LoopFacts | null;
  /** What the person answered when they were asked; absent: nothing. */
  readonly grants?: readonly Grant[];
}

/** Time as the decision sees it. */
export interface DecisionClock {
  /** Milliseconds since epoch. */
  readonly now: number;
  /** Microseconds since the call arrived, for the trail. */
  readonly micros: () => number;
}

export interface Refusal {
  readonly code: RefusalCode;
  /** One plain sentence for the agent. Never holds a description or schema. */
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly whoCanFix: WhoCanFix;
}

export type Decision =
  | {
      readonly verdict: 'pass';
      readonly tool: ToolRecord;
      readonly effect: Effect;
      /** True when the call goes out without the secrets in its arguments. */
      readonly redacts: boolean;
      /** The person's answer that let it through, where somebody had to be asked. */
      readonly grant?: Grant;
      readonly trail: TrailStep[];
      /** What this call counts for, besides its app. */
      readonly counted: readonly Counted[];
      /** What rules leave it, in milliseconds; null: as the server and the settings say. */
      readonly times: { readonly timeoutMs: number | null; readonly maxTotalMs: number | null };
    }
  /** One of Gatehouse's own tools may answer. */
  | { readonly verdict: 'pass-own'; readonly trail: TrailStep[] }
  | { readonly verdict: 'refuse'; readonly refusal: Refusal; readonly trail: TrailStep[] }
  /** Everything else lets it through; a person has to say yes. Decided again with their answer among the grants. */
  | {
      readonly verdict: 'ask';
      readonly tool: ToolRecord;
      readonly effect: Effect;
      /** At least one, in the order of the stages. */
      readonly reasons: readonly AskReason[];
      /** What this call counts for while it waits, besides its app. */
      readonly counted: readonly Counted[];
      readonly trail: TrailStep[];
    };

type Say =
  | { readonly verdict: 'pass' | 'skip'; readonly note: string }
  | { readonly verdict: 'refuse'; readonly refusal: Refusal }
  | { readonly verdict: 'ask'; readonly reason: AskReason; readonly also?: readonly AskReason[] };

/** What the rules say; worked out once, by the first stage that asks. */
type Ruled = () => RuleSays;
type Stage = (call: CallAttempt, snapshot: PolicySnapshot, now: number, ruled: Ruled) => Say;

/** The policy, in order. The first refusal ends it; approval comes before arguments, so a held schema never shows. */
const STAGES: readonly (readonly [name: string, stage: Stage])[] = [
  ['app', identifyApp],
  ['gate', checkGate],
  ['profile', checkProfile],
  ['approval', checkApproval],
  ['effect', checkEffect],
  ['arguments', checkArguments],
  ['rules', checkRules],
  ['limits', checkLimits],
  ['guards', checkGuards],
  ['ask', askPerson],
];

/** Decides one call. Same input, same answer; looks at nothing but its arguments. */
export function decide(call: CallAttempt, snapshot: PolicySnapshot, clock: DecisionClock): Decision {
  const trail: TrailStep[] = [];
  const reasons: AskReason[] = [];
  let said: RuleSays | undefined;
  const ruled: Ruled = () => {
    said ??= ruleSays(call, snapshot, clock.now);
    return said;
  };
  for (const [stage, check] of STAGES) {
    const said = check(call, snapshot, clock.now, ruled);
    const atMicros = clock.micros();
    if (said.verdict === 'refuse') {
      trail.push({ stage, verdict: 'refuse', note: said.refusal.message, atMicros });
      return { verdict: 'refuse', refusal: said.refusal, trail };
    }
    if (said.verdict === 'ask') {
      const asked = [said.reason, ...(said.also ?? [])];
      reasons.push(...asked);
      trail.push({ stage, verdict: 'ask', note: asked.map(({ text }) => text).join(' '), atMicros });
    } else {
      trail.push({ stage, verdict: said.verdict, note: said.note, atMicros });
    }
  }
  if (call.own) return { verdict: 'pass-own', trail };
  const { tool } = snapshot;
  const effect = tool && effectOf(call, tool);
  const guards = guardSays(call, snapshot, clock.now);
  const redacts = guards?.kind === 'go' && guards.redacts;
  // The approval stage refused both cases already; failing closed here keeps that true if a stage is ever reordered.
  if (!tool || !effect || tool.state !== 'approved') return { verdict: 'refuse', refusal: unknownOffer(call), trail };
  const { limits } = ruled();
  const counted = countedFor(snapshot, call, limits);
  const times = callTimes(limits);
  if (reasons.length > 0) {
    const grant = answered(call, tool, effect, reasons, snapshot, clock.now);
    if (!grant) return { verdict: 'ask', tool, effect, reasons, counted, trail };
    trail.push({ stage: 'answer', verdict: 'pass', note: grantNote(grant), atMicros: clock.micros() });
    return { verdict: 'pass', tool, effect, redacts, grant, counted, times, trail };
  }
  return { verdict: 'pass', tool, effect, redacts, counted, times, trail };
}

/** Asks all rules; a call that no server would get has none. */
function ruleSays(call: CallAttempt, snapshot: PolicySnapshot, now: number): RuleSays {
  const { profile, tool, rules = [], home = '/' } = snapshot;
  const effect = tool && effectOf(call, tool);
  if (call.own || !call.app || !profile || !tool || !effect) return NO_RULE;
  const { id, server } = tool;
  const asks = answerFor(profile, { id, server, kind: tool.kind, effect }) === 'ask';
  return rulesSay(rules, { app: call.app, server, id, effect, arguments: call.arguments, now }, { home }, asks);
}
const NO_RULE: RuleSays = { verb: null, by: null, limits: [] };

/** The count of a day's calls of an app, for its profile's own limit. */
const dayKey = (appId: string): string => `app\n${appId}`;

function countedFor({ profile }: PolicySnapshot, { app }: CallAttempt, limits: RuleSays['limits']): readonly Counted[] {
  const ofRules = limits.map(({ key, rule }) => ({ key, perDay: rule.callsPerDay ?? null }));
  const perDay = profile?.callsPerDay ?? null;
  return perDay === null || !app ? ofRules : [{ key: dayKey(app.id), perDay }, ...ofRules];
}

/** The person's answer that covers the call, if there is one. */
function answered(
  call: CallAttempt,
  tool: ToolRecord,
  effect: Effect,
  reasons: readonly AskReason[],
  { grants = [] }: PolicySnapshot,
  now: number,
): Grant | undefined {
  if (!call.app) return undefined;
  const { id: callId, sessionId = null, argumentsDigest = () => '' } = call;
  const asked = { callId, appId: call.app.id, sessionId, offerId: tool.id, fingerprint: tool.fingerprint, effect };
  return grantFor({ ...asked, argumentsDigest, now }, reasons, grants);
}

/** What the call does: a tool's approved effect, `read` for everything else. Null when nobody has said what the tool does. */
function effectOf({ kind = 'tool' }: CallAttempt, offer: ToolRecord): Effect | null {
  if (offer.kind === 'tool' && offer.effect === null) return null;
  return kind === 'tool' ? offer.effect : 'read';
}

const pass = (note: string): Say => ({ verdict: 'pass', note });
const skip = (note: string): Say => ({ verdict: 'skip', note });
const refuse = (refusal: Refusal): Say => ({ verdict: 'refuse', refusal });

const OWN = skip("One of Gatehouse's own tools.");

function identifyApp({ app }: CallAttempt): Say {
  if (app) return pass(`The app is ${app.name}.`);
  return refuse({
    code: 'unknown_app',
    message: 'Gatehouse does not know this app. The person connects it in Gatehouse, which gives it a token.',
    retryable: false,
    whoCanFix: 'person',
  });
}

function checkGate({ app }: CallAttempt, { gate }: PolicySnapshot, now: number): Say {
  const pause = pauseFor(gate, app?.id ?? null, now);
  return pause ? refuse(pausedRefusal(pause.until, now)) : pass('The gate is open.');
}

/** The refusal while the gate is paused; `until` in milliseconds since epoch, null when only a person ends the pause. */
export function pausedRefusal(until: number | null, now: number): Refusal {
  return {
    code: 'paused',
    message: 'The person paused Gatehouse, so no tool can be used until they resume it.',
    retryable: true,
    ...(until !== null && { retryAfterMs: Math.max(until - now, 0) }),
    whoCanFix: 'person',
  };
}

function checkProfile(call: CallAttempt, { profile, tool }: PolicySnapshot): Say {
  if (!profile) {
    return refuse({
      code: 'not_in_profile',
      message: `The profile ${call.app?.profile ?? ''} of this app is not defined in policy.json, so it may use nothing.`,
      retryable: false,
      whoCanFix: 'person',
    });
  }
  if (call.own) return pass(`Profile ${profile.name}.`);
  // A server outside the profile and a tool that does not exist look the same from outside.
  if (!tool || !answersFor(tool, call) || (profile.servers && !profile.servers.includes(tool.server))) {
    return refuse(unknownOffer(call));
  }
  const effect = effectOf(call, tool);
  const isHidden =
    effect !== null && profile.effects.includes(effect) && answerFor(profile, { ...tool, effect }) === 'hide';
  if (isHidden) return refuse(unknownOffer(call));
  return pass(`${tool.server} is in profile ${profile.name}.`);
}

/**
 * Approving a prompt or resource approves no tool of that name, nor the other way round. A resource may stand behind
 * something else: what gave its URI to the app.
 */
function answersFor(offer: ToolRecord, { kind = 'tool' }: CallAttempt): boolean {
  return kind === 'tool' || kind === 'prompt' ? offer.kind === kind : true;
}

function unknownOffer({ toolId, kind = 'tool' }: CallAttempt): Refusal {
  const parts = splitOfferId(toolId);
  // What means nothing may look like an id: a URI has a colon too.
  const name = kind !== 'tool' && parts?.kind === kind ? parts.name : toolId;
  return {
    code: 'not_in_profile',
    message: `No ${WORDS[kind]} named ${shortName(name)} is available to this app.`,
    retryable: false,
    whoCanFix: 'agent',
  };
}

function checkApproval(call: CallAttempt, { tool }: PolicySnapshot): Say {
  if (call.own) return OWN;
  if (!tool) return refuse(unknownOffer(call));
  if (tool.state === 'approved' && effectOf(call, tool) !== null) return pass('The person approved this definition.');
  return refuse(heldRefusal(tool));
}

const WORDS: Record<OfferKind, string> = {
  tool: 'tool',
  prompt: 'prompt',
  resource: 'resource',
  template: 'resource template',
};

/** How a refusal calls an offer: a tool by its id, anything else by its own name and its server's. */
function namedOffer({ id, kind, name, server }: NamedOffer): string {
  return kind === 'tool' ? shortName(id) : `${shortName(name)} of ${server}`;
}

type NamedOffer = Pick<ToolRecord, 'id' | 'kind' | 'name' | 'server'>;

/** The refusal of an offer that is not approved. Says nothing that the server said about it. */
export function heldRefusal(tool: NamedOffer & Pick<ToolRecord, 'state' | 'heldByServer'>): Refusal {
  const what = tool.heldByServer
    ? `The server ${tool.server} of ${shortName(tool.kind === 'tool' ? tool.id : tool.name)}`
    : `The ${WORDS[tool.kind]} ${namedOffer(tool)}`;
  const { code, message } = HELD[tool.state];
  return { code, message: `${what} ${message}`, retryable: false, whoCanFix: 'person' };
}

const HELD: Record<ToolRecord['state'], { code: RefusalCode; message: string }> = {
  pending: { code: 'quarantined', message: "waits for the person's approval in Gatehouse." },
  changed: {
    code: 'changed',
    message: 'changed since the person approved it and waits until they look at the change.',
  },
  blocked: { code: 'blocked', message: 'was blocked by the person.' },
  // Approved without an effect: nobody said what it does, so it counts as not approved.
  approved: { code: 'quarantined', message: "waits for the person's approval in Gatehouse." },
};

function checkEffect(call: CallAttempt, { profile, tool }: PolicySnapshot): Say {
  if (call.own) return OWN;
  const { claimedEffect, kind = 'tool' } = call;
  const effect = tool && effectOf(call, tool);
  if (!tool || !effect) return skip('No effect is known.');
  if (profile && !profile.effects.includes(effect)) {
    const message =
      kind === 'tool'
        ? `The tool ${shortName(tool.id)} is approved as ${effect}, which this app may not use.`
        : `This app may not read, and the ${WORDS[kind]} ${namedOffer(tool)} is read.`;
    return refuse({ code: 'not_in_profile', message, retryable: false, whoCanFix: 'person' });
  }
  if (kind !== 'tool') return pass(`A ${WORDS[kind]} is read.`);
  if (claimedEffect === null) return pass(`Approved as ${effect}; this surface claims no effect.`);
  if (claimedEffect === effect) return pass(`Approved as ${effect}, called as ${effect}.`);
  return refuse({
    code: 'wrong_effect',
    message: `The tool ${shortName(tool.id)} is approved as ${effect}, so it is called with call_tool_${effect}.`,
    retryable: false,
    whoCanFix: 'agent',
  });
}

function checkArguments(call: CallAttempt, { tool, checkArguments: check }: PolicySnapshot): Say {
  if (call.own) return OWN;
  if (!tool) return skip('No schema is known.');
  if (call.kind !== undefined && call.kind !== 'tool') return skip('The server checks what it is asked for.');
  const verdict = check(tool, call.arguments);
  if (verdict.verdict === 'valid') return pass('The arguments fit the approved schema.');
  if (verdict.verdict === 'unchecked') return skip(verdict.why);
  return refuse({
    code: 'invalid_arguments',
    message: `The arguments do not fit ${shortName(tool.id)}: ${verdict.problem}`,
    retryable: false,
    whoCanFix: 'agent',
  });
}

/** A rule that denies ends it here, before anything is counted or asked. */
function checkRules(call: CallAttempt, { tool }: PolicySnapshot, _now: number, ruled: Ruled): Say {
  if (call.own) return OWN;
  const { verb, by } = ruled();
  if (verb === null || by === null) return skip('No rule decides; the profile does.');
  if (verb !== 'deny') return pass(`Rule ${by.place} fits: ${ruleText(by.rule)}.`);
  return refuse({
    code: 'denied_by_person',
    message: `Rule ${by.place} of the person does not let this app make this call${tool ? ` to ${namedOffer(tool)}` : ''}.`,
    retryable: false,
    whoCanFix: 'person',
  });
}

function checkLimits(call: CallAttempt, snapshot: PolicySnapshot, now: number, ruled: Ruled): Say {
  const { profile, usage, countOf = () => NOTHING_USED, loop = null } = snapshot;
  const today = call.app ? countOf(dayKey(call.app.id)).today : 0;
  const over =
    overLimit('This app', profile ?? NO_LIMITS, { ...usage, today: call.own ? 0 : today }, now) ??
    firstOver(call, ruled(), countOf, now) ??
    (profile?.loopGuard && loop ? overLoop(profile.loopGuard, loop, now) : null);
  if (over) return refuse({ ...over, retryable: true, whoCanFix: 'agent' });
  return pass(`${usage.lastMinute} calls in the last minute, ${usage.inFlight} in flight.`);
}

function firstOver(call: CallAttempt, { limits }: RuleSays, countOf: (key: string) => CountNow, now: number) {
  if (call.own) return null;
  for (const limit of limits) {
    const what = { app: 'This app', server: 'This app at this server', tool: 'This app with this tool' }[
      limit.rule.per
    ];
    const over = overLimit(`${what} (rule ${limit.place})`, limitsOf(limit), countOf(limit.key), now);
    if (over) return over;
  }
  return null;
}

const NOTHING_USED: CountNow = { lastMinute: 0, inFlight: 0, today: 0, freesInMs: 0 };
const NO_LIMITS = { callsPerMinute: null, concurrentCalls: null, callsPerDay: null };

function checkGuards(call: CallAttempt, snapshot: PolicySnapshot, now: number): Say {
  if (call.own) return OWN;
  const said = guardSays(call, snapshot, now);
  if (!said) return skip('Nothing would be sent.');
  if (said.kind === 'refuse') {
    return refuse({ code: 'secret_in_arguments', message: said.message, retryable: false, whoCanFix: 'agent' });
  }
  const [reason, ...also] = said.reasons;
  return reason ? { verdict: 'ask', reason, also } : pass(said.note);
}

function guardSays({ kind = 'tool' }: CallAttempt, { profile, tool, guards }: PolicySnapshot, now: number) {
  if (!profile || !tool) return undefined;
  const target = { tool: namedOffer(tool), server: tool.server, canRedact: kind === 'tool' || kind === 'prompt' };
  return guardVerdict(target, profile.guards, guards, now);
}

function askPerson(call: CallAttempt, { profile, tool }: PolicySnapshot, _now: number, ruled: Ruled): Say {
  if (call.own) return OWN;
  const { verb, by } = ruled();
  if (verb === 'allow') return pass('A rule lets it through without asking.');
  if (verb === 'ask' && by) {
    const text = `Rule ${by.place} asks: ${ruleText(by.rule)}.`;
    return { verdict: 'ask', reason: { kind: 'rule', text, rule: ruleIdOf(by.rule), about: null, serious: false } };
  }
  const effect = tool && effectOf(call, tool);
  if (!profile || !tool || !effect) return skip('Nothing is known to ask about.');
  if (answerFor(profile, { ...tool, effect }) !== 'ask') return pass(`Profile ${profile.name} lets it through.`);
  const text = `Profile ${profile.name} asks before ${effect === 'read' ? 'reads' : `${effect} calls`} of this kind.`;
  return { verdict: 'ask', reason: { kind: 'effect', text, rule: null, about: effect, serious: false } };
}

/** A name from outside, in one line and short enough for a sentence. */
export function shortName(name: string): string {
  const plain = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
  return plain.length <= LONGEST_NAME ? plain : `${plain.slice(0, LONGEST_NAME).toWellFormed()}…`;
}
const LONGEST_NAME = 120;
