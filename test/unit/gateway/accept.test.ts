import { describe, expect, it } from 'vitest';
import { prefersEventStream } from '../../../src/main/gateway/accept.ts';

describe('an Accept header prefers an event stream', () => {
  it.each([
    'text/event-stream, application/json',
    'text/event-stream,application/json',
    'Text/Event-Stream ; charset=utf-8 , APPLICATION/JSON',
    'application/json;q=0.9, text/event-stream',
    'application/json; q=0.5, text/event-stream; q=0.501',
    'text/event-stream',
    'text/event-stream, */*',
    'text/event-stream, application/*',
    'text/event-stream;note="a, application/json", application/json',
    '*/*;q=0.1, text/event-stream',
    'application/json;q=0, text/event-stream;q=0.001',
    'text/html, text/event-stream;q=1.000, application/json;q=1.0',
  ])('%s', (accept) => expect(prefersEventStream(accept)).toBe(true));
});

describe('an Accept header does not', () => {
  it.each([
    undefined,
    '',
    '*/*',
    'text/*',
    'application/json',
    'application/json, text/event-stream',
    'application/json,text/event-stream',
    'text/event-stream;q=0.5, application/json',
    'text/event-stream;q=0',
    'text/event-stream;q=0.9, */*',
    '*/*, text/event-stream',
    'application/*, text/event-stream',
    // What names JSON itself counts, not what covers it.
    'text/event-stream;q=0.5, */*;q=0.1, application/json',
    'text/event-streams, application/json',
    'application/json, note="text/event-stream"',
    // Cannot be read.
    'text/event-stream;q=2, application/json',
    'text/event-stream, application/json;q=high',
    'text/event-stream;q=0.1234, application/json;q=0',
    `text/event-stream, ${'a/b, '.repeat(16)}application/json`,
    `text/event-stream, application/json, a/b;c=${'x'.repeat(512)}`,
  ])('%s', (accept) => expect(prefersEventStream(accept)).toBe(false));

  it('when it is made to be slow', () => {
    const before = performance.now();
    for (const part of ['"', '"\\', ',', ';', 'q=', '\\"']) prefersEventStream(part.repeat(512 / part.length));
    expect(performance.now() - before).toBeLessThan(200);
  });
});
