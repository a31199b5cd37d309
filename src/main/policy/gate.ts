/** The one switch: open or paused, for every app or one of them. */

import { type GateState, gateStateSchema } from '@shared/contract/index.ts';
import type { Actor } from '@shared/words.ts';
import type { AuditLog } from '../audit/index.ts';
import { type KeptState, OwedWrites } from '../storage/index.ts';

/** The one switch. State survives a restart. */
export interface Gate extends Disposable {
  state(): GateState;
  /**
   * Pauses for ever or for a time. From the command line or a file a pause that is there never ends sooner than it would
   * have: a short pause over a long one would open the gate without a person.
   */
  pause(by: Actor, options?: { app?: string; forMs?: number }): GateState;
  /** Throws, and stays paused, when the log cannot record it. */
  resume(by: Actor, options?: { app?: string }): GateState;
  /** Aborts when the app is paused; calls in flight listen to it. Already aborted while the app is paused. */
  signalFor(appId: string): AbortSignal;
  /** Told by the pipeline for each call it cancelled because of a pause; shown in the state. */
  noteCancelled(): void;
  onChange(listener: (state: GateState) => void): Disposable;
}

/** The part of the timer functions the gate uses; tests bring their own. */
export interface GateTimers {
  set(callback: () => void, ms: number): unknown;
  clear(timer: unknown): void;
}

export interface GateOptions {
  /** What waits for space, shared by the rooms of a data folder; default: one of its own. */
  readonly owed?: OwedWrites;
  readonly kept: KeptState;
  /** Milliseconds since epoch. */
  readonly clock: () => number;
  readonly audit: Pick<AuditLog, 'note'>;
  readonly log?: { error(facts: object, message: string): void };
  readonly timers?: GateTimers;
}

/** What a pause looks like to one app: its end in milliseconds since epoch, or null when only a person ends it. */
export interface Pause {
  readonly until: number | null;
}

/** The pause that holds for an app now, or null when its gate is open. Pure. */
export function pauseFor(state: GateState, appId: string | null, now: number): Pause | null {
  if (state.paused && !hasPassed(state.until, now)) return { until: state.until };
  const own = appId === null ? undefined : ownPause(state, appId);
  return own && !hasPassed(own.until, now) ? { until: own.until } : null;
}

const hasPassed = (until: number | null, now: number): boolean => until !== null && until <= now;

const OPEN: GateState = { paused: false, since: null, until: null, by: null, apps: {}, cancelledCalls: 0 };

const KEPT_NAME = 'gate';
/** Fronts only a person can use. */
const PEOPLE: ReadonlySet<Actor> = new Set(['window', 'console', 'tray']);

/** The longest a Node timer can wait; later ends are reached in several steps. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const nodeTimers: GateTimers = {
  set: (callback, ms) => setTimeout(callback, ms).unref(),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout), // what `set` of this very object returned
};

/**
 * Opens the gate as it was left: a pause survives a restart, and one whose end has passed is over. A state
 * that is gone, cannot be read or was written by another program counts as paused: a switch nobody can trust must not let
 * calls through.
 */
