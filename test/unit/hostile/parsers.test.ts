/**
 * Everything that reads what others write, fed with thousands of texts nobody should write: an answer or a clear problem
 * each, never an exception, a hang, or a setting that opens something.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStreamReader } from '../../../src/main/cli/stdio/event-stream.ts';
import { readMessage } from '../../../src/main/cli/stdio/message.ts';
import { readPolicy } from '../../../src/main/policy/index.ts';
import { parseRuntimeInfo } from '../../../src/main/runtime/runtime-file.ts';
import { readSettings } from '../../../src/main/settings/read-settings.ts';
import { LineFramer } from '../../../src/main/upstreams/line-framer.ts';
import { parseServersFile, withoutServer, withServer } from '../../../src/main/upstreams/servers-file.ts';

const runs = { numRuns: 3_000 };

/** A valid file with something cut out and something else put in: what half-written and hand-edited files look like. */
const mangled = (good: string) =>
  fc
    .tuple(fc.nat(good.length), fc.nat(12), fc.string({ unit: 'binary', maxLength: 12 }))
    .map(([at, cut, put]) => `${good.slice(0, at)}${put}${good.slice(at + cut)}`);
const strange = fc.constantFrom(
  ...[
    '',
    ' ',
    '\uFEFF',
    '\0',
    'null',
    '[]',
    '"',
    '{"__proto__":{"a":1}}',
    '{"a":1}{"b":2}',
    '[[[[[[',
    '{"a":{"a":{"a":',
  ],
  ...[
    '//',
    '/*',
    '{,}',
    '{"":""}',
    '1e999',
    '\u2028',
    '{"toString":1}',
    `${'['.repeat(5_000)}`,
    `"${'\\'.repeat(5_001)}`,
  ],
);
const texts = (good: string) =>
  fc.oneof(mangled(good), fc.string({ unit: 'binary' }), fc.json({ maxDepth: 6 }), strange);

const policy = `{
  // mine
  "profiles": { "coding": { "surface": "direct", "servers": ["github"], "effects": ["read"], "callsPerMinute": 60 } },
}`;
const servers = `{ "mcpServers": {
  "files": { "command": "npx", "args": ["-y", "x@1.0.0"], "env": { "A": "\${secret:a}" }, "gatehouse": { "idleMinutes": 5 } },
  "web": { "url": "https://example.com/mcp", "headers": { "X": "1" } },
} }`;

describe('keys of an object', () => {
  it('are data, whatever they are called', () => {
    expect(readPolicy('{"__proto__":{"profiles":{"wide":{}}}}')).toMatchObject({ ok: false });
    expect(readPolicy('{"profiles":{"a":{}},"profiles":{"b":{}}}')).toMatchObject({
      ok: false,
      problem: { message: '"profiles" is there twice. Keep one of them.', line: 1, column: 22 },
    });
    expect(readPolicy('{"profiles":{"a":{"effects":[],"effects":["read"]}}}').ok).toBe(false);
  });

  it('do not exhaust the stack, however deep they are', () => {
    const deep = `{"profiles":${'{"a":'.repeat(50_000)}`;
    expect(readPolicy(deep)).toMatchObject({ problem: { message: 'This is nested more than 100 levels deep.' } });
    expect(parseServersFile('['.repeat(200_000), 'servers.json').kind).toBe('broken');
  });
});

