/** Calls whose entries are written together: nothing is promised before it is durable, and nothing is lost or left open. */
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuditLog, AuditUnavailable, createAuditLog } from '../../../src/main/audit/index.ts';
import { callOf, endOf } from '../../fixtures/calls.ts';
import { keptOf, openDatabase, type TestDatabase } from '../../fixtures/open-database.ts';
import { until } from '../../fixtures/until.ts';

describe.each(['with a journal', 'without a journal'])('entries that are written together, %s,', (how) => {
  let database: TestDatabase;
  let audit: AuditLog;
  const inFolder = (dataDir: string) =>
    how === 'with a journal' ? { journalFile: join(dataDir, 'calls.journal') } : {};
  /** The log as a start after a kill at this moment would find it. */
  const afterKill = async (look: (log: AuditLog) => void | Promise<void>): Promise<void> => {
    using storage = database.copyAsKilled();
    const folder = inFolder(dirname(storage.file));
    using log = createAuditLog({ db: storage.db, kept: keptOf(storage), clock: database.clock, ...folder });
    await look(log);
  };

  beforeEach(() => {
    database = openDatabase();
    const { clock, dataDir, kept, log, storage } = database;
    audit = createAuditLog({ db: storage.db, kept, clock, log, ...inFolder(dataDir) });
  });
  afterEach(() => {
    audit[Symbol.dispose]();
    database[Symbol.dispose]();
  });

  it('are durable when the call may leave, and say that it was interrupted when Gatehouse is killed then', async () => {
    await Promise.all(['a', 'b', 'c'].map((id) => audit.beginShared(callOf(id))));
    await afterKill(async (log) => {
      for (const id of ['a', 'b', 'c']) expect(log.get(id)).toMatchObject({ status: 'interrupted' });
      expect(await log.verify()).toMatchObject({ ok: true, calls: 3, interrupted: 3 });
    });
  });

  it('are not promised before', async () => {
    let isDurable = false;
    const begun = audit.beginShared(callOf('a')).then(() => {
      isDurable = true;
    });
    await afterKill((log) => expect(log.get('a')).toBeUndefined());
    expect(isDurable).toBe(false);
    await begun;
  });

  it('are all seen by who reads the log, also before they are written', async () => {
    const begun = audit.beginShared(callOf('a'));
    expect(audit.get('a')).toMatchObject({ status: 'running' });
    await begun;
    const ended = audit.endShared('a', endOf());
    expect(audit.get('a')).toMatchObject({ status: 'done', durationMs: 25 });
    await ended;
    expect(audit.state().entries).toBe(2);
  });

  it('are all seen by who hears of the first of them', async () => {
    const seen: number[] = [];
    using _ = audit.onCall(() => seen.push(audit.counts({}).all));
    await Promise.all(['a', 'b', 'c'].map((id) => audit.beginShared(callOf(id))));
    await until(() => seen.length === 3);
    expect(seen).toEqual([3, 3, 3]);
    await afterKill((log) => expect(log.counts({}).all).toBe(3));
  });

  it('end by themselves, without a further call', async () => {
    await audit.beginShared(callOf('a'));
    await audit.endShared('a', endOf());
    await afterKill((log) => expect(log.get('a')).toMatchObject({ status: 'done' }));
  });

  it('end when Gatehouse ends', async () => {
    await audit.beginShared(callOf('a'));
    const ended = audit.endShared('a', endOf());
    audit[Symbol.dispose]();
    await ended;
    await afterKill((log) => expect(log.get('a')).toMatchObject({ status: 'done' }));
  });

  it('keep the order in which things happened beside a note', async () => {
    const begun = audit.beginShared(callOf('a'));
    audit.note({ at: database.now, actor: 'cli', action: 'gate.pause', subject: 's', facts: {} });
    await begun;
    const kinds = database.storage.db.prepare('SELECT kind FROM entries ORDER BY seq').pluck().all();
    expect(kinds).toEqual(['begin', 'note']);
    expect(await audit.verify()).toMatchObject({ ok: true });
  });

  it('refuse a call that is begun twice or does not run', async () => {
    const begun = audit.beginShared(callOf('a'));
    await expect(audit.beginShared(callOf('a'))).rejects.toThrow('begun twice');
    await begun;
    const ended = audit.endShared('a', endOf());
    await expect(audit.endShared('a', endOf())).rejects.toThrow('not running');
    await ended;
  });

  it('wait for the end of a transaction somebody has open', async () => {
    const { db } = database.storage;
    const begun = audit.beginShared(callOf('a'));
    db.transaction(() => expect(audit.counts({}).all).toBe(0))();
    await begun;
    expect(audit.counts({}).all).toBe(1);
  });

  it('are all refused on a full disk, and ends are made up for when there is space again', async () => {
    await audit.beginShared(callOf('running'));
    const { db } = database.storage;
    audit.counts({});
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true }))}`);
    const big = 'x'.repeat(60_000);
    if (how === 'with a journal') {
      // What the journal took in counts, and is in the log later; that the chain has no room shows when it comes to that.
      await audit.beginShared(callOf('early', { argumentsJson: big }));
      expect(audit.get('early')).toBeUndefined();
    }
    const outcomes = await Promise.allSettled([
      audit.endShared('running', endOf({ resultJson: `"${big}"` })),
      audit.beginShared(callOf('b', { argumentsJson: big })),
      audit.beginShared(callOf('c')),
    ]);
    const reasons = outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason);
    for (const reason of reasons) expect(reason).toBeInstanceOf(AuditUnavailable);
    expect(reasons).toMatchObject([{ code: 'disk-full' }, { code: 'disk-full' }, { code: 'disk-full' }]);
    db.pragma('max_page_count = 1000000');
    await audit.beginShared(callOf('after'));
    expect(audit.get('running')).toMatchObject({ status: 'done' });
    const early = how === 'with a journal' ? ['early'] : [];
    expect(audit.list({}).calls.map(({ id }) => id)).toEqual(['after', ...early, 'running']);
    expect(await audit.verify()).toMatchObject({ ok: true });
  });

  it('are refused where the database can only be read', async () => {
    audit[Symbol.dispose]();
    database.storage.db.pragma('user_version = 99');
    database.reopen();
    const { clock, dataDir, kept, storage } = database;
    audit = createAuditLog({ db: storage.db, kept, clock, ...inFolder(dataDir) });
    await expect(audit.beginShared(callOf('a'))).rejects.toMatchObject({ code: 'read-only' });
  });
});
