import { EventPublisher } from '@orpc/server';
import type { CallSummary, GatehouseEvent } from '@shared/contract/index.ts';

/** Calls wait this long for company, so that 200 calls a second do not become 400 messages a second. */
const CALL_BATCH_MS = 30;
/** A front that falls this far behind loses the oldest events; it reads the lists again when it reconnects. */
const BUFFERED_EVENTS = 2_000;

/** Fans events out to every front. */
export interface EventHub extends Disposable {
  publish(event: GatehouseEvent): void;
  /** Batched: several calls reach the fronts as one event, the newest state of each call only. */
  publishCall(call: CallSummary): void;
  listen(listener: (event: GatehouseEvent) => void): Disposable;
  /** Ends when the signal aborts or the hub is disposed. */
  subscribe(signal: AbortSignal | undefined): AsyncIterable<GatehouseEvent>;
}

/** @param setTimer injected so that tests control the batching */
export function createEventHub(setTimer: typeof setTimeout = setTimeout): EventHub {
  const publisher = new EventPublisher<{ event: GatehouseEvent }>({ maxBufferedEvents: BUFFERED_EVENTS });
  const ended = new AbortController();
  const pending = new Map<string, CallSummary>();
  let timer: NodeJS.Timeout | undefined;

  const publish = (event: GatehouseEvent): void => {
    if (!ended.signal.aborted) publisher.publish('event', event);
  };
  const flush = (): void => {
    timer = undefined;
    const calls = [...pending.values()];
    pending.clear();
    if (calls.length > 0) publish({ type: 'calls', calls });
  };

  return {
    publish,
    publishCall(call) {
      pending.delete(call.id);
      pending.set(call.id, call);
      if (timer === undefined && !ended.signal.aborted) {
        timer = setTimer(flush, CALL_BATCH_MS);
        timer.unref?.();
      }
    },
    listen(listener) {
      const stop = publisher.subscribe('event', listener);
      return { [Symbol.dispose]: stop };
    },
    subscribe(signal) {
      const signals = signal ? [signal, ended.signal] : [ended.signal];
      return publisher.subscribe('event', { signal: AbortSignal.any(signals) });
    },
    [Symbol.dispose]() {
      if (timer !== undefined) clearTimeout(timer);
      ended.abort();
    },
  };
}
