import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/** What a person decided about a tool, as far as it opens something. */
export interface SealedTool {
  readonly kind: 'tool';
  readonly server: string;
  readonly name: string;
  readonly decision: 'approved' | 'blocked';
  readonly fingerprint: string;
  /** SHA-256 of the approved definition's stored text: the text that is served before any server has started. */
  readonly definitionHash: string;
  readonly effect: string | null;
}

export interface SealedServer {
  readonly kind: 'server';
  readonly name: string;
  readonly decision: 'approved' | 'blocked';
  readonly launchFingerprint: string;
  readonly baselineSeen: boolean;
  readonly instructions: string | null;
}

/** HMAC-SHA256 (hex) over a decision. Only this process knows the key, so only this process can decide. */
export function sealOf(decision: SealedTool | SealedServer, key: Buffer): string {
  return createHmac('sha256', key).update(canonicalJson(decision)).digest('hex');
}

/** True when the seal is this key's seal of exactly this decision. Constant time. */
export function isSealed(decision: SealedTool | SealedServer, seal: string | null, key: Buffer): boolean {
  if (seal === null) return false;
  const expected = Buffer.from(sealOf(decision, key), 'hex');
  const given = Buffer.from(seal, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