describe('files that a person or another program may edit', () => {
  it('policy.json is read, or named with a place in it', () => {
    fc.assert(
      fc.property(texts(policy), (text) => {
        const read = readPolicy(text);
        if (read.ok) {
          expect(read.profiles.get('default')).toBeDefined();
          return;
        }
        const lines = text.split(/\r\n|\r|\n/);
        expect(read.problem.message).not.toBe('');
        expect(read.problem.line).toBeGreaterThanOrEqual(1);
        expect(read.problem.line).toBeLessThanOrEqual(lines.length);
        expect(read.problem.column).toBeLessThanOrEqual((lines[read.problem.line - 1] ?? '').length + 1);
      }),
      runs,
    );
  });

  it('servers.json is read, or named with a place in it; what it says is no server is none', () => {
    fc.assert(
      fc.property(texts(servers), (text) => {
        const read = parseServersFile(text, 'servers.json');
        if (read.kind === 'broken') {
          expect(read.problem.message).not.toBe('');
          expect(read.problem.line).toBeGreaterThanOrEqual(1);
          return;
        }
        for (const [name, { command, url }] of read.servers) {
          expect(name).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/);
          expect(typeof (command ?? url)).toBe('string');
        }
      }),
      runs,
    );
  });

  it('an edit of servers.json changes its own entry and nothing else', () => {
    fc.assert(
      fc.property(texts(servers), (text) => {
        const before = parseServersFile(text, 'servers.json');
        if (before.kind === 'broken') return;
        const added = parseServersFile(
          withServer(text, 'new-one', { command: 'x', args: ['"', '\u2028'] }),
          'servers.json',
        );
        if (added.kind === 'broken') throw new Error(added.problem.message);
        expect(added.servers.get('new-one')).toEqual({ command: 'x', args: ['"', '\u2028'] });
        const others = [...before.servers].filter(([name]) => name !== 'new-one');
        expect([...added.servers].filter(([name]) => name !== 'new-one')).toEqual(others);
        const removed = parseServersFile(withoutServer(text, 'files'), 'servers.json');
        if (removed.kind === 'broken') throw new Error(removed.problem.message);
        expect([...removed.servers]).toEqual([...before.servers].filter(([name]) => name !== 'files'));
      }),
      runs,
    );
  });

  it('settings.json gives settings, whatever it holds', () => {
    const fields = fc.dictionary(
      fc.constantFrom('port', 'theme', 'resultLimit', '__proto__', 'constructor'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fields), (content) => {
        const { settings, problems } = readSettings(content);
        expect(settings.port).toBeGreaterThanOrEqual(0);
        expect(settings.port).toBeLessThanOrEqual(65_535);
        for (const { message } of problems) expect(message).not.toBe('');
      }),
      runs,
    );
  });

  it('runtime.json names an endpoint on this computer, or is no instance', () => {
    const good = JSON.stringify({
      endpoint: 'http://127.0.0.1:4283/mcp',
      pid: 1,
      version: '1',
      startedAt: 1,
      socket: '/x',
    });
    fc.assert(
      fc.property(texts(good), (text) => {
        const info = parseRuntimeInfo(text);
        if (info?.endpoint) expect(new URL(info.endpoint).hostname).toMatch(/^(127\.0\.0\.1|localhost|\[::1\])$/);
      }),
      runs,
    );
  });
});

/** One byte stream, cut into chunks at two places. */
const chunked = fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.nat(200), fc.nat(200)).map(([bytes, a, b]) => {
  const [first, second] = a < b ? [a, b] : [b, a];
  const whole = Buffer.from(bytes);
  return { whole, chunks: [whole.subarray(0, first), whole.subarray(first, second), whole.subarray(second)] };
});
/** Mostly the bytes that mean something in these formats. */
const eventBytes = fc
  .array(
    fc.constantFrom('data:', 'data: ', 'id:', 'event:', 'retry:', '\n', '\r\n', '\r', ':', '{"a":1}', '\u00e9', '\0'),
    {
      maxLength: 40,
    },
  )
  .map((parts) => Buffer.from(parts.join('')));

describe('streams', () => {
  it('of lines say the same however they are cut into chunks', () => {
    const linesOf = (chunks: readonly Buffer[]) => {
      const lines: string[] = [];
      const framer = new LineFramer({
        maxBytes: 64,
        onLine: (line, isExact) => lines.push(`${isExact}${line}`),
        onTooLong: 'cut',
      });
      for (const chunk of chunks) framer.feed(chunk);
      framer.end();
      return lines;
    };
    fc.assert(
      fc.property(chunked, ({ whole, chunks }) => {
        expect(linesOf(chunks)).toEqual(linesOf([whole]));
      }),
      runs,
    );
  });

  it('of events say the same however they are cut into chunks, to the bridge too', () => {
    fc.assert(
      fc.property(eventBytes, fc.nat(200), (whole, at) => {
        const bridge = new EventStreamReader(10_000);
        const cut = [whole.subarray(0, at), whole.subarray(at)].flatMap((chunk) => bridge.push(chunk));
        expect(cut).toEqual(new EventStreamReader(10_000).push(whole));
      }),
      runs,
    );
  });

  it('of messages are messages or named as none', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          texts('{"jsonrpc":"2.0","id":1,"method":"ping"}').map((it) => Buffer.from(it)),
          fc.uint8Array().map((it) => Buffer.from(it)),
        ),
        (body) => {
          expect(readMessage(body)).toBeTypeOf('object');
        },
      ),
      runs,
    );
  });
});
