import { hash } from 'node:crypto';
import type { LaunchIdentity, ToolDefinition } from '@shared/contract/index.ts';
import type { OfferKind } from '@shared/words.ts';
import { canonicalJson } from './canonical-json.ts';
import { mayHoldLongNumbers, parseExactly } from './exact-json.ts';
import { promisedPart } from './offer-kinds.ts';

/** SHA-256 (hex) of the canonical JSON of a definition, unknown fields included. */
export function fingerprintOf(definition: unknown): string {
  return hash('sha256', canonicalJson(definition));
}

/**
 * What a person decides about: what the server wrote, with numbers a double cannot hold as raw JSON, and of a resource
 * without what changes with its content.
 * @param value `text` parsed
 */
export function promisedValueOf(kind: OfferKind, value: ToolDefinition, text: string): ToolDefinition {
  // The same text parsed again has the same shape.
  return promisedPart(kind, mayHoldLongNumbers(text) ? (parseExactly(text) as ToolDefinition) : value);
}

/** Fingerprint of what would really run. */
export function launchFingerprintOf(launch: LaunchIdentity): string {
  return fingerprintOf(launch);
}

/** A server's fingerprint: its launch and the instructions it gives to agents (null: it gives none). */
export function serverFingerprintOf(launch: LaunchIdentity, instructions: string | null): string {
  return fingerprintOf({ launch, instructions });
}
