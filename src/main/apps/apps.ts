import { randomBytes as secureRandomBytes, timingSafeEqual } from 'node:crypto';
import { appNameSchema } from '@shared/contract/index.ts';
import type { Database } from 'better-sqlite3';
import type { AppIdentity } from '../policy/index.ts';
import { isSealOf, type SealedParts, sealParts } from '../secrets/index.ts';
import { OwedWrites } from '../storage/index.ts';
import type { AppRecord, Apps } from './index.ts';
import { uniqueSlug } from './slug.ts';
import { looksLikeToken, newToken, tokenHashOf, tokenHintOf } from './token.ts';

export interface AppsOptions {
  /** What waits for space, shared by the rooms of a data folder; default: one of its own. */
  readonly owed?: OwedWrites;
  /** An open gatehouse.db in its newest form. */
  readonly db: Database;
  /** Milliseconds since epoch. */
  readonly clock: () => number;
  /** 32 bytes from the vault; rows sealed under another key open nothing. */
  readonly sealKey: Buffer;
  /** Source of token bytes; the operating system's by default. */
  readonly randomBytes?: (size: number) => Buffer;
  readonly log?: { warn(facts: object, message: string): void };
}

/** The profile of an app nobody chose one for. */
const USUAL_PROFILE = 'default';
/** Milliseconds between writes of when apps were last used. */
const TOUCH_DELAY_MS = 5_000;
/** Characters of what a client calls itself. */
const LONGEST_CLIENT = 120;

interface AppRow {
  id: string;
  name: string;
  profile: string;
  token_hash: string;
  token_hint: string;
  created_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
  client: string | null;
  seal: string | null;
}

interface KnownApp {
  readonly record: AppRecord;
  readonly tokenHash: string;
  /** False when the row was written by another program. */
  readonly sealIntact: boolean;
}

/**
 * Opens the apps with everything stored. Everything a call needs is in memory. Who issued, revoked or removed what is
 * recorded by the caller, who knows the person.
 */
