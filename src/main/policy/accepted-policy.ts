/** What of policy.json a person has agreed to: an edited file may take away at once, and give only after a yes. Pure. */
import { stricterGuards, USUAL_GUARDS, widerGuards } from './guard-widening.ts';
import type { Profile } from './profiles.ts';

export type ProfileSet = ReadonlyMap<string, Profile>;

/** What holds now, and what the file wants beyond it. */
export interface PolicyOutcome {
  readonly effective: ProfileSet;
  /** One sentence for each thing that waits for a person; empty when the file holds as it is. */
  readonly wider: readonly string[];
}

/** The part of `wanted` that goes no further than `accepted` in any respect. */
export function withinAccepted(wanted: ProfileSet, accepted: ProfileSet): PolicyOutcome {
  const effective = new Map<string, Profile>();
  const wider: string[] = [];
  for (const [name, profile] of wanted) {
    const before = accepted.get(name);
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
      asks: [...new Set([...profile.asks, ...before.asks])],
      callsPerMinute: smaller(profile.callsPerMinute, before.callsPerMinute),
      concurrentCalls: smaller(profile.concurrentCalls, before.concurrentCalls),
      guards: stricterGuards(profile.guards, before.guards),
    });
    wider.push(...widenings(profile, before));
  }
  return { effective, wider };
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
  const unasked = before.asks.filter((effect) => !wanted.asks.includes(effect));
  if (unasked.length > 0) {
    found.push(`The profile ${name} would no longer ask about tools that are ${unasked.join(' and ')}.`);
  }
  if (isMore(wanted.callsPerMinute, before.callsPerMinute)) {
    found.push(`The profile ${name} could make ${wanted.callsPerMinute ?? 'any number of'} calls a minute.`);
  }
  if (isMore(wanted.concurrentCalls, before.concurrentCalls)) {
    found.push(`The profile ${name} could have ${wanted.concurrentCalls ?? 'any number of'} calls in flight.`);
  }
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

/** Null is no limit. */
const isMore = (a: number | null, b: number | null): boolean => b !== null && (a === null || a > b);
const smaller = (a: number | null, b: number | null): number | null => (isMore(a, b) ? b : a);
