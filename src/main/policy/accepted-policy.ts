/** What of policy.json a person has agreed to: an edited file may take away at once, and give only after a yes. Pure. */
import type { LoopGuard } from '@shared/contract/index.ts';
import { commonAnswers, widerAnswers } from './answers.ts';
import { stricterGuards, USUAL_GUARDS, widerGuards } from './guard-widening.ts';
import type { Profile } from './profiles.ts';
import { DENY_ALL, type RuleList, widerList } from './rule-layers.ts';

export type ProfileSet = ReadonlyMap<string, Profile>;

/** What a person agreed to. */
export interface AcceptedPolicy {
  readonly profiles: ProfileSet;
  /** A call needs a yes of each list. */
  readonly rules: readonly RuleList[];
}

/** What holds now, and what the file wants beyond it. */
export interface PolicyOutcome {
  readonly effective: AcceptedPolicy;
  /** One sentence for each thing that waits for a person; empty when the file holds as it is. */
  readonly wider: readonly string[];
}

/** The part of `wanted` that goes no further than `accepted` in any respect. */
export function withinAccepted(
  wanted: { readonly profiles: ProfileSet; readonly rules: RuleList },
  accepted: AcceptedPolicy,
): PolicyOutcome {
  const effective = new Map<string, Profile>();
  const wider: string[] = [];
  for (const [name, profile] of wanted.profiles) {
    const before = accepted.profiles.get(name);
    if (!before) {
      wider.push(
        `The profile ${name} is new: ${reachOf(profile)}.`,
        ...widerGuards(name, profile.guards, USUAL_GUARDS),
      );
      continue;
    }
    effective.set(name, {
      name,
      // How tools are shown opens nothing.
      surface: profile.surface,
      pinned: profile.pinned,
      servers: common(profile.servers, before.servers),
      effects: profile.effects.filter((effect) => before.effects.includes(effect)),
      ...commonAnswers(profile, before),
      callsPerMinute: smaller(profile.callsPerMinute, before.callsPerMinute),
      concurrentCalls: smaller(profile.concurrentCalls, before.concurrentCalls),
      callsPerDay: smaller(profile.callsPerDay, before.callsPerDay),
      loopGuard: stricterGuard(profile.loopGuard, before.loopGuard),
      guards: stricterGuards(profile.guards, before.guards),
    });
    wider.push(...widenings(profile, before));
  }
  const rules = rulesWithin(wanted.rules, accepted.rules);
  return { effective: { profiles: effective, rules: rules.effective }, wider: [...wider, ...rules.wider] };
}

/** Edits that no two of are comparable pile up as lists that all have to agree; past this many, nothing goes out. */
const MOST_LISTS = 8;

/** A list that the wanted one lets through no more than is done with; the others stay beside it. */
function rulesWithin(
  wanted: RuleList,
  accepted: readonly RuleList[],
): { readonly effective: readonly RuleList[]; readonly wider: readonly string[] } {
  const compared = accepted.map((list) => ({ list, wider: widerList(wanted, list) }));
  const narrower = compared.filter(({ wider }) => wider.length > 0);
  const wider = [...new Set(narrower.flatMap((one) => one.wider))];
  const lists = [...narrower.map(({ list }) => list), wanted];
  return lists.length > MOST_LISTS
    ? {
        effective: [DENY_ALL],
        wider: ['The rules were edited too often without a yes; until then nothing goes out.', ...wider],
      }
    : { effective: lists, wider };
}

function widenings(wanted: Profile, before: Profile): string[] {
  const { name } = wanted;
  const found: string[] = [];
  if (before.servers !== null) {
    const added = wanted.servers?.filter((server) => !before.servers?.includes(server));
    if (added === undefined) found.push(`The profile ${name} would reach every server.`);
    else if (added.length > 0) found.push(`The profile ${name} would also reach ${added.join(', ')}.`);
  }
  const effects = wanted.effects.filter((effect) => !before.effects.includes(effect));
  if (effects.length > 0) found.push(`The profile ${name} could also use tools that are ${effects.join(' and ')}.`);
  if (isMore(wanted.callsPerMinute, before.callsPerMinute)) {
    found.push(`The profile ${name} could make ${wanted.callsPerMinute ?? 'any number of'} calls a minute.`);
  }
  if (isMore(wanted.concurrentCalls, before.concurrentCalls)) {
    found.push(`The profile ${name} could have ${wanted.concurrentCalls ?? 'any number of'} calls in flight.`);
  }
  if (isMore(wanted.callsPerDay, before.callsPerDay)) {
    found.push(`The profile ${name} could make ${wanted.callsPerDay ?? 'any number of'} calls a day.`);
  }
  if (isLaxer(wanted.loopGuard, before.loopGuard))
    found.push(`The profile ${name} would stop loops later or not at all.`);
  found.push(...widerAnswers(wanted, before));
  found.push(...widerGuards(name, wanted.guards, before.guards));
  return found;
}

function reachOf({ servers, effects }: Profile): string {
  const reach = servers === null ? 'all servers' : servers.length === 0 ? 'no server' : servers.join(', ');
  return `${reach}; ${effects.join(', ') || 'no tools'}`;
}

/** Null is everything. */
function common(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  if (a === null) return b;
  return b === null ? a : a.filter((item) => b.includes(item));
}

/** Null is no guard. */
function stricterGuard(a: LoopGuard | null, b: LoopGuard | null): LoopGuard | null {
  if (a === null || b === null) return a ?? b;
  return {
    repeats: Math.min(a.repeats, b.repeats),
    pingPong: Math.min(a.pingPong, b.pingPong),
    windowSeconds: Math.max(a.windowSeconds, b.windowSeconds),
  };
}

function isLaxer(a: LoopGuard | null, b: LoopGuard | null): boolean {
  if (b === null) return false;
  return a === null || a.repeats > b.repeats || a.pingPong > b.pingPong || a.windowSeconds < b.windowSeconds;
}

/** Null is no limit. */
const isMore = (a: number | null, b: number | null): boolean => b !== null && (a === null || a > b);
const smaller = (a: number | null, b: number | null): number | null => (isMore(a, b) ? b : a);