export function createApps(options: AppsOptions): Apps {
  const { db, clock, sealKey, randomBytes = secureRandomBytes, log } = options;
  const apps = new Map<string, KnownApp>();
  const byHash = new Map<string, KnownApp>();
  const touched = new Set<string>();
  const listeners = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;

  const put = db.prepare(`
    INSERT INTO apps (id, name, profile, token_hash, token_hint, created_at, last_used_at, revoked_at, client, seal)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET profile = excluded.profile, token_hash = excluded.token_hash,
      token_hint = excluded.token_hint, last_used_at = excluded.last_used_at, revoked_at = excluded.revoked_at,
      client = excluded.client, seal = excluded.seal`);
  const { owed = new OwedWrites({ warn: (facts, message) => log?.warn(facts, message) }) } = options;
  const drop = db.prepare('DELETE FROM apps WHERE id = ?');
  const putUse = db.prepare('UPDATE apps SET last_used_at = ?, client = ? WHERE id = ?');

  for (const row of db.prepare<[], AppRow>('SELECT * FROM apps ORDER BY created_at, id').all()) {
    const { id, name, profile, created_at, last_used_at, revoked_at, token_hint, client } = row;
    const times = { createdAt: created_at, lastUsedAt: last_used_at, revokedAt: revoked_at };
    const record = { id, name, profile, ...times, tokenHint: token_hint, client };
    const sealIntact = isSealOf(sealKey, sealedParts(record, row.token_hash), row.seal);
    if (!sealIntact)
      log?.warn({ app: name }, 'Seal broken: the stored row of an app was changed, so its token is not valid');
    remember({ record, tokenHash: row.token_hash, sealIntact });
  }

  function remember(app: KnownApp): void {
    const before = apps.get(app.record.id);
    if (before) byHash.delete(before.tokenHash);
    apps.set(app.record.id, app);
    byHash.set(app.tokenHash, app);
  }

  function save(app: KnownApp): void {
    const { id, name, profile, tokenHint, createdAt, lastUsedAt, revokedAt, client } = app.record;
    const seal = app.sealIntact ? sealParts(sealKey, sealedParts(app.record, app.tokenHash)) : null;
    put.run(id, name, profile, app.tokenHash, tokenHint, createdAt, lastUsedAt, revokedAt, client, seal);
    remember(app);
    tell();
  }

  function tell(): void {
    for (const listener of listeners) {
      try {
        listener();
      } catch (error) {
        log?.warn({ error }, 'A listener of the apps failed');
      }
    }
  }

  const named = (name: string): KnownApp | undefined => [...apps.values()].find(({ record }) => record.name === name);

  function saveUses(): void {
    clearTimeout(timer);
    timer = undefined;
    if (touched.size === 0 || !db.open || db.readonly) return;
    try {
      db.transaction(() => {
        for (const id of touched) {
          const app = apps.get(id);
          if (app) putUse.run(app.record.lastUsedAt, app.record.client, id);
        }
      })();
      touched.clear();
    } catch (error) {
      // Kept and tried again with the next use: when an app was used last is not worth failing a call.
      log?.warn({ error }, 'When apps were last used could not be written');
    }
  }

  return {
    list: () => [...apps.values()].map(({ record }) => record),
    unsealed: () => [...apps.values()].flatMap(({ record, sealIntact }) => (sealIntact ? [] : [record.name])),
    issueToken(requested, profile) {
      const name = appNameSchema.parse(requested);
      // A revocation that waits for space must not come over a newer token.
      const stillFull = owed.settle();
      if (stillFull !== undefined) throw stillFull;
      const known = named(name);
      const id = known?.record.id ?? uniqueSlug(name, (slug) => apps.has(slug));
      const token = newToken(randomBytes);
      const at = clock();
      // A profile that another program wrote is nobody's choice.
      const chosen = profile ?? (known?.sealIntact ? known.record.profile : USUAL_PROFILE);
      const record: AppRecord = {
        id,
        name: known?.record.name ?? name,
        profile: chosen,
        createdAt: known?.record.createdAt ?? at,
        lastUsedAt: known?.record.lastUsedAt ?? null,
        revokedAt: null,
        tokenHint: tokenHintOf(token),
        client: known?.record.client ?? null,
      };
      save({ record, tokenHash: tokenHashOf(token), sealIntact: true });
      return { app: record, token };
    },
    revoke(id) {
      const app = apps.get(id);
      if (!app || app.record.revokedAt !== null) return app?.record;
      const revoked: KnownApp = { ...app, record: { ...app.record, revokedAt: clock() } };
      // In memory first: taking access away must work even when the disk is full.
      remember(revoked);
      try {
        save(revoked);
      } catch (error) {
        if (!owed.owe(error, `app ${id}`, () => save(revoked))) throw error;
        tell();
      }
      return revoked.record;
    },
    remove(id) {
      const app = apps.get(id);
      if (!app) return false;
      apps.delete(id);
      byHash.delete(app.tokenHash);
      touched.delete(id);
      try {
        // A revocation that waits for space would bring the app back.
        owed.settle();
        drop.run(id);
      } catch (error) {
        if (!owed.owe(error, `app ${id}`, () => void drop.run(id))) throw error;
      }
      tell();
      return true;
    },
    authenticate(token): AppIdentity | undefined {
      if (!looksLikeToken(token)) return undefined;
      const hashed = tokenHashOf(token);
      const app = byHash.get(hashed);
      if (!app?.sealIntact || app.record.revokedAt !== null) return undefined;
      // The map finds by hash, which tells an attacker nothing about a token; this makes the last word constant time.
      if (!timingSafeEqual(Buffer.from(app.tokenHash), Buffer.from(hashed))) return undefined;
      const { id, name, profile } = app.record;
      return { id, name, profile };
    },
    touch(id, client) {
      const app = apps.get(id);
      if (!app) return;
      const shown = client === undefined ? app.record.client : plainClient(client);
      const used: KnownApp = { ...app, record: { ...app.record, lastUsedAt: clock(), client: shown } };
      remember(used);
      touched.add(id);
      timer ??= setTimeout(saveUses, TOUCH_DELAY_MS).unref();
      if (shown !== app.record.client || app.record.lastUsedAt === null) tell();
    },
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    [Symbol.dispose]() {
      listeners.clear();
      owed.settle();
      if (options.owed === undefined) owed[Symbol.dispose]();
      saveUses();
      clearTimeout(timer);
    },
  };
}

/** Everything about an app that opens something. */
function sealedParts(app: Pick<AppRecord, 'id' | 'name' | 'profile' | 'revokedAt'>, tokenHash: string): SealedParts {
  return ['app', app.id, app.name, app.profile, tokenHash, app.revokedAt !== null];
}

/** What a client calls itself is untrusted: one short line. */
function plainClient(client: string): string | null {
  const line = client
    .slice(0, 4 * LONGEST_CLIENT)
    .replace(/\s+/g, ' ')
    .replace(/\p{C}/gu, '')
    .trim();
  return line === '' ? null : line.slice(0, LONGEST_CLIENT).toWellFormed();
}
