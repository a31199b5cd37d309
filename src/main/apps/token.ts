import { hash } from 'node:crypto';

const PREFIX = 'gh_';
const SECRET_BYTES = 32;
const SHAPE = /^gh_[A-Za-z0-9_-]{43}$/;

/** A new token: 256 random bits, recognisable by its prefix in logs and secret scanners. */
export function newToken(randomBytes: (size: number) => Buffer): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
}

/** False for anything that cannot be one of our tokens; cheap, so that nonsense is not hashed. */
export function looksLikeToken(text: string): boolean {
  return SHAPE.test(text);
}

/** What is stored. A token has 256 random bits, so a fast hash without salt cannot be reversed. */
export function tokenHashOf(token: string): string {
  return hash('sha256', token);
}

/** The last four characters, to tell two tokens apart. */
export function tokenHintOf(token: string): string {
  return token.slice(-4);
}
