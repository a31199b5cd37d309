import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { FlowLabel, OfferKind } from '@shared/words.ts';
import { canonicalJson } from './canonical-json.ts';

/** What a person decided about an offer, as far as it opens something. */
export interface SealedOffer {
  readonly kind: OfferKind;
  readonly server: string;
  readonly name: string;
  readonly decision: 'approved' | 'blocked';
  readonly fingerprint: string;
  /** SHA-256 of the approved definition's stored text: the text that is served before any server has started. */
  readonly definitionHash: string;
  readonly effect: string | null;
  /** Absent: no person chose any. Seals of older versions had none. */
  readonly labels?: readonly FlowLabel[];
}

export interface SealedServer {
  readonly kind: 'server';
  readonly name: string;
  readonly decision: 'approved' | 'blocked';
  readonly launchFingerprint: string;
  readonly approvedInstructions: string | null;
}

/** As older versions sealed a server: with the first instructions it gave, which no person had to read. */
export interface SealedBaseline {
  readonly kind: 'server';
  readonly name: string;
  readonly decision: 'approved' | 'blocked';
  readonly launchFingerprint: string;
  readonly baselineSeen: boolean;
  readonly instructions: string | null;
}

type Sealed = SealedOffer | SealedServer | SealedBaseline;

/** The canonical JSON of a decision. Offers are many: their few members are written in canonical order at once. */
export function sealedText(decision: Sealed): string {
  if (decision.kind === 'server') return canonicalJson(decision);
  const { decision: word, definitionHash, effect, fingerprint, kind, labels, name, server } = decision;
  // JSON.stringify leaves out what is undefined, so that a decision without labels has the text it always had.
  return JSON.stringify({ decision: word, definitionHash, effect, fingerprint, kind, labels, name, server });
}

/** HMAC-SHA256 (hex) over a decision. Only this process knows the key, so only this process can decide. */
export function sealOf(decision: Exclude<Sealed, SealedBaseline>, key: KeyObject): string {
  return macOf(decision, key).toString('hex');
}

/** True when the seal is this key's seal of exactly this decision. Constant time. */
export function isSealed(decision: Sealed, seal: string | null, key: KeyObject): boolean {
  if (seal === null) return false;
  const expected = macOf(decision, key);
  const given = Buffer.from(seal, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function macOf(decision: Sealed, key: KeyObject): Buffer {
  return createHmac('sha256', key).update(sealedText(decision)).digest();
}
