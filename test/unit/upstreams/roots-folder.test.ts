import { expect, it, test } from 'vitest';
import { folderFromRoots, localPathOf } from '../../../src/main/upstreams/roots-folder.ts';
import type { CallerSide } from '../../../src/main/upstreams/types.ts';
import { ManualTimers } from './manual-timers.ts';

test.runIf(process.platform !== 'win32').each([
  ['file:///home/me/project', '/home/me/project'],
  ['file:///home/me/with%20space%20%C3%BC', '/home/me/with space ü'],
  ['file://localhost/home/me', '/home/me'],
  ['file:///home/../etc', '/etc'],
])('%s is %s', (uri, path) => expect(localPathOf(uri)).toBe(path));

test.each([
  'https://example.com/x',
  'file://evil.example/share',
  'file:////evil.example/share',
  'file:///%2fevil.example/share',
  'file:///a%00b',
  'file:///a%2Fb',
  'not a uri',
  '/home/me',
  `file:///${'x'.repeat(5_000)}`,
])('%s is no folder of this computer', (uri) => expect(localPathOf(uri)).toBeNull());

const callerWith = (capabilities: object, ask: CallerSide['ask']): CallerSide => ({
  app: 'a',
  session: null,
  capabilities: { ...capabilities },
  ask,
  notify: () => undefined,
});

it('an app that does not offer roots is not asked', async () => {
  let asked = 0;
  const caller = callerWith({}, async () => {
    asked += 1;
    return { value: {}, json: '{}' };
  });
  const surroundings = { timers: new ManualTimers(), signal: new AbortController().signal };
  expect(await folderFromRoots(caller, surroundings)).toBeNull();
  expect(asked).toBe(0);
});

it('an app that does not answer holds nothing up, and hears that it need not', async () => {
  const timers = new ManualTimers();
  let given: AbortSignal | undefined;
  const caller = callerWith({ roots: {} }, (_, signal) => {
    given = signal;
    return new Promise(() => undefined);
  });
  const folder = folderFromRoots(caller, { timers, signal: new AbortController().signal });
  timers.pass(10_000);
  expect(await folder).toBeNull();
  expect(given?.aborted).toBe(true);
});

test.each([
  ['nothing', {}],
  ['roots that are none', { roots: 'file:///' }],
  ['odd roots', { roots: [null, 3, {}, { uri: 7 }, { uri: '' }] }],
])('an app that answers %s has no folder', async (_, value) => {
  const caller = callerWith({ roots: {} }, async () => ({ value, json: JSON.stringify(value) }));
  const surroundings = { timers: new ManualTimers(), signal: new AbortController().signal };
  expect(await folderFromRoots(caller, surroundings)).toBeNull();
});
