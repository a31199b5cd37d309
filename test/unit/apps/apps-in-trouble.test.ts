import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApps } from '../../../src/main/apps/index.ts';
import { openDatabase, type TestDatabase } from '../../fixtures/open-database.ts';

describe('AI apps when something is wrong', () => {
  let database: TestDatabase;
  const open = () =>
    createApps({ db: database.storage.db, clock: database.clock, sealKey: Buffer.alloc(32, 1), log: database.log });

  beforeEach(() => {
    database = openDatabase();
  });
  afterEach(() => database[Symbol.dispose]());

  it('are known and authenticated from a database that can only be read', () => {
    const { token, app } = open().issueToken('Codex');
    database.storage.db.pragma('user_version = 99');
    database.reopen();
    const apps = open();
    expect(apps.authenticate(token)).toMatchObject({ id: app.id });
    apps.touch(app.id, 'codex/2');
    apps[Symbol.dispose]();
    expect(() => apps.issueToken('New')).toThrow();
    expect(apps.list()).toHaveLength(1);
  });

  it('lose their access at once even when that cannot be written', () => {
    const { token, app } = open().issueToken('Codex');
    database.storage.db.pragma('user_version = 99');
    database.reopen();
    const apps = open();
    expect(() => apps.revoke(app.id)).toThrow();
    expect(apps.authenticate(token)).toBeUndefined();
  });

  it('take nothing but their exact token', () => {
    const { token } = open().issueToken('Codex');
    const apps = open();
    const almost = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A');
    for (const wrong of [
      almost,
      token.toUpperCase(),
      ` ${token}`,
      `${token}\n`,
      token.slice(3),
      '__proto__',
      'x'.repeat(1e6),
    ]) {
      expect(apps.authenticate(wrong)).toBeUndefined();
    }
    expect(apps.authenticate(token)).toBeDefined();
  });

  it('refuse names that are not names', () => {
    for (const name of ['', '  ', '-rf', 'a\u0000b', 'x'.repeat(65), 'a\nb']) {
      expect(() => open().issueToken(name)).toThrow();
    }
    expect(open().issueToken('编辑器').app).toMatchObject({ id: 'app', name: '编辑器' });
    expect(open().issueToken('エディタ').app.id).toBe('app-2');
  });

  it('show what clients call themselves as one short line', () => {
    const apps = open();
    const { app } = apps.issueToken('Codex');
    apps.touch(app.id, `evil\u202e\n${'x'.repeat(5_000)}`);
    const client = apps.list()[0]?.client ?? '';
    expect(client.length).toBeLessThanOrEqual(120);
    expect(client).not.toMatch(/[\u202e\n]/);
  });

  it('tell listeners when they change, and not for every call', () => {
    const apps = open();
    let told = 0;
    using _ = apps.onChange(() => {
      told += 1;
    });
    const { app } = apps.issueToken('Codex');
    apps.touch(app.id, 'codex/1');
    const before = told;
    for (let i = 0; i < 100; i += 1) apps.touch(app.id, 'codex/1');
    expect(told).toBe(before);
    apps.remove(app.id);
    expect(told).toBe(before + 1);
    expect(apps.remove(app.id)).toBe(false);
  });
});
