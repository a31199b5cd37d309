/** What came back over HTTP, as the messages in it. */
import type { IncomingMessage } from 'node:http';
import { EventStreamReader } from './event-stream.ts';
import { LinkError } from './gateway-link.ts';
import { oneLine } from './message.ts';

/** Bytes of one event or answer. */
const longestAnswer = 64 * 1024 * 1024;

export interface Reply {
  readonly status: number;
  readonly sessionId: string | undefined;
  /** The whole body; undefined for an event stream. */
  readonly text: string | undefined;
  /** The messages, each on one line, as they come. Throws LinkError when the connection breaks. */
  readonly messages: () => AsyncIterable<string> | Iterable<string>;
}

/** Reads the body, unless it is a stream. Throws LinkError. */
export async function replyOf(response: IncomingMessage): Promise<Reply> {
  const sessionId = response.headers['mcp-session-id'];
  const facts = { status: response.statusCode ?? 0, sessionId: typeof sessionId === 'string' ? sessionId : undefined };
  if (response.headers['content-type']?.startsWith('text/event-stream')) {
    return { ...facts, text: undefined, messages: () => eventsOf(response) };
  }
  const text = await textOf(response);
  return { ...facts, text, messages: () => (text === '' ? [] : [oneLine(text)]) };
}

async function* eventsOf(response: IncomingMessage): AsyncGenerator<string> {
  const reader = new EventStreamReader(longestAnswer);
  try {
    for await (const chunk of response) for (const event of reader.push(chunk)) yield oneLine(event);
  } catch (error) {
    throw broken(error);
  }
}

function textOf(response: IncomingMessage): Promise<string> {
  return new Promise((done, failed) => {
    const chunks: Buffer[] = [];
    let held = 0;
    response.on('data', (chunk: Buffer) => {
      held += chunk.length;
      if (held > longestAnswer) response.destroy(new Error(`An answer has more than ${longestAnswer} bytes.`));
      chunks.push(chunk);
    });
    response.once('end', () => done(chunks.length === 1 ? String(chunks[0]) : Buffer.concat(chunks).toString('utf8')));
    response.once('error', (error) => failed(broken(error)));
  });
}

function broken(error: unknown): LinkError {
  return new LinkError('The connection to Gatehouse was lost before the answer came.', 'lost', error);
}
