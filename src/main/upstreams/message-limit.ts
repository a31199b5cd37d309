import { LinkError } from './link.ts';

/** Largest message a server may send, in bytes. */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** The error for a message over the limit; the same words for every transport. */
export function tooLarge(): LinkError {
  const megabytes = MAX_MESSAGE_BYTES / (1024 * 1024);
  return new LinkError('too_large', `it sent a message larger than ${megabytes} MB, which is the limit.`, {
    notSent: false,
  });
}
