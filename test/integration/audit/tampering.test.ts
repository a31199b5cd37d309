import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Entry, GENESIS, hashOf } from '../../../src/main/audit/chain.ts';
import { createAuditLog } from '../../../src/main/audit/index.ts';
import { record } from '../../fixtures/calls.ts';
import { openDatabase, type TestDatabase } from '../../fixtures/open-database.ts';

const CALLS = 6;

describe('a log that was changed behind Gatehouse', () => {
  let database: TestDatabase;
  const open = () =>
    createAuditLog({ db: database.storage.db, kept: database.kept, clock: database.clock, log: database.log });

  /** Two entries a call: call n has entries 2n - 1 and 2n. */
  function write(): void {
    using audit = open();
    for (let i = 1; i <= CALLS; i += 1) record(audit, `c${i}`);
  }
  async function verifyAfter(sql: string) {
    database.storage.db.exec(sql);
    database.reopen();
    using audit = open();
    return await audit.verify();
  }

  beforeEach(() => {
    database = openDatabase();
    write();
  });
  afterEach(() => database[Symbol.dispose]());

  it('verifies when nobody touched it', async () => {
    expect(await verifyAfter('SELECT 1')).toMatchObject({
      ok: true,
      entries: 12,
      calls: 6,
      interrupted: 0,
      firstBadSeq: null,
      problem: null,
    });
  });

  it.each([
    [
      'an edited argument',
      `UPDATE entries SET payload = replace(payload, 'notes', 'other') WHERE seq = 5`,
      5,
      'Entry 5 was changed after it was written.',
    ],
    [
      'an edited fact',
      `UPDATE entries SET body = replace(body, 'claude-code', 'cursor') WHERE seq = 3`,
      3,
      'Entry 3 was changed after it was written.',
    ],
    ['another time', 'UPDATE entries SET at = at + 1 WHERE seq = 4', 4, 'Entry 4 was changed after it was written.'],
    [
      'another hash',
      `UPDATE entries SET hash = hex(randomblob(32)) WHERE seq = 4`,
      4,
      'Entry 4 was changed after it was written.',
    ],
    ['a removed entry', 'DELETE FROM entries WHERE seq = 7', 7, 'Entry 7 was removed.'],
    ['removed entries', 'DELETE FROM entries WHERE seq BETWEEN 7 AND 9', 7, 'Entries 7 to 9 were removed.'],
    ['a removed beginning', 'DELETE FROM entries WHERE seq <= 2', 1, 'Entries 1 to 2 were removed.'],
    ['a removed end', 'DELETE FROM entries WHERE seq > 10', 11, 'Entries 11 to 12 were removed.'],
    [
      'removed entries whose gap was closed',
      'DELETE FROM entries WHERE seq IN (5, 6); UPDATE entries SET seq = seq - 2 WHERE seq > 6',
      5,
      'Entry 5 does not follow entry 4',
    ],
    [
      'two entries that changed places',
      'UPDATE entries SET seq = 99 WHERE seq = 3; UPDATE entries SET seq = 3 WHERE seq = 5; UPDATE entries SET seq = 5 WHERE seq = 99',
      3,
      'Entry 3 does not follow entry 2',
    ],
    [
      'an inserted entry',
      `INSERT INTO entries SELECT 13, at, kind, 'x', body, payload, hash, hex(randomblob(32)) FROM entries WHERE seq = 11`,
      13,
      'Entry 13 ',
    ],
    [
      'an edited row in the list',
      `UPDATE calls SET tool = 'list_files' WHERE seq = 5`,
      5,
      'The list of calls shows the call of entry 5 differently from the log.',
    ],
    ['a hidden call in the list', 'DELETE FROM calls WHERE seq = 7', 7, 'The list of calls lacks the call of entry 7.'],
    [
      'a made-up call in the list',
      `INSERT INTO calls SELECT 8, end_seq, 'fake', at, app, session_id, method, server, tool, effect, status, code, duration_ms, argument_bytes, result_bytes, on_what, asked FROM calls WHERE seq = 7`,
      8,
      'The list of calls has a call at 8 that the log does not.',
    ],
    [
      'a refusal turned into a success in the list',
      `UPDATE calls SET status = 'refused' WHERE seq = 3`,
      3,
      'The list of calls shows',
    ],
    [
      'a moved head',
      'UPDATE log_head SET seq = 10, hash = (SELECT hash FROM entries WHERE seq = 10)',
      13,
      'Entry 13 records that the end of the log had been changed',
    ],
    ['no head', 'DELETE FROM log_head', 13, 'Entry 13 records that the end of the log had been changed'],
  ])('is found out: %s', async (_what, sql, firstBadSeq, problem) => {
    const verification = await verifyAfter(sql);
    expect(verification).toMatchObject({ ok: false, firstBadSeq });
    expect(verification.problem?.startsWith(problem) ? problem : verification.problem).toBe(problem);
  });

  /** What a program does that knows how the chain is made: every hash and the end are right afterwards. */
  function forge(seq: number): void {
    const { db } = database.storage;
    const rows = db.prepare<[], Omit<Entry, 'hash'>>(
      'SELECT seq, at, kind, call_id AS callId, body, payload, prev_hash AS prevHash FROM entries ORDER BY seq',
    );
    const put = db.prepare('UPDATE entries SET payload = ?, prev_hash = ?, hash = ? WHERE seq = ?');
    let prevHash = GENESIS;
    for (const row of rows.all()) {
      const payload = row.seq === seq ? row.payload.replace('notes', 'other') : row.payload;
      const hash = hashOf({ ...row, payload, prevHash });
      put.run(payload, prevHash, hash, row.seq);
      db.prepare('UPDATE log_head SET hash = ?').run(hash);
      prevHash = hash;
    }
  }

  it('is found out when the whole chain was made anew', async () => {
    forge(5);
    database.reopen();
    using audit = open();
    expect(audit.state().intact).toBe(false);
    expect(await audit.verify()).toMatchObject({ ok: false, firstBadSeq: 13 });
    expect(audit.export({}).calls).toHaveLength(CALLS);
  });

  it('is found out when the chain was made anew and the seal was taken away', async () => {
    forge(5);
    database.storage.db.exec("DELETE FROM kept_state WHERE name = 'log end'");
    database.reopen();
    using audit = open();
    expect(await audit.verify()).toMatchObject({ ok: false, firstBadSeq: 13 });
  });

  it('is found out when its newest entries and everything about them were taken away', async () => {
    const { db } = database.storage;
    db.exec(`DELETE FROM entries WHERE seq > 10; DELETE FROM calls WHERE seq > 10; UPDATE log_projection SET seq = 10;
      UPDATE log_head SET seq = 10, hash = (SELECT hash FROM entries WHERE seq = 10)`);
    database.reopen();
    using audit = open();
    expect(await audit.verify()).toMatchObject({ ok: false, firstBadSeq: 11 });
  });

  it('stays found out after Gatehouse has gone on writing', async () => {
    database.storage.db.exec('DELETE FROM entries WHERE seq > 10');
    database.reopen();
    using audit = open();
    for (let i = 0; i < 5; i += 1) record(audit, `later-${i}`);
    expect(await audit.verify()).toMatchObject({
      ok: false,
      firstBadSeq: 11,
      problem: 'Entries 11 to 12 were removed.',
    });
  });

  it('says so at start when its end is missing, before anyone verifies', () => {
    database.storage.db.exec('DELETE FROM entries WHERE seq > 10');
    database.reopen();
    using audit = open();
    expect(audit.state().intact).toBe(false);
  });

  it('is found out while Gatehouse runs', async () => {
    using audit = open();
    expect((await audit.verify()).ok).toBe(true);
    database.storage.db.exec('DELETE FROM entries WHERE seq > 11');
    expect(await audit.verify()).toMatchObject({ ok: false, firstBadSeq: 12 });
    expect(audit.state().intact).toBe(false);
  });

  it('verifies while calls go on', async () => {
    using audit = open();
    for (let i = 0; i < 3_000; i += 1) record(audit, `more-${i}`);
    const verifying = audit.verify();
    for (let i = 0; i < 500; i += 1) record(audit, `meanwhile-${i}`);
    expect(await verifying).toMatchObject({ ok: true });
    expect(await audit.verify()).toMatchObject({ ok: true, calls: 3_506 });
  });

  it('gives up when asked to', async () => {
    using audit = open();
    await expect(audit.verify(AbortSignal.abort())).rejects.toThrow();
  });

  it('is found out whichever single stored value of whichever entry was changed', async () => {
    const columns = fc.constantFrom('at', 'kind', 'call_id', 'body', 'payload', 'prev_hash', 'hash');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 * CALLS }), columns, async (seq, column) => {
        const { db } = database.storage;
        const before = db
          .prepare<[number], Record<string, string | number>>('SELECT * FROM entries WHERE seq = ?')
          .get(seq);
        if (!before) throw new Error(`There is no entry ${seq}.`);
        const value = before[column] ?? '';
        const changed = typeof value === 'number' ? value + 1 : column === 'kind' ? 'note' : `${value} `;
        db.prepare(`UPDATE entries SET ${column} = ? WHERE seq = ?`).run(changed, seq);
        using audit = open();
        const verification = await audit.verify();
        db.prepare(`UPDATE entries SET ${column} = ? WHERE seq = ?`).run(value, seq);
        db.exec(`DELETE FROM entries WHERE seq > ${2 * CALLS}`);
        db.exec(`UPDATE log_head SET seq = ${2 * CALLS}, hash = (SELECT hash FROM entries WHERE seq = ${2 * CALLS})`);
        expect(verification.ok).toBe(false);
        expect([seq, seq + 1]).toContain(verification.firstBadSeq);
      }),
      { numRuns: 60 },
    );
  });
});
