/** Reads `text/event-stream` (HTML Living Standard, 9.2.6), as far as MCP uses it: the data of events. */
import { LineReader } from './line-reader.ts';

/** Gives the data of each event that a chunk completes. Names, ids and comments are left out. */
export class EventStreamReader {
  readonly #lines: LineReader;
  #data: string[] = [];

  constructor(longestLine: number) {
    this.#lines = new LineReader(longestLine);
  }

  push(chunk: Buffer): string[] {
    const events: string[] = [];
    for (const bytes of this.#lines.push(chunk)) {
      const line = bytes.toString('utf8');
      if (line === '') {
        if (this.#data.length > 0) events.push(this.#data.join('\n'));
        this.#data = [];
      } else if (line.startsWith('data:')) {
        this.#data.push(line.startsWith('data: ') ? line.slice(6) : line.slice(5));
      }
    }
    return events;
  }
}
