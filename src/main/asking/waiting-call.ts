/** A call that waits for a person, and how its question can end. */
import type { AskOutcome } from '@shared/contract/index.ts';
import type { Actor, Effect, OfferKind } from '@shared/words.ts';
import type { AppIdentity, AskReason, Grant } from '../policy/index.ts';

export interface WaitingCall {
  /** The id of its record in the log. */
  readonly callId: string;
  readonly app: Pick<AppIdentity, 'id' | 'name'>;
  readonly sessionId: string | null;
  /** Milliseconds since epoch and calls so far; null for a caller without sessions. */
  readonly session: { readonly since: number; readonly calls: number } | null;
  /** What the client calls itself; untrusted. */
  readonly client: string | null;
  readonly offer: {
    readonly id: string;
    readonly kind: OfferKind;
    readonly server: string;
    readonly name: string;
    readonly fingerprint: string;
  };
  readonly effect: Effect;
  /** At least one. */
  readonly reasons: readonly AskReason[];
  readonly argumentsJson: string;
  /** Empty where the arguments cannot be named again. */
  readonly argumentsDigest: () => string;
  /** Milliseconds it waits for an answer. */
  readonly waitMs: number;
}

/** Who answered is null when nobody did. `grant`: a yes for exactly this call, whatever else it allows. */
export type QuestionEnd =
  | { readonly outcome: 'allowed'; readonly by: Actor; readonly grant: Grant }
  | { readonly outcome: 'denied'; readonly by: Actor }
  | { readonly outcome: Exclude<AskOutcome, 'allowed' | 'denied'>; readonly by: null };

/** The most calls of one app that may wait at once, and of all apps. More are refused: a storm is no question. */
export const MOST_OF_ONE_APP = 50;
export const MOST_OF_ALL = 200;
