import { hash } from 'node:crypto';
import type { LaunchIdentity } from '@shared/contract/index.ts';
import { canonicalJson } from './canonical-json.ts';

/** SHA-256 (hex) of the canonical JSON of a definition, unknown fields included. */
export function fingerprintOf(definition: unknown): string {
  return hash('sha256', canonicalJson(definition));
}

/** Fingerprint of what would really run. */
export function launchFingerprintOf(launch: LaunchIdentity): string {
  return fingerprintOf(launch);
}

/** A server's fingerprint: its launch and the instructions it gives to agents (null: it gives none). */
export function serverFingerprintOf(launch: LaunchIdentity, instructions: string | null): string {
  return fingerprintOf({ launch, instructions });
}
