import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStreamReader } from '../../../src/main/cli/stdio/event-stream.ts';
import { LineReader } from '../../../src/main/cli/stdio/line-reader.ts';
import { answers, mirrorHeaders, readMessage } from '../../../src/main/cli/stdio/message.ts';

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
          reader.push(part),
        );
        expect(got).toEqual(lines);
      }),
    );
  });

  it('may end without a line feed', () => {
    const reader = new LineReader(100);
    expect(reader.push(Buffer.from('a\nb'))).toEqual(['a']);
    expect(reader.end()).toBe('b');
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
    const message = readMessage(text);
    if (!message) throw new Error('not a message');
    return mirrorHeaders(message);
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
    for (const text of ['', 'x', '[]', '1', '{}', '{"jsonrpc":"2.0","id":{},"method":"x"}']) {
      expect(readMessage(text)).toBeUndefined();
    }
  });

  it('answer the request with the same id of the same type', () => {
    expect(answers('{"jsonrpc":"2.0","id":1,"result":{}}', 1)).toBe(true);
    expect(answers('{"jsonrpc":"2.0","id":"1","result":{}}', 1)).toBe(false);
    expect(answers('{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage"}', 1)).toBe(false);
  });
});
