/** Entry of the guards room: secrets in what goes out and comes back, and flows from strangers' text outward. */
import type { FlowLabel } from '@shared/words.ts';
import type { FlowChain, FlowOwner } from './flow.ts';
import type { SecretFinding } from './secret-scan.ts';

export type { FlowChain, FlowStep } from './flow.ts';
export { createGuards, type GuardsOptions } from './guards.ts';
export type { SecretFinding, StoredSecrets } from './secret-scan.ts';

/** What a profile says about secrets and flows. */
export interface GuardPolicy {
  /** A certain secret in a call's arguments, on its way to a server that does not know it. */
  readonly secretsInArguments: 'ask' | 'block' | 'redact' | 'allow';
  /** A certain secret in a result. */
  readonly secretsInResults: 'allow' | 'redact' | 'block';
  /** A value of Gatehouse's own vault in a result. */
  readonly storedSecretsInResults: 'redact' | 'block' | 'allow';
  /** A session that read untrusted content and private data and calls an outward sink. */
  readonly toxicFlow: 'ask' | 'allow';
}

/** A secret in what a call would send. */
export interface SecretInCall extends SecretFinding {
  /** The server gave it before, or is given it from the vault anyway. */
  readonly isKnownToServer: boolean;
}

/** What `decide()` looks at. */
export interface GuardFacts {
  readonly secrets: readonly SecretInCall[];
  /** Null: the call is no sink, or the session did not read both kinds. */
  readonly flow: FlowChain | null;
}

export interface GuardedCall {
  readonly owner: FlowOwner;
  readonly callId: string;
  /** Id of the offer, for the chain. */
  readonly tool: string;
  /** Null: nothing of the call goes to a server. */
  readonly server: string | null;
  readonly labels: readonly FlowLabel[];
  /** JSON texts that would be sent. */
  readonly sent: readonly string[];
}

export type ResultVerdict =
  /** It passes byte for byte; the note, if any, says what it holds. */
  | { readonly kind: 'pass'; readonly note: string | null }
  | { readonly kind: 'redacted'; readonly json: string; readonly note: string }
  /** The profile keeps such results back; the note names the secrets by their marks. */
  | { readonly kind: 'withheld'; readonly note: string };

/** Follows one call from its decision to its result. */
export interface CallGuard {
  /** @param now milliseconds since epoch */
  facts(now: number): GuardFacts;
  /** JSON text for the server without what it must not get. */
  redactSent(json: string): string;
  result(json: string, policy: GuardPolicy): ResultVerdict;
  /** A server's own words outside of results, without what the policy takes out or keeps back. */
  message(text: string, policy: GuardPolicy): string;
  /** The server's answer is on its way to the app. @param at milliseconds since epoch */
  finished(at: number): void;
}

export interface Guards {
  follow(call: GuardedCall): CallGuard;
  /** Takes every secret out of what is kept: JSON text stays JSON. */
  readonly log: { json(json: string): string; text(text: string): string };
}
