import type { AskMemory } from './ask-memory.ts';

/** Calls that may wait for their turn on one connection. */
const MOST_WAITING = 1_000;
/**
 * Milliseconds after which a call that waits for its caller's answer is taken to ask nothing more until it has it. What
 * asks several things at once asks them at once.
 */
export const PARK_MS = 1_000;
/** Milliseconds in which a call that was given up is still reckoned with: its server may not have noticed. */
const GIVEN_UP_MS = 60_000;
const MOST_GIVEN_UP = 1_000;

/** Callers with the same lane are the same to a server's question: a session's, or the single call of a stateless caller. */
export type LaneKey = string | number;

export interface LaneCall {
  readonly id: number;
  readonly lane: LaneKey;
  /** See `AskMemory`. */
  readonly subject: string;
  /** Its caller can answer at least one kind of question. */
  readonly canAnswer: boolean;
  /** Questions to its caller that are open now. */
  readonly openQuestions: number;
  /** When the oldest of them was asked; undefined without any. */
  readonly askingSince: number | undefined;
}

/** A lane whose caller has answered, and that may go on when nobody else's question could be mistaken for its own. */
interface Return {
  readonly lane: LaneKey;
  readonly go: () => void;
}

/**
 * Whom a question is for that names no request.
 * `calls`: one caller; the question came from one of these calls, most likely the last. `unable`: any of several, none of
 * whom could answer. `several`: any of several.
 */
export type Addressee<C> =
  | { readonly kind: 'nobody' | 'unable' | 'several' }
  | { readonly kind: 'calls'; readonly call: C; readonly candidates: readonly C[] };

/**
 * Lets calls run at the same time only as long as a question from the server can be told to be one caller's. Over stdio
 * and HTTP+SSE the wire does not say which call a question belongs to.
 *
 * Calls may run together when they are of one lane, when no caller among them could answer anyway, or when all are of
 * subjects that have been quiet so far. The others wait in the order they came. A person may take minutes to answer: calls
 * that wait for nothing but their caller's answer are parked when others want to run, and come back before they get it.
 */
export class Lanes<C extends LaneCall> {
  readonly #memory: AskMemory;
  readonly #now: () => number;
  readonly #onTurn: (call: C) => void;
  /** In the order they were sent. */
  readonly #inFlight = new Set<C>();
  readonly #waiting = new Set<C>();
  /** Calls at the server that wait for their caller and are not reckoned with until it has answered. */
  readonly #parked = new Set<C>();
  readonly #returning: Return[] = [];
  readonly #perLane = new Map<LaneKey, number>();
  /** Calls in flight whose subject is not known to be quiet. */
  readonly #loud = new Set<C>();
  /** Calls in flight that may have asked: how they end says nothing about their subject. */
  readonly #unsure = new Set<C>();
  readonly #givenUp = new Map<number, { readonly lane: LaneKey; readonly until: number }>();
  #able = 0;

  /** @param options.onTurn hears of a call that waited and may be sent now */
  constructor(options: {
    readonly memory: AskMemory;
    readonly now: () => number;
    readonly onTurn: (call: C) => void;
  }) {
    this.#memory = options.memory;
    this.#now = options.now;
    this.#onTurn = options.onTurn;
  }

