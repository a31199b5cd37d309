import { expect, test } from 'vitest';
import { living, openGate } from './gate.ts';

test('a legacy server is told the most verbose level wanted, before the call that wants it', async () => {
  await using gate = await openGate({ x: living('levels') });
  expect(await gate.call('x', 'levels')).toEqual([]);
  expect(await gate.call('x', 'levels', {}, { logLevel: 'warning' })).toEqual(['warning']);
  expect(await gate.call('x', 'levels', {}, { logLevel: 'error' })).toEqual(['warning']);
  const together = await Promise.all(
    ['info', 'debug', 'info'].map((logLevel) => gate.call('x', 'levels', {}, { logLevel })),
  );
  expect(together.map((levels) => (levels as string[]).includes('info'))).toEqual([true, true, true]);
  expect(together[1]).toEqual(['warning', 'info', 'debug']);
});

test('a new process of the server is told again', async () => {
  await using gate = await openGate({ x: living('levels') });
  await gate.call('x', 'levels', {}, { logLevel: 'debug' });
  await gate.failure('x', 'die');
  expect(await gate.call('x', 'levels', {}, { logLevel: 'debug' })).toEqual(['debug']);
});

test('a server without logging is told nothing', async () => {
  await using gate = await openGate({ x: living('plain') });
  expect(await gate.call('x', 'pid', {}, { logLevel: 'debug' })).toEqual(expect.any(Number));
  expect(gate.upstreams.logs('x').filter(({ text }) => text.includes('log level'))).toEqual([]);
});
