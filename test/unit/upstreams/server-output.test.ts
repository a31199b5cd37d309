import { describe, expect, test } from 'vitest';
import { LineFramer } from '../../../src/main/upstreams/line-framer.ts';
import { LogRing } from '../../../src/main/upstreams/log-ring.ts';
import { retryDelay } from '../../../src/main/upstreams/restart-policy.ts';

function linesOf(chunks: readonly (string | Buffer)[], maxBytes = 100): string[] {
  const lines: string[] = [];
  const framer = new LineFramer({ maxBytes, onLine: (line) => lines.push(line), onTooLong: 'cut' });
  for (const chunk of chunks) framer.feed(Buffer.from(chunk));
  framer.end();
  return lines;
}

describe('LineFramer', () => {
  test('puts lines together whatever the chunks', () => {
    expect(linesOf(['a', 'b\nc\r', '\n\n', 'd\ne'])).toEqual(['ab', 'c', 'd', 'e']);
  });

  test('does not break a character that is split over chunks', () => {
    const bytes = Buffer.from('grün\n');
    expect(linesOf([bytes.subarray(0, 3), bytes.subarray(3)])).toEqual(['grün']);
  });

  test('says of a line whether its text is exactly what was sent', () => {
    const exact: boolean[] = [];
    const onLine = (_: string, isExact: boolean) => exact.push(isExact);
    const framer = new LineFramer({ maxBytes: 20, onLine, onTooLong: 'cut' });
    framer.feed(Buffer.from([0x67, 0x72, 0xfc, 0x6e, 0x0a]));
    framer.feed(Buffer.from(`grün\n${'x'.repeat(30)}\nok\n`));
    expect(exact).toEqual([false, true, false, true]);
  });

  test('cuts a line that is too long, marks it, and goes on with the next', () => {
    expect(linesOf(['x'.repeat(300), 'y'.repeat(50), '\nnext\n'], 100)).toEqual([`${'x'.repeat(100)}… (cut)`, 'next']);
  });

  test('stops for good after a message over the limit', () => {
    let stops = 0;
    const lines: string[] = [];
    const framer = new LineFramer({ maxBytes: 10, onLine: (line) => lines.push(line), onTooLong: () => stops++ });
    framer.feed(Buffer.from(`ok\n${'x'.repeat(11)}\nlater\n`));
    framer.feed(Buffer.from('more\n'));
    expect({ stops, lines }).toEqual({ stops: 1, lines: ['ok'] });
  });
});

describe('LogRing', () => {
  const ringAt = (clock: { now: number }) => {
    const told: number[] = [];
    return { told, ring: new LogRing({ now: () => clock.now, onLine: (seq) => told.push(seq) }) };
  };

  test('keeps the last lines and counts on', () => {
    const clock = { now: 0 };
    const { ring } = ringAt(clock);
    for (let n = 0; n < 10_000; n += 1) {
      clock.now += 10;
      ring.add('stderr', `line ${n}`);
    }
    const lines = ring.read();
    expect(lines.length).toBeLessThanOrEqual(4_000);
    expect(lines.at(-1)).toMatchObject({ seq: 10_000, text: 'line 9999', stream: 'stderr' });
    expect(ring.read({ afterSeq: 9_990, limit: 2 }).map((line) => line.seq)).toEqual([9_999, 10_000]);
  });

  test('drops what exceeds a second’s share and says how much', () => {
    const clock = { now: 5_000 };
    const { ring } = ringAt(clock);
    for (let n = 0; n < 100_000; n += 1) ring.add('stderr', 'x'.repeat(100));
    expect(ring.read().length).toBeLessThan(2_100);
    expect(ring.read().at(-1)?.text).toMatch(/KB of output were dropped/);
    clock.now += 1_000;
    ring.add('stderr', 'calm again');
    expect(ring.read().at(-1)?.text).toBe('calm again');
  });

  test('takes terminal sequences and control characters out', () => {
    const { ring } = ringAt({ now: 0 });
    ring.add('stderr', '\u001b]0;title\u0007\u001b[31mred\u001b[0m\u0008\u009b2Jx\ttab');
    expect(ring.read()[0]?.text).toBe('red2Jx\ttab');
  });

  test('shows the name of a secret instead of its value', () => {
    const { ring } = ringAt({ now: 0 });
    ring.hide(new Map([['s3cr3t-value', 'api.key']]));
    ring.add('stderr', 'using s3cr3t-value and s3cr3t-value');
    ring.note('server said s3cr3t-value');
    expect(ring.read().map((line) => line.text)).toEqual([
      'using [secret api.key] and [secret api.key]',
      'server said [secret api.key]',
    ]);
  });
});

describe('retryDelay', () => {
  const policy = { windowMs: 1, firstDelayMs: 1_000, maxDelayMs: 60_000 };

  test('costs nothing the first time, then doubles up to the maximum', () => {
    expect([1, 2, 3, 4, 8, 9, 500].map((failures) => retryDelay(failures, policy, 1))).toEqual([
      0, 1_000, 2_000, 4_000, 60_000, 60_000, 60_000,
    ]);
  });

  test('spreads servers that fail together', () => {
    expect(retryDelay(3, policy, 0)).toBe(1_500);
  });
});
