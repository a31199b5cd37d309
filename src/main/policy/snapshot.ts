/** Freezes what `decide()` looks at for one call: the one place that does, for the real path and the simulator alike. */
import type { Approvals, ToolRecord } from '../approvals/index.ts';
import type { GuardFacts } from '../guards/index.ts';
import type { ArgumentCheck } from './argument-check.ts';
import type { DayCounts } from './day-counts.ts';
import type { AppIdentity, PolicySnapshot } from './decide.ts';
import type { Gate } from './gate.ts';
import type { CountNow } from './limit-stage.ts';
import type { LoopWatch } from './loops.ts';
import type { Profiles } from './profiles.ts';
import type { Grant } from './question.ts';

export interface SnapshotRooms {
  readonly approvals: Pick<Approvals, 'tool'>;
  readonly argumentCheck: Pick<ArgumentCheck, 'check'>;
  /** Milliseconds since epoch. */
  readonly clock: () => number;
  readonly dayCounts: DayCounts;
  readonly gate: Pick<Gate, 'state'>;
  /** What is remembered of the person's answers for an app. */
  readonly grantsFor: (appId: string) => readonly Grant[];
  /** The person's home folder, absolute. */
  readonly home: string;
  readonly loops: LoopWatch;
  readonly profiles: Pick<Profiles, 'get' | 'rules'>;
  readonly usage: { read(key: string, now: number): Omit<CountNow, 'today'> };
}

/** What a call is about, as far as the snapshot depends on it. */
export interface SnapshotSubject {
  readonly app: AppIdentity;
  /** The offer whose approval counts; null when there is none. */
  readonly offerId: string | null;
  /** The only server the offer may be of; null: any. */
  readonly ofServer: string | null;
  /** Whose calls in a row may make a loop: a session, or an app that has none. */
  readonly loopOwner: string;
  /** Names the call with its arguments; asked for only where somebody watches for loops. */
  readonly loopMark: () => string;
  /** Secrets in what would be sent and what the session read before, at a time in milliseconds since epoch. */
  readonly guardFacts: (at: number) => GuardFacts;
}

export interface Snapshots {
  /** `given`: answers for this very call. `counted`: 1 when the call itself is among the counts, since one that is decided again must not stand in its own way. */
  of(subject: SnapshotSubject, counted: 0 | 1, given?: readonly Grant[]): PolicySnapshot;
}

export function createSnapshots(rooms: SnapshotRooms): Snapshots {
  const { approvals, argumentCheck, clock, dayCounts, gate, grantsFor, home, loops, profiles, usage } = rooms;
  const checkArguments: PolicySnapshot['checkArguments'] = (tool, args) => argumentCheck.check(tool, args);

  const offerOf = ({ offerId, ofServer }: SnapshotSubject): ToolRecord | undefined => {
    const offer = offerId === null ? undefined : approvals.tool(offerId);
    return ofServer === null || offer?.server === ofServer ? offer : undefined;
  };

  return {
    of(subject, counted, given = []) {
      const at = clock();
      const profile = profiles.get(subject.app.profile) ?? null;
      const countOf = (key: string): CountNow => {
        const { lastMinute, inFlight, freesInMs } = usage.read(key, at);
        return {
          lastMinute: Math.max(lastMinute - counted, 0),
          inFlight: Math.max(inFlight - counted, 0),
          today: Math.max(dayCounts.read(key, at) - counted, 0),
          freesInMs,
        };
      };
      const guard = profile?.loopGuard ?? null;
      return {
        gate: gate.state(),
        profile,
        tool: offerOf(subject),
        checkArguments,
        guards: subject.guardFacts(at),
        grants: given.length === 0 ? grantsFor(subject.app.id) : [...given, ...grantsFor(subject.app.id)],
        usage: countOf(subject.app.id),
        rules: profiles.rules(),
        home,
        countOf,
        loop: guard === null ? null : loops.facts(subject.loopOwner, subject.loopMark(), at, guard),
      };
    },
  };
}
