import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { HttpResponse } from './http-client.ts';
import { badAnswer, connectionFailure } from './http-failures.ts';
import { MAX_MESSAGE_BYTES, tooLarge } from './message-limit.ts';

/** Bytes of an error's body that are read. */
const MAX_ERROR_BYTES = 64 * 1024;

/** A header given once and not empty. */
export function headerOf({ message }: HttpResponse, name: string): string | undefined {
  const value = message.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** `type/subtype` in lower case; empty when there is none. */
export function mediaTypeOf(response: HttpResponse): string {
  return (headerOf(response, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Only plain bodies were asked for; a compressed one could grow without end. @throws LinkError */
export function refuseEncoded(response: HttpResponse): void {
  const encoding = headerOf(response, 'content-encoding');
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  response.message.destroy();
  throw badAnswer(`Its body is ${encoding}-encoded, which was not asked for.`);
}

/** A whole body, at most as large as a message may be. @throws LinkError */
export function textOf({ message }: HttpResponse): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_MESSAGE_BYTES) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      reject(tooLarge());
      message.destroy();
    });
    message.once('end', () => {
      const [only] = chunks;
      const bytes = chunks.length === 1 && only ? only : Buffer.concat(chunks, size);
      // Decoding would replace what is not UTF-8, and what is passed on would not be what the server sent.
      if (isUtf8(bytes)) resolve(bytes.toString('utf8'));
      else reject(badAnswer('It is not UTF-8.'));
    });
    message.on('error', (error) => reject(connectionFailure(error)));
    message.once('close', () => {
      if (!message.complete) reject(connectionFailure(new Error('it broke off')));
    });
  });
}

/** The beginning of a body that is only shown to a person; the rest is not waited for. Never rejects. */
export function beginningOf(message: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_ERROR_BYTES) message.destroy();
    });
    message.on('error', () => undefined);
    message.once('close', () => resolve(Buffer.concat(chunks).toString('utf8', 0, MAX_ERROR_BYTES)));
  });
}

/** Reads a body that means nothing, so that its connection can be used again. */
export async function drained(message: IncomingMessage): Promise<void> {
  await beginningOf(message);
}
