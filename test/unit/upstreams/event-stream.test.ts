import { describe, expect, test } from 'vitest';
import { EventStreamParser, type StreamEvent } from '../../../src/main/upstreams/event-stream.ts';

function read(chunks: readonly (string | Buffer)[], maxBytes = 1_000) {
  const events: StreamEvent[] = [];
  const retries: number[] = [];
  let tooLarge = 0;
  const parser = new EventStreamParser({
    maxBytes,
    onEvent: (event) => events.push(event),
    onRetry: (ms) => retries.push(ms),
    onTooLarge: () => {
      tooLarge += 1;
    },
  });
  for (const chunk of chunks) parser.feed(Buffer.from(chunk));
  return { events, retries, tooLarge };
}
const dataOf = (chunks: readonly (string | Buffer)[]) => read(chunks).events.map(({ data }) => data);

describe('EventStreamParser', () => {
  const text = '\uFEFF: hello\nevent: message\nid: 7\ndata: {"grün":1}\n\nretry: 250\ndata:a\ndata: b\n\n';
  const expected = {
    events: [
      { name: 'message', data: '{"grün":1}', lastId: '7', isExact: true },
      { name: '', data: 'a\nb', lastId: '7', isExact: true },
    ],
    retries: [250],
    tooLarge: 0,
  };

  test.each(['\n', '\r', '\r\n'])('reads the same events with line ends %j, whatever the chunks', (end) => {
    const bytes = Buffer.from(text.replaceAll('\n', end));
    expect(read([bytes])).toEqual(expected);
    for (const size of [1, 2, 3, 7]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.subarray(n * size, (n + 1) * size),
      );
      expect(read(chunks), `in chunks of ${size}`).toEqual(expected);
    }
  });

  test('takes one space off a value, and no more', () => {
    expect(dataOf(['data:  x \n\n'])).toEqual([' x ']);
  });

  test('marks an event that is not UTF-8, and only that one', () => {
    const bytes = Buffer.concat([Buffer.from('data: a'), Buffer.from([0xff]), Buffer.from('\n\ndata: b\n\n')]);
    expect(read([bytes]).events.map(({ isExact }) => isExact)).toEqual([false, true]);
  });

  test('gives an event that only carries an id, so that a stream can be resumed before its first message', () => {
    expect(read(['id: 1\ndata:\n\n']).events).toEqual([{ name: '', data: '', lastId: '1', isExact: true }]);
  });

  test('ignores ids and retries that the standard forbids', () => {
    expect(read(['id: a\0b\nretry: -5\nretry: soon\ndata: x\n\n'])).toMatchObject({
      events: [{ lastId: '', isExact: true }],
      retries: [],
    });
  });

  test('does not give what was not ended by an empty line', () => {
    expect(dataOf(['data: whole\n\ndata: cut off\n'])).toEqual(['whole']);
  });

  test('goes on for ever as long as no single event is too large', () => {
    const chunk = `data: ${'x'.repeat(500)}\n\n: ${'y'.repeat(500)}\n`;
    expect(read(Array.from({ length: 100 }, () => chunk))).toMatchObject({ tooLarge: 0 });
  });

  test.each([
    ['one endless line', 'data: xxxxxxxxx'],
    ['many lines of one event', 'data: x\n'],
    ['fields nobody knows', 'padding: xxxxx\n'],
  ])('stops for good at an event of %s over the limit', (_, piece) => {
    const { events, tooLarge } = read([...Array.from({ length: 500 }, () => piece), '\n\ndata: later\n\n']);
    expect({ events, tooLarge }).toEqual({ events: [], tooLarge: 1 });
  });
});
