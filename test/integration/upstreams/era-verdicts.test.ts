import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../fixtures/open-database.ts';
import { living, openGate } from './gate.ts';

const HOUR = 3_600_000;

/** A legacy server whose starts can be looked at, and a Gatehouse that can be restarted. */
function world() {
  const database = openDatabase();
  const file = join(database.dataDir, 'asked');
  const config = living('eras', file);
  writeFileSync(`${file}.version`, '1.0.0');
  return {
    database,
    version: (version: string) => writeFileSync(`${file}.version`, version),
    /** What the server is asked first when a new Gatehouse starts it. */
    async firstQuestions(more: Partial<typeof config> = {}): Promise<string[]> {
      rmSync(file, { force: true });
      await using gate = await openGate(
        { x: { ...config, ...more } },
        { kept: database.kept, clock: () => database.now },
      );
      await gate.call('x', 'pid');
      return readFileSync(file, 'utf8').trim().split('\n');
    },
    [Symbol.dispose]: () => database[Symbol.dispose](),
  };
}
const PROBED = ['server/discover', 'initialize'];
const SPARED = ['initialize'];

test('a legacy server is probed once, and again after a day, restarts of Gatehouse or not', async () => {
  using x = world();
  expect(await x.firstQuestions()).toEqual(PROBED);
  x.database.now += 23 * HOUR;
  x.database.reopen();
  expect(await x.firstQuestions()).toEqual(SPARED);
  // Being used does not renew the verdict.
  x.database.now += 2 * HOUR;
  expect(await x.firstQuestions()).toEqual(PROBED);
  expect(await x.firstQuestions()).toEqual(SPARED);
});

test('another launch is probed', async () => {
  using x = world();
  await x.firstQuestions();
  expect(await x.firstQuestions({ env: { OTHER: '1' } })).toEqual(PROBED);
  expect(await x.firstQuestions()).toEqual(SPARED);
});

test('another version of the server is probed at its next start', async () => {
  using x = world();
  await x.firstQuestions();
  x.version('2.0.0');
  expect(await x.firstQuestions()).toEqual(SPARED);
  expect(await x.firstQuestions()).toEqual(PROBED);
  expect(await x.firstQuestions()).toEqual(SPARED);
});

test('a verdict that another program wrote does not count', async () => {
  using x = world();
  await x.firstQuestions();
  x.database.storage.db.exec("UPDATE kept_state SET value = value || ' ' WHERE name = 'legacy servers'");
  expect(await x.firstQuestions()).toEqual(PROBED);
});

test('a clock that was set back makes no verdict last longer', async () => {
  using x = world();
  await x.firstQuestions();
  x.database.now -= 1_000 * HOUR;
  expect(await x.firstQuestions()).toEqual(PROBED);
});
