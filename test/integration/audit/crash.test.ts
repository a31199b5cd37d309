import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuditLog } from '../../../src/main/audit/index.ts';
import { openStorage } from '../../../src/main/storage/index.ts';
import { callOf } from '../../fixtures/calls.ts';
import { keptOf, openDatabase } from '../../fixtures/open-database.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');

/** Lets a process record calls and kills it in the middle. Gives what it had been told is recorded. */
async function killWhileCalling(
  dataDir: string,
  afterLines: number,
  how: 'alone' | 'together',
): Promise<{ begun: number[]; ended: number[] }> {
  const child = spawn(
    process.execPath,
    ['--import', join(fixtures, 'run-typescript.mjs'), join(fixtures, 'calling-process.ts'), dataDir, how],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const gone = once(child, 'exit');
  let text = '';
  let lines = 0;
  child.stdout.setEncoding('utf8');
  for await (const chunk of child.stdout) {
    text += String(chunk);
    lines += String(chunk).split('\n').length - 1;
    if (lines >= afterLines) child.kill('SIGKILL');
  }
  await gone;
  const numbers = (word: string): number[] =>
    [...text.matchAll(new RegExp(`^${word} (\\d+)\\n`, 'gm'))].map((match) => Number(match[1]));
  return { begun: numbers('begun'), ended: numbers('ended') };
}

describe('when Gatehouse is killed', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'gatehouse-crash-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it.each([
    [50, 'alone'],
    [777, 'alone'],
    [3_000, 'alone'],
    [60, 'together'],
    [2_500, 'together'],
  ] as const)(
    'after %i messages of calls recorded %s, no recorded call is lost and running ones read as interrupted',
    async (lines, how) => {
      const { begun, ended } = await killWhileCalling(dataDir, lines, how);
      expect(begun.length).toBeGreaterThan(lines / 3);

      using storage = openStorage({ dataDir, clock: Date.now });
      expect(storage.problems).toEqual([]);
      const journalFile = join(dataDir, 'calls.journal');
      using audit = createAuditLog({ db: storage.db, kept: keptOf(storage), clock: Date.now, journalFile });
      const statuses = new Map<string, string>();
      for (let after: number | null = 0; after !== null; ) {
        const page: ReturnType<typeof audit.export> = audit.export({ after, limit: 5_000 });
        for (const call of page.calls) statuses.set(call.id, call.status);
        after = page.nextAfter;
      }
      for (const number of ended) expect(statuses.get(`call-${number}`)).toBe('done');
      const finished = new Set(ended);
      // The last calls may have ended without having had the time to say so.
      const last = new Set(how === 'alone' ? begun.slice(-1) : begun.slice(-20));
      for (const number of begun) {
        const status = statuses.get(`call-${number}`);
        if (last.has(number)) expect(['done', 'interrupted']).toContain(status);
        else if (!finished.has(number)) expect(status).toBe('interrupted');
      }
      expect([...statuses.values()]).not.toContain('running');
      const verification = await audit.verify();
      expect(verification).toMatchObject({ ok: true, calls: statuses.size });
      expect(verification.interrupted).toBeGreaterThanOrEqual(Math.floor(begun.length / 7));
    },
  );

  it('a second start does not interrupt the same calls again', () => {
    using database = openDatabase();
    const crashed = createAuditLog({ db: database.storage.db, kept: database.kept, clock: database.clock });
    crashed.begin(callOf('a'));
    const open = () => createAuditLog({ db: database.reopen().db, kept: database.kept, clock: database.clock });
    const first = open();
    expect(first.get('a')).toMatchObject({ status: 'interrupted', resultJson: null });
    expect(first.get('a')?.refusal).toContain('Gatehouse ended while this call was running');
    const { entries } = first.state();
    const second = open();
    expect(second.state().entries).toBe(entries);
    expect(second.counts({})).toEqual({ all: 1, changes: 0, refused: 0, failed: 1, running: 0 });
  });

  it('what the lists had not yet taken in is taken in at the next start', () => {
    using database = openDatabase();
    const crashed = createAuditLog({ db: database.storage.db, kept: database.kept, clock: database.clock });
    for (let i = 0; i < 300; i += 1) crashed.begin(callOf(`c${i}`, { argumentsJson: `{"q":"needle${i}"}` }));
    expect(database.storage.db.prepare('SELECT count(*) FROM calls').pluck().get()).toBe(0);
    const next = createAuditLog({ db: database.reopen().db, kept: database.kept, clock: database.clock });
    expect(next.counts({ search: 'needle77' }).all).toBe(1);
    expect(next.counts({}).all).toBe(300);
  });
});
