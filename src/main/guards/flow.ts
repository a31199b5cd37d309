/**
 * Toxic flow: a session that has read what strangers wrote and what is private could be led to carry the one outward at the
 * word of the other. What was read is followed here; the policy asks before the third step.
 */
import type { FlowLabel } from '@shared/words.ts';

/** One finished call, as the chain shows it. */
export interface FlowStep {
  readonly callId: string;
  /** Id of the offer: `server:tool`. */
  readonly tool: string;
  /** Milliseconds since epoch. */
  readonly at: number;
}

/** What a session read up to now, oldest first; never both empty. */
export interface FlowChain {
  readonly untrusted: readonly FlowStep[];
  readonly private: readonly FlowStep[];
}

/** A session as the tracker knows it. */
export interface SessionFlow extends FlowChain {
  /** Milliseconds since epoch. */
  readonly usedAt: number;
}

export interface FinishedCall extends FlowStep {
  readonly labels: readonly FlowLabel[];
}

/** Steps that are kept for one side: the first, which explains how it began, and the last ones. */
const MOST_STEPS = 4;
/** Sessions that are followed at once; the one that was used longest ago is forgotten. */
const MOST_SESSIONS = 2_000;
/** A caller without sessions begins anew after half an hour without a call. Milliseconds. */
export const STATELESS_MS = 30 * 60_000;
/** A session nobody used for half a day is over, whether its client said so or not. Milliseconds. */
export const SESSION_MS = 12 * 60 * 60_000;

/** The session after one more call. Pure. */
export function afterCall(before: SessionFlow | undefined, call: FinishedCall): SessionFlow {
  const { callId, tool, at, labels } = call;
  const step = { callId, tool, at };
  return {
    untrusted: labels.includes('untrusted-source') ? withStep(before?.untrusted, step) : (before?.untrusted ?? []),
    private: labels.includes('private-source') ? withStep(before?.private, step) : (before?.private ?? []),
    usedAt: Math.max(at, before?.usedAt ?? at),
  };
}

function withStep(steps: readonly FlowStep[] = [], step: FlowStep): readonly FlowStep[] {
  if (steps.length < MOST_STEPS) return [...steps, step];
  return [...steps.slice(0, 1), ...steps.slice(2), step];
}

/** What a call with these labels would carry outward; null when it is no sink, or one of the two sides is missing. Pure. */
export function chainBefore(session: SessionFlow | undefined, labels: readonly FlowLabel[]): FlowChain | null {
  if (!session || !labels.includes('outward-sink')) return null;
  if (session.untrusted.length === 0 || session.private.length === 0) return null;
  return { untrusted: session.untrusted, private: session.private };
}

/** Who a flow belongs to. */
export interface FlowOwner {
  readonly app: string;
  readonly sessionId: string | null;
}

/** The sessions, in memory only: after a restart an app begins anew. */
export class FlowTracker {
  // In the order of their last use.
  readonly #sessions = new Map<string, SessionFlow>();

  /** @param now milliseconds since epoch */
  session(owner: FlowOwner, now: number): SessionFlow | undefined {
    const session = this.#sessions.get(keyOf(owner));
    const longest = owner.sessionId === null ? STATELESS_MS : SESSION_MS;
    return session && now - session.usedAt < longest ? session : undefined;
  }

  finished(owner: FlowOwner, call: FinishedCall): void {
    const before = this.session(owner, call.at);
    const key = keyOf(owner);
    // A session that read nothing of the two kinds has nothing to be remembered for.
    if (!before && !call.labels.includes('untrusted-source') && !call.labels.includes('private-source')) {
      this.#sessions.delete(key);
      return;
    }
    this.#sessions.delete(key);
    this.#sessions.set(key, afterCall(before, call));
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MOST_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
  }

  /** Sessions that are followed now. */
  get size(): number {
    return this.#sessions.size;
  }
}

const keyOf = ({ app, sessionId }: FlowOwner): string => JSON.stringify([app, sessionId]);
