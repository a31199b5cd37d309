/** Calls that go round in circles: the same call with the same result, or two that take turns. A pure reducer and its memory. */
import { createHash } from 'node:crypto';
import type { LoopGuard } from '@shared/contract/index.ts';

/** One call that was answered. */
export interface AnsweredCall {
  /** Tool and arguments. */
  readonly what: string;
  readonly result: string;
  /** Milliseconds since epoch. */
  readonly at: number;
}

export interface LoopFacts {
  /** How often this very call was answered the same just before, with nothing else in between. */
  readonly repeats: number;
  /** How many calls before this one went back and forth between it and one other, each answered the same every time. */
  readonly pingPong: number;
  /** When the oldest of them leaves the window, in milliseconds since epoch; null: there is none. */
  readonly oldestAt: number | null;
}

/** As many as the largest guard looks at. */
const MOST_KEPT = 200;

/** The history with one more answered call. */
export function withAnswer(history: readonly AnsweredCall[], call: AnsweredCall): readonly AnsweredCall[] {
  return [...history.slice(-(MOST_KEPT - 1)), call];
}

/** How far a call that is about to be made would go on with a loop. */
export function loopFacts(history: readonly AnsweredCall[], what: string, now: number, guard: LoopGuard): LoopFacts {
  const since = now - guard.windowSeconds * 1000;
  const recent = history.filter(({ at }) => at > since);
  const repeats = runLength(recent, [what]);
  const other = recent.at(-1)?.what;
  const pingPong = other === undefined || other === what ? 0 : runLength(recent, [other, what]);
  const length = Math.max(repeats, pingPong);
  return { repeats, pingPong, oldestAt: length === 0 ? null : (recent.at(-length)?.at ?? null) };
}

/** How many calls at the end follow the pattern backwards, each answered as its like after it. */
function runLength(calls: readonly AnsweredCall[], pattern: readonly string[]): number {
  const results = new Map<string, string>();
  for (let back = 0; back < calls.length; back++) {
    const call = calls[calls.length - 1 - back];
    if (!call || call.what !== pattern[back % pattern.length]) return back;
    const before = results.get(call.what);
    if (before !== undefined && before !== call.result) return back;
    results.set(call.what, call.result);
  }
  return calls.length;
}

/** Owners whose calls are remembered; the least recently seen is forgotten first. */
const MOST_OWNERS = 1_000;

/** Remembers the answered calls of each session, or of each app that has none. */
export class LoopWatch {
  readonly #histories = new Map<string, readonly AnsweredCall[]>();

  facts(owner: string, what: string, now: number, guard: LoopGuard): LoopFacts {
    return loopFacts(this.#histories.get(owner) ?? [], what, now, guard);
  }

  note(owner: string, call: AnsweredCall): void {
    const history = withAnswer(this.#histories.get(owner) ?? [], call);
    this.#histories.delete(owner);
    this.#histories.set(owner, history);
    const [oldest] = this.#histories.keys();
    if (this.#histories.size > MOST_OWNERS && oldest !== undefined) this.#histories.delete(oldest);
  }
}

/** A short name for a text, so that large results are not kept. */
export const markOf = (text: string): string => createHash('sha256').update(text).digest('base64');
