/** The cryptography of the vault: AES-256-GCM per entry, one seal over all entries, keys derived with HKDF. Pure. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/** One encrypted value; all parts base64url. */
export interface SealedValue {
  readonly nonce: string;
  readonly data: string;
  readonly tag: string;
}

/** NIST SP 800-38D: 96-bit random nonces; far below 2^32 values per key here. */
const nonceBytes = 12;
const tagBytes = 16;

/** A 32-byte key for one purpose (HKDF-SHA256, RFC 5869). Different purposes give unrelated keys. */
export function deriveKey(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, 'gatehouse-vault-1', purpose, 32));
}

/** Encrypts a value and binds it to its name: under another name it does not open. */
export function seal(key: Buffer, name: string, value: string): SealedValue {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(name, 'utf8'));
  const data = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return {
    nonce: nonce.toString('base64url'),
    data: data.toString('base64url'),
    tag: cipher.getAuthTag().toString('base64url'),
  };
}

/** The value, or undefined when the key, the name or any byte is not the one it was sealed with. */
export function unseal(key: Buffer, name: string, sealed: SealedValue): string | undefined {
  const nonce = Buffer.from(sealed.nonce, 'base64url');
  const tag = Buffer.from(sealed.tag, 'base64url');
  if (nonce.length !== nonceBytes || tag.length !== tagBytes) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(name, 'utf8'));
  decipher.setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(Buffer.from(sealed.data, 'base64url')), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

/** One HMAC over all entries, so that removing, adding or rolling back an entry is noticed. */
export function sealOfAll(key: Buffer, entries: ReadonlyMap<string, SealedValue>): string {
  const lines = [...entries]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { nonce, data, tag }]) => JSON.stringify([name, nonce, data, tag]));
  return createHmac('sha256', key).update(lines.join('\n')).digest('base64url');
}

/** Compares two seals without telling by the time it takes where they differ. */
export function sameSeal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
