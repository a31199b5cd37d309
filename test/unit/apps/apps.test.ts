import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApps } from '../../../src/main/apps/index.ts';
import { openStorage, type Storage } from '../../../src/main/storage/index.ts';
import { temporaryDir } from '../../fixtures/gatehouse-process.ts';

describe('AI apps and their tokens', () => {
  let folder: ReturnType<typeof temporaryDir>;
  let storage: Storage;
  let now = 1_000;
  const sealKey = Buffer.alloc(32, 7);
  const open = () => createApps({ db: storage.db, clock: () => now, sealKey });

  beforeEach(() => {
    folder = temporaryDir();
    storage = openStorage({ dataDir: folder.path, clock: () => now });
  });
  afterEach(() => {
    storage[Symbol.dispose]();
    folder[Symbol.dispose]();
  });

  it('a token says which app calls, also after a restart', () => {
    const { app, token } = open().issueToken('Claude Code');
    expect(app).toMatchObject({ id: 'claude-code', name: 'Claude Code', profile: 'default', revokedAt: null });
    expect(token).toMatch(/^gh_[\w-]{43}$/);
    expect(open().authenticate(token)).toEqual({ id: 'claude-code', name: 'Claude Code', profile: 'default' });
  });

  it('an unknown, a changed and a revoked token are nobody', () => {
    const apps = open();
    const { app, token } = apps.issueToken('Cursor');
    expect(apps.authenticate('')).toBeUndefined();
    expect(apps.authenticate(`${token}x`)).toBeUndefined();
    apps.revoke(app.id);
    expect(apps.authenticate(token)).toBeUndefined();
    expect(open().authenticate(token)).toBeUndefined();
  });

  it('a new token for the same app ends the old one and keeps the app', () => {
    const apps = open();
    const first = apps.issueToken('Cursor');
    now = 2_000;
    const second = apps.issueToken('Cursor');
    expect(second.app).toMatchObject({ id: first.app.id, createdAt: 1_000 });
    expect(apps.authenticate(first.token)).toBeUndefined();
    expect(apps.authenticate(second.token)).toBeDefined();
    expect(apps.list()).toHaveLength(1);
  });

  it('names that look the same as ids stay two apps', () => {
    const apps = open();
    const ids = ['VS Code', 'vs-code', 'VS.Code'].map((name) => apps.issueToken(name).app.id);
    expect(new Set(ids).size).toBe(3);
  });

  it('no byte of a token is in the database files', () => {
    const { token } = open().issueToken('Codex');
    storage.db.pragma('wal_checkpoint(TRUNCATE)');
    const bytes = readFileSync(join(folder.path, 'gatehouse.db'));
    expect(bytes.includes(token.slice(3, 30))).toBe(false);
  });

  describe('rows that another program wrote into the database', () => {
    /** The hash of a token the intruder knows. */
    const planted = hash('sha256', `gh_${'A'.repeat(43)}`);

    it.each([
      [
        'a new app with a token of its own',
        `INSERT INTO apps (id, name, profile, token_hash, token_hint, created_at, seal)
         VALUES ('mine', 'Mine', 'default', '${planted}', 'AAAA', 1, NULL)`,
      ],
      [
        'a new app with the seal of another',
        `INSERT INTO apps (id, name, profile, token_hash, token_hint, created_at, seal)
         SELECT 'mine', 'Mine', profile, '${planted}', 'AAAA', 1, seal FROM apps`,
      ],
      ['another token for a known app', `UPDATE apps SET token_hash = '${planted}'`],
    ])('%s is nobody', (_what, sql) => {
      open().issueToken('Cursor', 'work');
      storage.db.exec(sql);
      const apps = open();
      expect(apps.authenticate(`gh_${'A'.repeat(43)}`)).toBeUndefined();
      expect(apps.unsealed()).toHaveLength(1);
    });

    it('a wider profile ends the token, and a new token does not bring it back', () => {
      const { token } = open().issueToken('Cursor', 'work');
      storage.db.exec("UPDATE apps SET profile = 'everything'");
      const apps = open();
      expect(apps.authenticate(token)).toBeUndefined();
      expect(apps.issueToken('Cursor').app.profile).toBe('default');
      expect(open().unsealed()).toEqual([]);
    });

    it('a revoked token stays revoked', () => {
      const { app, token } = open().issueToken('Cursor');
      open().revoke(app.id);
      storage.db.exec('UPDATE apps SET revoked_at = NULL');
      expect(open().authenticate(token)).toBeUndefined();
    });

    it('nothing is trusted under another key', () => {
      const { token } = open().issueToken('Cursor');
      const other = createApps({ db: storage.db, clock: () => now, sealKey: Buffer.alloc(32, 8) });
      expect(other.authenticate(token)).toBeUndefined();
    });
  });

  it('use is remembered when the app closes, and shown at once', () => {
    const apps = open();
    const { app } = apps.issueToken('Codex');
    now = 5_000;
    apps.touch(app.id, 'codex/1.2');
    expect(apps.list()[0]).toMatchObject({ lastUsedAt: 5_000, client: 'codex/1.2' });
    apps[Symbol.dispose]();
    expect(open().list()[0]).toMatchObject({ lastUsedAt: 5_000, client: 'codex/1.2' });
  });
});