  /**
   * Takes a call in: `sent` when it may be sent now, `waits` when `onTurn` will say so, `full` when it is not taken.
   * @param holdsBack false where questions name their call, so that nothing has to wait
   */
  enter(call: C, holdsBack: boolean): 'sent' | 'waits' | 'full' {
    const isNext = (this.#waiting.size === 0 && this.#returning.length === 0) || this.#isNested(call);
    if (!holdsBack || (isNext && (this.#fits(call) || (this.#park() && this.#fits(call))))) {
      this.#start(call);
      return 'sent';
    }
    if (this.#waiting.size >= MOST_WAITING) return 'full';
    this.#waiting.add(call);
    return 'waits';
  }

  /**
   * A call is over, sent or not.
   * @param how `finished` with what it was called for; `given up` while its server may go on; `failed` otherwise
   */
  leave(call: C, how: 'finished' | 'failed' | 'given up'): void {
    if (this.#parked.delete(call)) {
      if (how === 'given up') this.#giveUp(call);
    } else if (this.#inFlight.has(call)) {
      this.#land(call);
      const wasUnsure = this.#unsure.size > 0 && this.#unsure.delete(call);
      // Only a loud one can teach that it is quiet; the usual call costs no look at the memory.
      if (this.#loud.delete(call) && how === 'finished' && !wasUnsure) this.#memory.finishedQuietly(call.subject);
      if (how === 'given up') this.#giveUp(call);
    } else this.#waiting.delete(call);
    this.#nextTurn();
  }

  /** Some calls may have waited for their callers long enough to let others run. */
  reconsider(): void {
    if (this.#waiting.size > 0 && this.#park()) this.#nextTurn();
  }

  /**
   * The caller of these calls has answered. `go` hands the answer to the server: at once, or when their lane is back among
   * those that run.
   */
  answered(calls: Iterable<C>, go: () => void): void {
    for (const call of calls) {
      if (!this.#parked.has(call)) continue;
      this.#returning.push({ lane: call.lane, go });
      this.#nextTurn();
      return;
    }
    go();
  }

  /** The server answered a request that was given up: its work has ended. */
  answeredLate(id: number): void {
    this.#givenUp.delete(id);
  }

  /** Forgets who waits, without turns for anybody. */
  close(): void {
    this.#waiting.clear();
    this.#returning.length = 0;
  }

  /**
   * Whom a question without an address is for. Remembers who may have asked.
   */
  addressee(): Addressee<C> {
    const calls = this.#inFlight.size === 0 ? [...this.#parked] : [...this.#inFlight];
    const [first] = calls;
    if (!first) return { kind: 'nobody' };
    const isOneLane = calls.every((call) => call.lane === first.lane);
    // Beside one that is known to ask, quiet calls are not the likelier ones.
    const isDoubtful = this.#isParkedOutside(first.lane) && !calls.some((call) => this.#loud.has(call));
    const isHaunted = isOneLane && (isDoubtful || this.#isGivenUpOutside(first.lane));
    if (isOneLane && !isHaunted) {
      const loud = calls.filter((call) => this.#loud.has(call));
      const candidates = loud.length > 0 ? loud : calls;
      const call = candidates.at(-1);
      if (!call) return { kind: 'nobody' };
      if (candidates.length === 1 || loud.length === 0) this.#haveAsked(candidates);
      else this.#mayHaveAsked(candidates);
      return { kind: 'calls', call, candidates };
    }
    if (this.#able === 0 && this.#parked.size === 0) {
      this.#mayHaveAsked(calls);
      return { kind: 'unable' };
    }
    if (isHaunted) this.#mayHaveAsked(calls);
    else this.#haveAsked(calls);
    return { kind: 'several' };
  }

  /** The call that what names no request belongs to, when one caller's are in flight: the latest. */
  latestOfOne(): C | undefined {
    const [lane] = this.#perLane.keys();
    if (this.#perLane.size !== 1 || this.#isGivenUpOutside(lane) || this.#isParkedOutside(lane)) return undefined;
    let latest: C | undefined;
    for (const call of this.#inFlight) latest = call;
    return latest;
  }

  #fits(call: C): boolean {
    const lanes = this.#perLane.size;
    if (lanes === 0 || (lanes === 1 && this.#perLane.has(call.lane))) return true;
    if (this.#able === 0 && !call.canAnswer) return true;
    return this.#loud.size === 0 && this.#memory.habitOf(call.subject) === 'quiet';
  }

  /** While a caller is asked it may call again in order to answer; queueing that behind others could be for ever. */
  #isNested(call: C): boolean {
    if (this.#perLane.size !== 1 || !this.#perLane.has(call.lane)) return false;
    for (const other of this.#inFlight) if (other.openQuestions > 0) return true;
    return false;
  }

  #start(call: C): void {
    this.#inFlight.add(call);
    this.#perLane.set(call.lane, (this.#perLane.get(call.lane) ?? 0) + 1);
    if (call.canAnswer) this.#able += 1;
    if (this.#memory.habitOf(call.subject) !== 'quiet') this.#loud.add(call);
  }

  /**
   * Lets the first of the queue in, if it fits, and with it those behind it that fit as well. Whoever comes later queues
   * again, so that no lane keeps the others out.
   */
  #nextTurn(): void {
    if (!this.#returns()) return;
    const turn: C[] = [];
    for (const call of this.#waiting) {
      if (this.#fits(call) || (turn.length === 0 && this.#park() && this.#fits(call))) {
        this.#waiting.delete(call);
        this.#start(call);
        turn.push(call);
      } else if (turn.length === 0) return;
    }
    for (const call of turn) this.#onTurn(call);
  }

  /** Brings back whose caller has answered, before anybody new. False while one of them still has to wait. */
  #returns(): boolean {
    for (let next = this.#returning[0]; next; next = this.#returning[0]) {
      const isAlone = this.#perLane.size === 0 || (this.#perLane.size === 1 && this.#perLane.has(next.lane));
      if (!isAlone && !this.#park(next.lane)) return false;
      if (this.#perLane.size > 1 || (this.#perLane.size === 1 && !this.#perLane.has(next.lane))) return false;
      this.#returning.shift();
      for (const call of [...this.#parked]) {
        if (call.lane !== next.lane) continue;
        this.#parked.delete(call);
        this.#start(call);
      }
      next.go();
    }
    return true;
  }

  /**
   * Parks every lane, but one, whose calls have all waited for their caller for a while. True when that made room.
   */
  #park(except?: LaneKey): boolean {
    const since = this.#now() - PARK_MS;
    const busy = new Set<LaneKey>();
    for (const { lane, askingSince } of this.#inFlight) {
      if (lane === except || askingSince === undefined || askingSince > since) busy.add(lane);
    }
    let parked = false;
    for (const call of [...this.#inFlight]) {
      if (busy.has(call.lane)) continue;
      this.#land(call);
      this.#loud.delete(call);
      this.#unsure.delete(call);
      this.#parked.add(call);
      parked = true;
    }
    return parked;
  }

  #land(call: C): void {
    this.#inFlight.delete(call);
    const left = (this.#perLane.get(call.lane) ?? 1) - 1;
    if (left === 0) this.#perLane.delete(call.lane);
    else this.#perLane.set(call.lane, left);
    if (call.canAnswer) this.#able -= 1;
  }

  #isParkedOutside(lane: LaneKey | undefined): boolean {
    for (const call of this.#parked) if (call.lane !== lane) return true;
    return false;
  }

  #haveAsked(calls: readonly C[]): void {
    for (const call of calls) {
      this.#memory.asked(call.subject);
      this.#unsure.add(call);
    }
    this.#listenAgain();
  }

  #mayHaveAsked(calls: readonly C[]): void {
    for (const call of calls) {
      this.#memory.doubt(call.subject);
      this.#unsure.add(call);
    }
    this.#listenAgain();
  }

  /** What is known of subjects has changed: sorts the calls in flight anew. */
  #listenAgain(): void {
    for (const call of this.#inFlight) {
      if (this.#memory.habitOf(call.subject) !== 'quiet') this.#loud.add(call);
    }
  }

  #giveUp(call: C): void {
    for (const oldest of this.#givenUp.keys()) {
      if (this.#givenUp.size < MOST_GIVEN_UP) break;
      this.#givenUp.delete(oldest);
    }
    this.#givenUp.set(call.id, { lane: call.lane, until: this.#now() + GIVEN_UP_MS });
  }

  #isGivenUpOutside(lane: LaneKey | undefined): boolean {
    const now = this.#now();
    for (const [id, one] of this.#givenUp) {
      if (one.until <= now) this.#givenUp.delete(id);
      else if (one.lane !== lane) return true;
    }
    return false;
  }
}
