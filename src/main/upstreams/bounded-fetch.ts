import type { LinkError } from './link.ts';
import { MAX_MESSAGE_BYTES, tooLarge } from './stdio-link.ts';

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * `fetch` whose response bodies end in an error once a single message is larger than the limit: a whole JSON body, or
 * one event of an event stream (which as a whole may go on for ever).
 *
 * @param onTooLarge hears of it too: the SDK reports a broken stream only as text
 */
export function boundedFetch(
  onTooLarge: (error: LinkError) => void,
  base: Fetch = fetch,
  maxBytes = MAX_MESSAGE_BYTES,
): Fetch {
  const refuse = (): LinkError => {
    const error = tooLarge();
    onTooLarge(error);
    return error;
  };
  return async (url, init) => {
    const response = await base(url, init);
    if (!response.body || !response.ok) return response;
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    // Compressed bodies grow; only a plain body of known length needs no counting.
    if (length <= maxBytes && !response.headers.has('content-encoding')) return response;
    const isStream = response.headers.get('content-type')?.includes('text/event-stream') ?? false;
    const body = response.body.pipeThrough(isStream ? eventLimit(maxBytes, refuse) : bodyLimit(maxBytes, refuse));
    return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers });
  };
}

function bodyLimit(maxBytes: number, refuse: () => LinkError): TransformStream<Uint8Array, Uint8Array> {
  let total = 0;
  return new TransformStream({
    transform(chunk, controller) {
      total += chunk.byteLength;
      if (total > maxBytes) controller.error(refuse());
      else controller.enqueue(chunk);
    },
  });
}

function eventLimit(maxBytes: number, refuse: () => LinkError): TransformStream<Uint8Array, Uint8Array> {
  let sinceEvent = 0;
  return new TransformStream({
    transform(chunk, controller) {
      // An empty line ends an event. One that is split over two chunks is missed, which only makes the limit stricter.
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const end = Math.max(bytes.lastIndexOf('\n\n'), bytes.lastIndexOf('\r\n\r\n'), bytes.lastIndexOf('\r\r'));
      sinceEvent = end === -1 ? sinceEvent + bytes.length : bytes.length - end;
      if (sinceEvent > maxBytes) controller.error(refuse());
      else controller.enqueue(chunk);
    },
  });
}
