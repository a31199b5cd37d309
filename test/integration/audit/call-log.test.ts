import { hash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuditLog, AuditUnavailable, createAuditLog } from '../../../src/main/audit/index.ts';
import { callOf, endOf, record } from '../../fixtures/calls.ts';
import { openDatabase, type TestDatabase } from '../../fixtures/open-database.ts';

describe('the call log', () => {
  let database: TestDatabase;
  let audit: AuditLog;
  const open = (): AuditLog =>
    createAuditLog({
      db: database.storage.db,
      kept: database.kept,
      clock: database.clock,
      log: database.log,
      home: '/home/ada',
    });
  const restart = (): void => {
    audit[Symbol.dispose]();
    database.reopen();
    audit = open();
  };
  const ids = (filter: Parameters<AuditLog['list']>[0]): string[] => audit.list(filter).calls.map((call) => call.id);

  beforeEach(() => {
    database = openDatabase();
    audit = open();
  });
  afterEach(() => {
    audit[Symbol.dispose]();
    database[Symbol.dispose]();
  });

  it('shows a call while it runs and when it has ended', () => {
    expect(audit.begin(callOf('a'))).toMatchObject({ id: 'a', seq: 1, status: 'running', onWhat: '~/notes.txt' });
    expect(audit.list({}).calls).toMatchObject([{ id: 'a', status: 'running', durationMs: null }]);
    expect(audit.end('a', endOf())).toMatchObject({ id: 'a', seq: 1, status: 'done', durationMs: 25 });
    expect(audit.list({}).calls).toEqual([
      {
        id: 'a',
        seq: 1,
        at: 1_790_000_000_000,
        app: 'claude-code',
        sessionId: 'session-1',
        method: 'tools/call',
        server: 'files',
        tool: 'read_file',
        effect: 'read',
        status: 'done',
        code: null,
        durationMs: 25,
        argumentBytes: 30,
        resultBytes: 47,
        onWhat: '~/notes.txt',
      },
    ]);
  });

  it('keeps everything about a call, in its own words, across a restart', () => {
    record(audit, 'a');
    restart();
    expect(audit.get('a')).toMatchObject({
      era: 'modern',
      client: 'claude-code/2.1',
      trail: [{ stage: 'identify' }, { stage: 'route' }],
      argumentsJson: '{"path":"/home/ada/notes.txt"}',
      argumentsTruncated: false,
      resultJson: '{"content":[{"type":"text","text":"Buy milk"}]}',
      resultTruncated: false,
      timing: { decideMs: 0.4, startMs: 0, serverMs: 20 },
      fingerprint: 'f'.repeat(64),
      previousHash: '0'.repeat(64),
    });
    expect(audit.get('b')).toBeUndefined();
  });

  it('keeps a refusal with its code and sentence', () => {
    record(audit, 'a', {}, { status: 'refused', code: 'paused', refusal: 'The gate is paused.', resultJson: null });
    expect(audit.get('a')).toMatchObject({
      status: 'refused',
      code: 'paused',
      refusal: 'The gate is paused.',
      resultJson: null,
      resultBytes: null,
    });
  });

  it('keeps the beginning of huge arguments and results, and what the whole was', () => {
    const argumentsJson = JSON.stringify({ text: '😀'.repeat(100_000) });
    record(audit, 'a', { argumentsJson }, { resultJson: 'x'.repeat(70_000), resultBytes: 9_000_000 });
    const call = audit.get('a');
    expect(call).toMatchObject({
      argumentsTruncated: true,
      argumentBytes: Buffer.byteLength(argumentsJson),
      resultTruncated: true,
      resultBytes: 9_000_000,
    });
    expect(call?.argumentsJson).toHaveLength(65_536);
    const body = database.storage.db.prepare('SELECT body FROM entries WHERE seq = 1').pluck().get();
    expect(JSON.parse(String(body)).argumentsSha256).toBe(hash('sha256', argumentsJson));
  });

  it('takes any characters in names and texts and still verifies', async () => {
    const odd = 'a\u0000b\ud800c\u2028"\\ \u{10ffff}';
    record(audit, 'a', { app: odd, server: odd, tool: odd, client: odd, argumentsJson: odd }, { resultJson: odd });
    restart();
    expect(await audit.verify()).toMatchObject({ ok: true, problem: null });
    expect(audit.get('a')?.argumentsJson).toBe(odd.toWellFormed());
  });

  it('pages from the newest to the oldest and exports the other way round', () => {
    for (let i = 1; i <= 25; i += 1) record(audit, `c${i}`);
    const first = audit.list({ limit: 10 });
    expect(first.calls.map((call) => call.id)).toEqual(Array.from({ length: 10 }, (_, i) => `c${25 - i}`));
    const second = audit.list({ limit: 10, before: first.nextBefore ?? 0 });
    const third = audit.list({ limit: 10, before: second.nextBefore ?? 0 });
    expect(third.calls.map((call) => call.id)).toEqual(['c5', 'c4', 'c3', 'c2', 'c1']);
    expect(third.nextBefore).toBeNull();
    const exported = audit.export({ limit: 20 });
    expect(exported.calls[0]).toMatchObject({ id: 'c1', resultJson: endOf().resultJson });
    expect(audit.export({ after: exported.nextAfter ?? 0 }).calls.map((call) => call.id)).toEqual([
      'c21',
      'c22',
      'c23',
      'c24',
      'c25',
    ]);
  });

  describe('finds', () => {
    beforeEach(() => {
      const hour = 3_600_000;
      const base = 1_790_000_000_000;
      record(audit, 'read', { at: base });
      record(audit, 'query', {
        at: base + hour,
        app: 'cursor',
        server: 'postgres',
        tool: 'execute_sql',
        effect: 'destructive',
        argumentsJson: '{"sql":"delete from sessions\\nwhere Größe > 3"}',
      });
      record(
        audit,
        'refused',
        { at: base + 2 * hour, app: 'cursor', effect: 'write', tool: 'write_file' },
        { status: 'refused', code: 'paused', refusal: 'The gate is paused.', resultJson: null },
      );
      record(audit, 'failed', { at: base + 3 * hour, server: 'postgres' }, { status: 'failed', code: 'timeout' });
      audit.begin(callOf('running', { at: base + 4 * hour, app: 'cursor' }));
    });

    it.each([
      [{}, ['running', 'failed', 'refused', 'query', 'read']],
      [{ app: 'cursor' }, ['running', 'refused', 'query']],
      [{ server: 'postgres' }, ['failed', 'query']],
      [{ tool: 'write_file' }, ['refused']],
      [{ app: 'cursor', server: 'postgres' }, ['query']],
      [{ app: 'cursor', server: 'postgres', tool: 'execute_sql', kind: 'changes' }, ['query']],
      [{ app: 'nobody' }, []],
      [{ kind: 'changes' }, ['refused', 'query']],
      [{ kind: 'refused' }, ['refused']],
      [{ kind: 'failed' }, ['failed']],
      [{ kind: 'running' }, ['running']],
      [{ kind: 'running', app: 'cursor' }, ['running']],
      [{ kind: 'refused', app: 'cursor' }, ['refused']],
      [{ search: 'sessions' }, ['query']],
      [{ search: 'sess' }, ['query']],
      [{ search: 'SESSIONS where' }, ['query']],
      [{ search: 'grosse' }, []],
      [{ search: 'größe' }, ['query']],
      [{ search: 'notes.txt' }, ['running', 'failed', 'refused', 'read']],
      [{ search: 'milk', app: 'cursor' }, ['query']],
      [{ search: 'postgres' }, ['failed', 'query']],
      [{ search: 'paused' }, ['refused']],
      [{ search: '  ' }, ['running', 'failed', 'refused', 'query', 'read']],
      [{ search: '"*)(' }, []],
      [{ search: 'milk OR nothing' }, []],
      [{ since: 1_790_000_000_000 + 3_600_000, until: 1_790_000_000_000 + 2 * 3_600_000 }, ['refused', 'query']],
      [{ since: 1_790_000_000_001, kind: 'changes', app: 'cursor' }, ['refused', 'query']],
      [{ until: 1_790_000_000_000 }, ['read']],
      [{ until: 5 }, []],
      [{ search: 'notes', since: 1_790_000_000_000 + 1 }, ['running', 'failed', 'refused']],
    ] as const)('with %j the calls %j', (filter, expected) => {
      expect(ids({ ...filter })).toEqual(expected);
      const { kind: _kind, ...rest } = { kind: undefined, ...filter };
      if (!('kind' in filter)) expect(audit.counts(rest).all).toBe(expected.length);
      restartKeepingRunning();
      const after = expected.filter((id) => id !== 'running');
      expect(ids({ ...filter }).filter((id) => id !== 'running')).toEqual(after);
    });

    function restartKeepingRunning(): void {
      audit.end('running', endOf({ at: 1_790_000_000_000 + 4 * 3_600_000 + 5 }));
      restart();
    }

    it('how many there are of each kind', () => {
      expect(audit.counts({})).toEqual({ all: 5, changes: 2, refused: 1, failed: 1, running: 1 });
      expect(audit.counts({ app: 'cursor' })).toEqual({ all: 3, changes: 2, refused: 1, failed: 0, running: 1 });
      expect(audit.counts({ search: 'milk' })).toEqual({ all: 3, changes: 1, refused: 0, failed: 1, running: 0 });
    });

    it('how many there were over time', () => {
      const since = 1_790_000_000_000;
      const buckets = audit.histogram({ since, until: since + 5 * 3_600_000, buckets: 5 });
      expect(buckets.map(({ passed, refused }) => [passed, refused])).toEqual([
        [1, 0],
        [1, 0],
        [0, 1],
        [1, 0],
        [1, 0],
      ]);
      expect(buckets[1]?.at).toBe(since + 3_600_000);
    });

    it('who used what since a time', () => {
      const usage = audit.usage(1_790_000_000_000 + 3_600_000);
      expect(usage.servers).toEqual(
        new Map([
          ['postgres', 2],
          ['files', 2],
        ]),
      );
      expect(usage.apps).toEqual(
        new Map([
          ['cursor', { calls: 3, refused: 1 }],
          ['claude-code', { calls: 1, refused: 0 }],
        ]),
      );
    });
  });

  it('finds calls by time also after the clock was set back', () => {
    record(audit, 'later', { at: 10 * 3_600_000 });
    record(audit, 'earlier', { at: 2 * 3_600_000 });
    record(audit, 'latest', { at: 11 * 3_600_000 });
    expect(ids({ since: 10 * 3_600_000 })).toEqual(['latest', 'later']);
    expect(ids({ until: 3 * 3_600_000 })).toEqual(['earlier']);
  });

  it('counts asked calls apart in the histogram', () => {
    const trail = [{ stage: 'ask', verdict: 'ask' as const, note: 'Asked.', atMicros: 1 }];
    record(audit, 'a', { at: 100 }, { trail });
    expect(audit.histogram({ since: 0, until: 200, buckets: 1 })).toEqual([{ at: 0, passed: 0, asked: 1, refused: 0 }]);
  });

  it('does not let arguments pretend to be a filter', () => {
    record(audit, 'a', { app: 'cursor' });
    const marked = database.storage.db.prepare('SELECT count(*) FROM call_words WHERE call_words MATCH ?').pluck();
    const word = `\ue000a${hash('sha256', 'cursor').slice(0, 16)}`;
    expect(ids({})).toEqual(['a']);
    expect(marked.get(`"${word}"`)).toBe(1);
    record(audit, 'b', { app: 'other', argumentsJson: JSON.stringify({ x: word }) });
    record(audit, 'c', { app: 'other', argumentsJson: `{"x":"\\ue000${word.slice(1)}"}` });
    expect(ids({ app: 'cursor', server: 'files' })).toEqual(['a']);
  });

  it('tells listeners of begun and ended calls', () => {
    const seen: string[] = [];
    using _ = audit.onCall((call) => seen.push(`${call.id} ${call.status}`));
    record(audit, 'a');
    expect(seen).toEqual(['a running', 'a done']);
  });

  it('has notes of other acts in the same chain', async () => {
    audit.note({ at: 1, actor: 'window', action: 'gate.pause', subject: 'all', facts: { forMs: 5 } });
    record(audit, 'a');
    expect(audit.state().entries).toBe(3);
    expect(await audit.verify()).toMatchObject({ ok: true, entries: 3, calls: 1 });
    expect(audit.state()).toMatchObject({ intact: true, checkedAt: database.now });
  });

  it('refuses to record on a database that can only be read, and can still be read', () => {
    record(audit, 'a');
    audit[Symbol.dispose]();
    database.storage.db.pragma('user_version = 99');
    database.reopen();
    audit = open();
    expect(() => audit.begin(callOf('b'))).toThrow(AuditUnavailable);
    expect(() => audit.note({ at: 1, actor: 'x', action: 'y', subject: 'z', facts: {} })).toThrow(/can only be read/);
    expect(ids({})).toEqual(['a']);
  });

  it('refuses to record on a full disk, and goes on when there is space again', async () => {
    record(audit, 'a');
    const { db } = database.storage;
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true }))}`);
    const big = { argumentsJson: 'x'.repeat(60_000) };
    expect(() => audit.begin(callOf('b', big))).toThrow(expect.objectContaining({ code: 'disk-full' }));
    expect(ids({})).toEqual(['a']);
    db.pragma('max_page_count = 1000000');
    record(audit, 'c', big);
    expect(ids({})).toEqual(['c', 'a']);
    expect(await audit.verify()).toMatchObject({ ok: true, calls: 2 });
  });

  it('says while the disk is full that it cannot be written, and records afterwards what happened meanwhile', async () => {
    const told: (string | undefined)[] = [];
    using _ = audit.onAvailability(() => told.push(audit.unavailable()?.code));
    audit.begin(callOf('running'));
    const { db } = database.storage;
    const note = (action: string) => ({ at: database.now, actor: 'cli', action, subject: 's', facts: {} });
    const big = 'x'.repeat(60_000);
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true }))}`);
    expect(() => audit.end('running', endOf({ resultJson: `"${big}"` }))).toThrow(AuditUnavailable);
    expect(() => audit.begin(callOf('turned-away', { argumentsJson: big }))).toThrow(AuditUnavailable);
    expect(() => audit.note(note('gate.resume'))).toThrow(AuditUnavailable);
    audit.note(note('gate.pause'), { happened: true });
    expect(audit.unavailable()).toMatchObject({ code: 'disk-full' });
    // Lists that could not be brought up to date are no sign of a change.
    expect(await audit.verify()).toMatchObject({ ok: true });
    db.pragma('max_page_count = 1000000');
    record(audit, 'after');
    expect(audit.unavailable()).toBeNull();
    expect(told).toEqual(['disk-full', undefined]);
    expect(audit.get('running')).toMatchObject({ status: 'done' });
    expect(ids({})).toEqual(['after', 'running']);
    const notes = db.prepare<[], string>(`SELECT body FROM entries WHERE kind = 'note' ORDER BY seq`).pluck().all();
    expect(notes.map((body) => JSON.parse(body))).toMatchObject([
      { action: 'gate.pause' },
      { action: 'log.unavailable', facts: { since: database.now, turnedAway: 1 } },
    ]);
    expect(await audit.verify()).toMatchObject({ ok: true });
  });

  it('keeps its lists right when thousands of calls come without a pause', async () => {
    for (let i = 0; i < 3_000; i += 1) record(audit, `c${i}`);
    expect(audit.counts({}).all).toBe(3_000);
    expect(await audit.verify()).toMatchObject({ ok: true, entries: 6_000, calls: 3_000 });
  });

  it('refuses to begin a call twice or to end one that does not run', () => {
    audit.begin(callOf('a'));
    expect(() => audit.begin(callOf('a'))).toThrow('begun twice');
    audit.end('a', endOf());
    expect(() => audit.end('a', endOf())).toThrow('not running');
  });

  it('must not be written inside a transaction, whose rollback would take entries away', () => {
    const within = database.storage.db.transaction(() => audit.begin(callOf('a')));
    expect(() => within()).toThrow('inside a transaction');
  });
});
