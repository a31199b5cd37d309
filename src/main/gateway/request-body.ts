/** Reads a request's body, bounded. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

export type Body =
  /** `text` is what was parsed, so that what is passed on need not be written anew. */
  | { readonly kind: 'json'; readonly value: unknown; readonly text: string }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'not-json' }
  /** The client went away before the body was complete. */
  | { readonly kind: 'aborted' };

/** Bytes thrown away after a refusal, so that a client still sending reads the answer instead of a reset. */
const MOST_DRAINED = 32 * 1024 * 1024;

/** Collects and parses the body; stops keeping bytes at `limit`. Never rejects. */
export function readBody(request: IncomingMessage, limit: number): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size <= limit) chunks.push(chunk);
      else {
        chunks.length = 0;
        request.removeAllListeners('data');
        drain(request);
        resolve({ kind: 'too-large' });
      }
    });
    request.once('end', () => resolve(parse(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))));
    request.once('error', () => resolve({ kind: 'aborted' }));
    request.once('close', () => resolve({ kind: 'aborted' }));
  });
}

/** Reads on without keeping anything; ends the connection when it is far too much. */
export function drain(request: IncomingMessage): void {
  let drained = 0;
  request.on('data', (chunk: Buffer) => {
    drained += chunk.byteLength;
    if (drained > MOST_DRAINED) request.destroy();
  });
  request.resume();
}

function parse(bytes: Buffer): Body {
  if (!isUtf8(bytes)) return { kind: 'not-json' };
  try {
    const text = bytes.toString('utf8');
    return { kind: 'json', value: JSON.parse(text), text };
  } catch {
    return { kind: 'not-json' };
  }
}
