/**
 * Calls that wait for an answer of their app. A server of an older revision asks in the middle of a call; a client of the
 * stateless revision answers by coming again. In between the call is held here, still open at the server.
 */
import type { Gate, Grant } from '../policy/index.ts';
import type { WrittenJson } from '../upstreams/index.ts';
import type { Caller } from './call.ts';
import { canBeAsked } from './capabilities.ts';
import type { Errand } from './errand.ts';
import type { CancelReason } from './failures.ts';
import { HeldCall } from './held-call.ts';
import type { Leg } from './leg.ts';
import type { JsonObject } from './protocol.ts';
import type { RequestStates, StateFacts, StateReading } from './request-state.ts';

/** Milliseconds an app has for its answer; then the call is cancelled at the server. */
export const HELD_MS = 5 * 60_000;
/** Calls one app may have held; one more ends the one held longest. */
export const MOST_HELD = 256;

interface Held {
  readonly call: HeldCall;
  readonly app: string;
  /** Lets go of what would end it while it is held. */
  readonly release: () => void;
}

export interface HeldCallsOptions {
  readonly gate: Pick<Gate, 'signalFor'>;
  readonly states: RequestStates;
  /** Milliseconds since epoch. */
  readonly clock: () => number;
  readonly newId: () => string;
  /** True for a server of the stateless revision, or one that is not known well enough. */
  readonly isStateless: (server: string) => boolean;
  /** Runs `work` after so many milliseconds, unless it is disposed of before. */
  readonly after: (ms: number, work: () => void) => Disposable;
}

export type Resumed =
  | { readonly kind: 'held'; readonly call: HeldCall; readonly answers: ReadonlyMap<string, WrittenJson> }
  | { readonly kind: 'refused'; readonly message: string }
  /** The request stands for itself. */
  | { readonly kind: 'fresh' };

const NO_LONGER =
  'This requestState leads to no open question any more: it was used already, or it expired, or the call has ended. Make the call anew, without it.';
const NO_ANSWERS = 'inputResponses must be an object that has an object for each question.';
const NOT_YOURS =
  'This requestState does not fit this request. A retry repeats the method, the name and the arguments of the request that was answered with it.';

export class HeldCalls {
  readonly #options: HeldCallsOptions;
  // In the order they were held.
  readonly #held = new Map<string, Held>();

  constructor(options: HeldCallsOptions) {
    this.#options = options;
  }

  /** True when a server could ask this caller something, so that the call may have to be held. */
  isNeeded(declared: JsonObject): boolean {
    return canBeAsked(declared);
  }

  start(leg: Leg): HeldCall {
    return new HeldCall(leg);
  }

  /** Keeps a call that asked something until its app comes again. Gives the `requestState` that leads back to it. */
  hold(call: HeldCall, caller: Caller, errand: Errand): string {
    const { after, clock, gate, newId, states } = this.#options;
    const app = caller.app.id;
    const own = [...this.#held].filter(([, held]) => held.app === app);
    if (own.length >= MOST_HELD && own[0]) this.#end(own[0][0], 'client');
    const id = newId();
    const gateSignal = gate.signalFor(app);
    const onPause = (): void => this.#end(id, 'paused');
    const timer = after(HELD_MS, () => this.#end(id, 'client'));
    this.#held.set(id, {
      call,
      app,
      release: () => {
        gateSignal.removeEventListener('abort', onPause);
        timer[Symbol.dispose]();
      },
    });
    if (gateSignal.aborted) onPause();
    else gateSignal.addEventListener('abort', onPause, { once: true });
    return states.mint(id, clock() + HELD_MS, factsOf(caller, errand));
  }

  /** The answer that let the call pass to which this retry leads, where a person was asked about it. */
  grantOf(caller: Caller, errand: Errand): Grant | null {
    const state = errand.retry?.state;
    if (typeof state !== 'string') return null;
    const read = this.#options.states.read(state, () => factsOf(caller, errand), this.#options.clock());
    return read.kind === 'ours' ? (this.#held.get(read.id)?.call.leg.grant ?? null) : null;
  }

  /** Takes the call a retry leads to; its state works once. `server` is the one the errand would go to. */
  resume(caller: Caller, errand: Errand, server: string): Resumed {
    const { retry } = errand;
    if (!retry) return FRESH;
    const { states, clock, isStateless } = this.#options;
    const { state } = retry;
    const read: StateReading =
      typeof state === 'string' ? states.read(state, () => factsOf(caller, errand), clock()) : { kind: 'foreign' };
    // What goes on to a server is for the server to check.
    const isPassedOn = read.kind === 'foreign' && isStateless(server);
    if (!isPassedOn && !retry.isSound) return { kind: 'refused', message: NO_ANSWERS };
    if (read.kind === 'refused') return { kind: 'refused', message: read.why === 'expired' ? NO_LONGER : NOT_YOURS };
    // A server that gives out states of its own reads them itself; from any other, nobody has one.
    if (read.kind === 'foreign') {
      return isPassedOn || state === undefined ? FRESH : { kind: 'refused', message: NO_LONGER };
    }
    const held = this.#held.get(read.id);
    if (!held) return { kind: 'refused', message: NO_LONGER };
    this.#held.delete(read.id);
    held.release();
    return { kind: 'held', call: held.call, answers: retry.answers };
  }

  /** Ends the held calls of one app, or of all. */
  endAll(reason: CancelReason, app?: string): void {
    for (const [id, held] of [...this.#held]) if (app === undefined || held.app === app) this.#end(id, reason);
  }

  #end(id: string, reason: CancelReason): void {
    const held = this.#held.get(id);
    if (!held) return;
    this.#held.delete(id);
    held.release();
    held.call.end(reason);
  }
}

const FRESH: Resumed = { kind: 'fresh' };

function factsOf({ app, path }: Caller, errand: Errand): StateFacts {
  return { app: app.id, target: path, method: errand.method, request: errand.identity() };
}
