import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { Outlet } from '../../../src/main/cli/stdio/outlet.ts';
import { Pauses } from '../../../src/main/cli/stdio/pauses.ts';

it('writes one message a line and makes whoever writes wait for a client that does not read', async () => {
  const pipe = new PassThrough({ highWaterMark: 10 });
  const outlet = new Outlet(pipe);
  expect(outlet.write('{}')).toBeUndefined();
  const full = outlet.write('{"a":1234567890}');
  expect(full).toBeInstanceOf(Promise);
  expect(outlet.write('{}')).toBe(full);
  expect(String(pipe.read())).toBe('{}\n{"a":1234567890}\n{}\n');
  await full;
  expect(outlet.write('{}')).toBeUndefined();
});

it('pauses end early when something happened, and for good when all is over', async () => {
  const over = new AbortController();
  const pauses = new Pauses({ shortestMs: 600_000, longestMs: 600_000 }, over.signal);
  const woken = pauses.next();
  pauses.wake();
  await woken;
  const ended = pauses.next();
  over.abort();
  await ended;
  await pauses.next();
});
