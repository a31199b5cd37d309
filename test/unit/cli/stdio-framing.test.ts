import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStreamReader } from '../../../src/main/cli/stdio/event-stream.ts';
import { LineReader } from '../../../src/main/cli/stdio/line-reader.ts';
import { isAnswer, oneLine, readFrame, readMessage } from '../../../src/main/cli/stdio/message.ts';
import { mirrorHeaders } from '../../../src/main/cli/stdio/mirror-headers.ts';

/** Cuts a buffer at every one of the given places. */
function cut(whole: Buffer, size: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < whole.length; at += size) parts.push(whole.subarray(at, at + size));
  return parts;
}

describe('lines', () => {
  it('come out whole however the stream was cut, even inside a character', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.integer({ min: 1, max: 7 }), (texts, size) => {
        const lines = texts.map((text) => text.replaceAll(/[\r\n]/g, ' ').trimEnd());
        const reader = new LineReader(10_000);
        const got = cut(Buffer.from(lines.map((line) => `${line}\r\n`).join('')), size).flatMap((part) =>
          reader.push(part).map(String),
        );
        expect(got).toEqual(lines);
      }),
    );
  });

  it('may end without a line feed', () => {
    const reader = new LineReader(100);
    expect(reader.push(Buffer.from('a\nb')).map(String)).toEqual(['a']);
    expect(String(reader.end())).toBe('b');
  });

  it('have a greatest length, so that nobody can fill the memory', () => {
    const reader = new LineReader(10);
    expect(() => reader.push(Buffer.alloc(11, 'x'))).toThrow(/more than 10 bytes/);
  });
});

describe('event streams', () => {
  it('give the data of each event, without comments and names', () => {
    const stream = Buffer.from(
      ': keepalive\n\nevent: message\nid: 1\ndata: {"a":1}\n\ndata:x\ndata: y\n\ndata: unfinished',
    );
    for (const size of [1, 2, 5, 1000]) {
      const reader = new EventStreamReader(1000);
      expect(cut(stream, size).flatMap((part) => reader.push(part))).toEqual(['{"a":1}', 'x\ny']);
    }
  });
});

describe('messages', () => {
  const modern = (method: string, params: object) =>
    JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method,
      params: { ...params, _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } },
    });
  const headersOf = (text: string) => {
    const message = readMessage(Buffer.from(text));
    if ('malformed' in message) throw new Error('not a message');
    return mirrorHeaders(message, message.envelopeVersion);
  };

  it('are mirrored into headers by their own envelope', () => {
    expect(headersOf(modern('tools/call', { name: 'files:read' }))).toEqual({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'files:read',
    });
    expect(headersOf(modern('resources/read', { uri: 'file:///a' }))['mcp-name']).toBe('file:///a');
    expect(headersOf('{"jsonrpc":"2.0","id":1,"method":"tools/list"}')).toEqual({});
  });

  it('with names that headers cannot hold are wrapped, and cannot smuggle a header', () => {
    const wrapped = (name: string) => headersOf(modern('tools/call', { name }))['mcp-name'];
    expect(wrapped('größe')).toBe(`=?base64?${Buffer.from('größe').toString('base64')}?=`);
    expect(wrapped('a\r\nX-Evil: 1')).toMatch(/^=\?base64\?[A-Za-z0-9+/=]+\?=$/);
    expect(wrapped('=?base64?eA==?=')).toBe(`=?base64?${Buffer.from('=?base64?eA==?=').toString('base64')}?=`);
  });

  it('are only JSON-RPC messages', () => {
    for (const text of ['', 'x', '{"a":']) expect(readMessage(Buffer.from(text))).toMatchObject({ code: -32700 });
    for (const text of ['[]', '1', '{}', '{"jsonrpc":"2.0","id":{},"method":"x"}']) {
      expect(readMessage(Buffer.from(text))).toMatchObject({ code: -32600, idText: 'null' });
    }
    expect(readMessage(Buffer.from('{"id":5,"method":5}'))).toMatchObject({ code: -32600, idText: '5' });
  });

  it('answer the request with the same id of the same type', () => {
    const answers = (text: string, id: string | number) => isAnswer(readFrame(text), id);
    expect(answers('{"jsonrpc":"2.0","id":1,"result":{}}', 1)).toBe(true);
    expect(answers('{"jsonrpc":"2.0","id":"1","result":{}}', 1)).toBe(false);
    expect(answers('{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage"}', 1)).toBe(false);
  });

  it('keep ids that JavaScript cannot hold, wherever else an id stands', () => {
    const text = '{"params":{"id":1},"id":12345678901234567890123,"method":"x"}';
    expect(readMessage(Buffer.from(text))).toMatchObject({ idText: '12345678901234567890123' });
  });

  it('laid out over lines come out on one, with every digit and key in its place', () => {
    const laidOut = '{\r\n  "b": 12345678901234567890,\n\n  "a": "x\\n"\n}';
    expect(oneLine(laidOut)).toBe('{   "b": 12345678901234567890,   "a": "x\\n" }');
  });
});
