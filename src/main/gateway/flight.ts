/** A call that was let through: it takes a slot of its app and can be ended by the person, the client or Gatehouse. */
import type { Counted, DayCounts, Gate } from '../policy/index.ts';
import type { CancelReason } from './failures.ts';
import type { Usage } from './usage.ts';

export interface FlightRooms {
  readonly gate: Pick<Gate, 'signalFor' | 'noteCancelled'>;
  readonly dayCounts: DayCounts;
  readonly usage: Usage;
  /** Milliseconds since epoch. */
  readonly clock: () => number;
}

export interface Flight extends Disposable {
  /** Aborted with a CancelReason. */
  readonly signal: AbortSignal;
  /** Waits for `work` while nothing has left yet, so that a pause has nothing to cancel at a server. */
  whileHere<T>(work: Promise<T>): Promise<T>;
}

/** Counts the call and ties it to everything that can end it early. Disposing frees the slot. */
export function takeOff(
  { dayCounts, gate, usage, clock }: FlightRooms,
  app: string,
  caller: AbortSignal,
  counted: readonly Counted[] = [],
): Flight {
  const now = clock();
  const landings = [app, ...counted.map(({ key }) => key)].map((key) => usage.begin(key, now));
  for (const { key, perDay } of counted) if (perDay !== null) dayCounts.add(key, now);
  const controller = new AbortController();
  const gateSignal = gate.signalFor(app);
  let isHere = false;
  const onPause = (): void => {
    if (!controller.signal.aborted && !isHere) gate.noteCancelled();
    controller.abort('paused' satisfies CancelReason);
  };
  const onCancel = (): void => controller.abort(caller.reason);
  if (gateSignal.aborted) controller.abort('paused' satisfies CancelReason);
  else gateSignal.addEventListener('abort', onPause, { once: true });
  if (caller.aborted) onCancel();
  else caller.addEventListener('abort', onCancel, { once: true });
  return {
    signal: controller.signal,
    async whileHere(work) {
      isHere = true;
      try {
        return await work;
      } finally {
        isHere = false;
      }
    },
    [Symbol.dispose]() {
      gateSignal.removeEventListener('abort', onPause);
      caller.removeEventListener('abort', onCancel);
      for (const landed of landings) landed();
    },
  };
}
