import type { Database } from 'better-sqlite3';
import { isSealOf, sealParts } from '../secrets/index.ts';

/** What is found under a name. */
export type Kept =
  /** The database is new, so nothing was ever kept. */
  | { readonly kind: 'new' }
  /** Nothing is there, or what is there was not written by this Gatehouse: somebody else was at the database. */
  | { readonly kind: 'tampered' }
  /** As it was written; JSON that still has to be checked. */
  | { readonly kind: 'kept'; readonly value: unknown };

/** Small things that survive a restart and open something, such as the gate: one sealed JSON value a name. */
export interface KeptState {
  read(name: string): Kept;
  /** Throws when the database cannot be written. */
  write(name: string, value: unknown): void;
}

export interface KeptStateOptions {
  /** An open gatehouse.db in its newest form. */
  readonly db: Database;
  /** 32 bytes from the vault. */
  readonly sealKey: Buffer;
  /** True when the database was made in this start: only then may a value be missing. */
  readonly isNew: boolean;
}

export function createKeptState({ db, sealKey, isNew }: KeptStateOptions): KeptState {
  const get = db.prepare<[string], string>('SELECT value FROM kept_state WHERE name = ?').pluck();
  const put = db.prepare<[string, string]>(
    'INSERT INTO kept_state (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  return {
    read(name) {
      const stored = get.get(name);
      if (stored === undefined) return isNew ? { kind: 'new' } : { kind: 'tampered' };
      const end = stored.indexOf('\n');
      const json = stored.slice(end + 1);
      if (end < 0 || !isSealOf(sealKey, ['kept', name, json], stored.slice(0, end))) return { kind: 'tampered' };
      return { kind: 'kept', value: JSON.parse(json) };
    },
    write(name, value) {
      const json = JSON.stringify(value);
      put.run(name, `${sealParts(sealKey, ['kept', name, json])}\n${json}`);
    },
  };
}
