/** What a killed run left in the journal, also when somebody else was at the file. */
import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuditLog } from '../../../src/main/audit/index.ts';
import { callOf, endOf, record } from '../../fixtures/calls.ts';
import { openDatabase, type TestDatabase } from '../../fixtures/open-database.ts';
import { until } from '../../fixtures/until.ts';

describe('the journal of the call log', () => {
  let database: TestDatabase;
  let file: string;
  const open = () => {
    const { clock, kept, log, storage } = database;
    return createAuditLog({ db: storage.db, kept, clock, log, journalFile: file });
  };
  const line = (kind: string, id: string, body: object = {}) =>
    `${JSON.stringify([1, kind, id, JSON.stringify(body), '[]\n'])}\n`;

  beforeEach(() => {
    database = openDatabase();
    file = join(database.dataDir, 'calls.journal');
  });
  afterEach(() => database[Symbol.dispose]());

  it('has what is durable and not yet in the chain, and is empty soon after', async () => {
    using audit = open();
    await audit.beginShared(callOf('a'));
    expect(readFileSync(file, 'utf8')).toContain('"begin","a"');
    await until(() => readFileSync(file, 'utf8') === '');
    expect(audit.get('a')).toMatchObject({ status: 'running' });
  });

  it.skipIf(process.platform === 'win32')('is for nobody else', () => {
    using _ = open();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is taken in once, also after a kill between that and its emptying', async () => {
    let left: string;
    {
      using audit = open();
      await audit.beginShared(callOf('a'));
      await audit.beginShared(callOf('b'));
      const ended = audit.endShared('b', endOf());
      await ended;
      left = readFileSync(file, 'utf8');
      expect(audit.state().entries).toBe(3);
    }
    const { db } = database.storage;
    db.exec('DELETE FROM entries WHERE seq > 3');
    writeFileSync(file, left);
    using audit = open();
    expect(audit.list({}).calls.map(({ id }) => id)).toEqual(['b', 'a']);
    expect(audit.get('b')).toMatchObject({ status: 'done' });
    expect(await audit.verify()).toMatchObject({ ok: true, calls: 2 });
  });

  it('gives up a last line that was cut off: its call never left', async () => {
    writeFileSync(file, line('begin', 'a').slice(0, -10));
    using audit = open();
    expect(audit.state().entries).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('');
    expect(await audit.verify()).toMatchObject({ ok: true });
  });

  it('that somebody wrote into is named as damage, and the log stays one that can be verified', async () => {
    {
      using audit = open();
      record(audit, 'over');
    }
    const nonsense = ['{"not":"a line"}\n', '\n', `${'['.repeat(5_000)}\n`];
    appendFileSync(file, [...nonsense, line('end', 'nobody'), line('end', 'over'), line('begin', 'over')].join(''));
    using audit = open();
    const notes = database.storage.db.prepare<[], string>(`SELECT body FROM entries WHERE kind = 'note'`).pluck().all();
    expect(notes.join()).toContain('6 entries of the journal cannot be read or belong to no call');
    expect(audit.list({}).calls.map(({ id }) => id)).toEqual(['over']);
    expect((await audit.verify()).problem ?? '').not.toContain('never begun');
  });

  it('is done without where it cannot be opened', async () => {
    rmSync(file, { force: true });
    mkdirSync(file);
    using audit = open();
    await audit.beginShared(callOf('a'));
    expect(database.storage.db.prepare('SELECT count(*) FROM entries').pluck().get()).toBe(1);
    expect(database.warnings.map(({ message }) => message).join()).toContain('recorded without it');
  });
});
