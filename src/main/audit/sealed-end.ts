/**
 * Where the log ended, sealed with a key from the vault. Hashes alone show a change only to who remembers the last one:
 * a program that writes to the database could make the whole chain anew.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { KeptState } from '../storage/index.ts';
import type { ChainHead } from './chain.ts';

const KEPT_NAME = 'log end';
/** Milliseconds of appends that one seal may leave out: a seal for each append would be a second write for each. */
const SEAL_EVERY_MS = 1_000;

const endSchema = z.object({ seq: z.number().int().min(0), hash: z.string() });

export interface SealedEnd extends Disposable {
  /** What was wrong with the log up to the sealed end when it was opened; null: nothing. */
  readonly damageAtOpen: string | null;
  /** The log has grown. Sealed a moment later, and at dispose. */
  moved(): void;
}

export function openSealedEnd(options: {
  readonly db: Database;
  readonly kept: KeptState;
  readonly head: () => ChainHead;
  readonly warn: (facts: object, message: string) => void;
}): SealedEnd {
  const { db, kept, head, warn } = options;
  const damageAtOpen = damageOf(db, kept);
  let sealed: ChainHead | undefined;
  let timer: NodeJS.Timeout | undefined;

  const seal = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const end = head();
    if (db.readonly || !db.open || sealed?.seq === end.seq) return;
    try {
      kept.write(KEPT_NAME, { seq: end.seq, hash: end.hash });
      sealed = end;
    } catch (error) {
      // The next append tries again; until then the seal covers less of the log.
      warn({ error }, 'The end of the call log could not be sealed');
    }
  };
  if (kept.read(KEPT_NAME).kind === 'new') seal();

  return {
    damageAtOpen,
    moved() {
      timer ??= setTimeout(seal, SEAL_EVERY_MS).unref();
    },
    [Symbol.dispose]: seal,
  };
}

function damageOf(db: Database, kept: KeptState): string | null {
  const found = kept.read(KEPT_NAME);
  if (found.kind === 'new') return null;
  const end = found.kind === 'kept' ? endSchema.safeParse(found.value) : undefined;
  if (!end?.success) return 'The seal on the log is gone or was made by another program.';
  const { seq, hash } = end.data;
  if (seq === 0) return null;
  const stored = db.prepare<[number], string>('SELECT hash FROM entries WHERE seq = ?').pluck().get(seq);
  if (stored === hash) return null;
  return stored === undefined
    ? `The log is sealed up to entry ${seq}, which is gone.`
    : `Entry ${seq} is not the one that Gatehouse sealed: it or one before it was written anew.`;
}