export function createGate(options: GateOptions): Gate {
  const { kept, clock, audit, log, timers = nodeTimers } = options;
  const { owed = new OwedWrites({ warn: (facts, message) => log?.error(facts, message) }) } = options;
  const save = (): void => kept.write(KEPT_NAME, state);
  const listeners = new Set<(state: GateState) => void>();
  const controllers = new Map<string, AbortController>();
  let state = readState(kept, clock());
  let timer: unknown;

  const persist = (): void => {
    try {
      save();
    } catch (error) {
      // Pausing must work on a full disk too: the switch holds in memory, and is saved as soon as there is space.
      owed.owe(error, 'gate', save);
      log?.error(
        { error: textOf(error) },
        'The gate could not be saved; until it is, a restart would forget the change',
      );
    }
  };

  const record = (by: Actor, action: string, subject: string, facts: Record<string, unknown>): void => {
    try {
      audit.note({ at: clock(), actor: by, action, subject, facts }, { happened: true });
    } catch (error) {
      log?.error({ error: textOf(error), action }, 'The log did not take in a change of the gate');
    }
  };

  const settle = (): GateState => {
    persist();
    schedule();
    for (const listener of [...listeners]) listener(state);
    return state;
  };

  const schedule = (): void => {
    if (timer !== undefined) timers.clear(timer);
    timer = undefined;
    const ends = [state.paused ? state.until : null, ...Object.values(state.apps).map((pause) => pause.until)];
    const next = ends.reduce<number | null>(
      (soonest, end) => (end === null ? soonest : Math.min(end, soonest ?? end)),
      null,
    );
    if (next === null) return;
    timer = timers.set(openWhatIsOver, Math.min(Math.max(next - clock(), 0), LONGEST_TIMER_MS));
  };

  function openWhatIsOver(): void {
    const now = clock();
    const over = withoutPassed(state, now);
    if (over === state) {
      schedule();
      return;
    }
    const ended = state.paused && !over.paused ? ['everything'] : [];
    for (const app of Object.keys(state.apps)) if (!Object.hasOwn(over.apps, app)) ended.push(app);
    state = over;
    for (const subject of ended) record('system', 'gate.resume', subject, { reason: 'its time had passed' });
    settle();
  }

  const abort = (app: string | undefined): void => {
    const reached = app === undefined ? [...controllers.keys()] : [app];
    for (const id of reached) {
      const controller = controllers.get(id);
      controllers.delete(id);
      controller?.abort();
    }
  };

  // From the first start on there is a state, so that a later one without it shows that somebody took it away.
  if (kept.read(KEPT_NAME).kind === 'new') persist();
  openWhatIsOver();

  return {
    state: () => state,
    pause(by, { app, forMs } = {}) {
      const since = clock();
      const asked = forMs === undefined ? null : since + forMs;
      const standing = app === undefined ? (state.paused ? state : undefined) : ownPause(state, app);
      const until = PEOPLE.has(by) || !standing ? asked : laterOf(asked, standing.until);
      state =
        app === undefined
          ? { ...state, paused: true, since, until, by, cancelledCalls: 0 }
          : { ...state, apps: { ...state.apps, [app]: { since, until, by } }, cancelledCalls: 0 };
      abort(app);
      record(by, 'gate.pause', app ?? 'everything', { until, cancelledCalls: state.cancelledCalls });
      return settle();
    },
    resume(by, { app } = {}) {
      const isPaused = app === undefined ? state.paused : Object.hasOwn(state.apps, app);
      if (!isPaused) return state;
      // What cannot be recorded must not open anything; closing is always allowed.
      audit.note({ at: clock(), actor: by, action: 'gate.resume', subject: app ?? 'everything', facts: {} });
      if (app === undefined) state = { ...state, paused: false, since: null, until: null, by: null };
      else {
        const { [app]: _resumed, ...apps } = state.apps;
        state = { ...state, apps };
      }
      return settle();
    },
    signalFor(appId) {
      if (pauseFor(state, appId, clock())) return AbortSignal.abort();
      let controller = controllers.get(appId);
      if (!controller) {
        controller = new AbortController();
        controllers.set(appId, controller);
      }
      return controller.signal;
    },
    noteCancelled() {
      state = { ...state, cancelledCalls: state.cancelledCalls + 1 };
    },
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    [Symbol.dispose]() {
      if (timer !== undefined) timers.clear(timer);
      owed.settle();
      if (options.owed === undefined) owed[Symbol.dispose]();
      listeners.clear();
    },
  };
}

const ownPause = (state: GateState, app: string) => (Object.hasOwn(state.apps, app) ? state.apps[app] : undefined);

function withoutPassed(state: GateState, now: number): GateState {
  const apps = Object.entries(state.apps).filter(([, pause]) => !hasPassed(pause.until, now));
  const opens = state.paused && hasPassed(state.until, now);
  if (!opens && apps.length === Object.keys(state.apps).length) return state;
  const kept = { ...state, apps: Object.fromEntries(apps) };
  return opens ? { ...kept, paused: false, since: null, until: null, by: null } : kept;
}

function readState(kept: KeptState, now: number): GateState {
  const found = kept.read(KEPT_NAME);
  if (found.kind === 'new') return OPEN;
  const parsed = found.kind === 'kept' ? gateStateSchema.safeParse(found.value) : undefined;
  return parsed?.success ? parsed.data : { ...OPEN, paused: true, since: now, by: 'system' };
}

/** Null is never. */
function laterOf(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
