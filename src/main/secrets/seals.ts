/** Seals over what is kept outside the vault: a row written by anybody else reads as not written. Pure. */
import { createHmac } from 'node:crypto';
import { sameSeal } from './sealed-values.ts';

/** What a seal covers, in a fixed order; the first part says what kind of thing it is. */
export type SealedParts = readonly [kind: string, ...(string | number | boolean | null)[]];

/** HMAC-SHA256 (base64url). Only who has the key, which never leaves the vault's process, can make it. */
export function sealParts(key: Buffer, parts: SealedParts): string {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');
}

/** True when it is this key's seal of exactly these parts. Constant time. */
export function isSealOf(key: Buffer, parts: SealedParts, seal: unknown): boolean {
  return typeof seal === 'string' && sameSeal(sealParts(key, parts), seal);
}
