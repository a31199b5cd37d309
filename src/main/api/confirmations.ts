import type { Confirmation } from '@shared/contract/index.ts';
import { orAborted } from '@shared/or-aborted.ts';
import type { Actor } from '@shared/words.ts';

/** A widening action that waits for a person, with what to do when they say yes. */
export interface ConfirmationRequest {
  readonly by: Actor;
  /** The connection that asked; the only one the result is handed to. Undefined: nobody waits for it. */
  readonly asker?: object | undefined;
  readonly action: string;
  readonly summary: string;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  /** Runs once, when a person confirms. */
  readonly perform: () => Promise<unknown>;
}

/** More than this many waiting requests means something is asking in a loop. */
const MOST_WAITING = 50;
/** Settled requests that are kept for `wait` and for the list. */
const MOST_SETTLED = 200;

/**
 * Where widening actions from the command line wait for a person (the agent with a shell). Kept in memory only:
 * closing Gatehouse answers every open question with no.
 */
export interface Confirmations {
  /** Gives undefined when too many wait already. */
  request(request: ConfirmationRequest): Confirmation | undefined;
  list(): readonly Confirmation[];
  confirm(id: string): Promise<Confirmation | undefined>;
  deny(id: string): Confirmation | undefined;
  /**
   * Resolves when the request is settled. Everybody may hear how it ended; what the action gave (a token, an address that
   * signs in) goes to the connection that asked for it and to no other, and once.
   */
  wait(
    id: string,
    asker: object | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ confirmation: Confirmation; result: unknown; error: unknown } | undefined>;
}

interface Entry {
  confirmation: Confirmation;
  readonly asker: object | undefined;
  readonly perform: () => Promise<unknown>;
  result: unknown;
  error: unknown;
  readonly settled: PromiseWithResolvers<void>;
}

export function createConfirmations(options: {
  readonly clock: () => number;
  readonly newId: () => string;
  readonly publish: (confirmation: Confirmation) => void;
}): Confirmations {
  const entries = new Map<string, Entry>();

  const update = (entry: Entry, patch: Partial<Confirmation>): Confirmation => {
    entry.confirmation = { ...entry.confirmation, ...patch };
    options.publish(entry.confirmation);
    return entry.confirmation;
  };
  const dropOldest = (): void => {
    const settled = [...entries.values()].filter((entry) => entry.confirmation.state !== 'waiting');
    for (const entry of settled.slice(0, Math.max(0, settled.length - MOST_SETTLED))) {
      entries.delete(entry.confirmation.id);
    }
  };

  return {
    request({ by, asker, action, summary, facts, perform }) {
      const waiting = [...entries.values()].filter((entry) => entry.confirmation.state === 'waiting').length;
      if (waiting >= MOST_WAITING) return undefined;
      const confirmation: Confirmation = {
        id: options.newId(),
        at: options.clock(),
        by,
        action,
        summary,
        facts: [...facts],
        state: 'waiting',
        error: null,
      };
      entries.set(confirmation.id, {
        confirmation,
        asker,
        perform,
        result: null,
        error: undefined,
        settled: Promise.withResolvers<void>(),
      });
      options.publish(confirmation);
      return confirmation;
    },
    list: () => [...entries.values()].map((entry) => entry.confirmation),
    async confirm(id) {
      const entry = entries.get(id);
      if (entry?.confirmation.state !== 'waiting') return entry?.confirmation;
      // Marked before the work starts, so that a second click cannot run it twice.
      update(entry, { state: 'confirmed' });
      try {
        entry.result = await entry.perform();
      } catch (error) {
        entry.error = error;
        update(entry, { state: 'failed', error: error instanceof Error ? error.message : String(error) });
      }
      entry.settled.resolve();
      dropOldest();
      return entry.confirmation;
    },
    deny(id) {
      const entry = entries.get(id);
      if (entry?.confirmation.state !== 'waiting') return entry?.confirmation;
      update(entry, { state: 'denied' });
      entry.settled.resolve();
      dropOldest();
      return entry.confirmation;
    },
    async wait(id, asker, signal) {
      const entry = entries.get(id);
      if (!entry) return undefined;
      await orAborted(entry.settled.promise, signal);
      const isAsker = asker !== undefined && asker === entry.asker;
      const result = isAsker ? (entry.result ?? null) : null;
      if (isAsker) entry.result = null;
      return { confirmation: entry.confirmation, result, error: entry.error };
    },
  };
}
