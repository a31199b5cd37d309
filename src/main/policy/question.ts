/** Why a call waits for a person, and which earlier answers settle it. Pure. */
import type { AskReason, AskScope } from '@shared/contract/index.ts';
import { assertNever, type Effect } from '@shared/words.ts';

export type { AskReason, AskScope } from '@shared/contract/index.ts';

/** A yes of a person. It answers only the reasons it was given for: a call that is asked about for one more asks again. */
export interface Grant {
  readonly id: string;
  readonly scope: AskScope;
  readonly appId: string;
  readonly offerId: string;
  /** The definition and effect that were on screen; a changed or newly classed tool is asked about again. */
  readonly fingerprint: string;
  readonly effect: Effect;
  /** Keys of the reasons that were answered (`keyOf`). */
  readonly reasons: readonly string[];
  /** Scope `once`: the call; null where it is the next one with the arguments of `argumentsDigest`, until `until`. */
  readonly callId: string | null;
  /** Scope `session`: the session. A caller without one gets no grant of this scope. */
  readonly sessionId: string | null;
  /** Scope `always`, and `once` for a call to come: SHA-256 (hex) over the canonical JSON of the arguments. */
  readonly argumentsDigest: string | null;
  /** Milliseconds since epoch; null: until it is withdrawn. */
  readonly until: number | null;
}

/** What an answer has to fit. */
export interface AskedCall {
  readonly callId: string;
  readonly appId: string;
  readonly sessionId: string | null;
  readonly offerId: string;
  readonly fingerprint: string;
  readonly effect: Effect;
  /** Costs a hash, so it is asked for only when an answer names arguments. */
  readonly argumentsDigest: () => string;
  /** Milliseconds since epoch. */
  readonly now: number;
}

/** Two reasons with one key are the same to the person who answered. */
export function keyOf({ kind, rule, about }: AskReason): string {
  return [kind, rule ?? '', about ?? ''].join('\n');
}

/** The first answer that covers the call and every reason; undefined when the person has to be asked. */
export function grantFor(call: AskedCall, reasons: readonly AskReason[], grants: readonly Grant[]): Grant | undefined {
  const keys = reasons.map(keyOf);
  return grants.find(
    (grant) =>
      grant.appId === call.appId &&
      grant.offerId === call.offerId &&
      grant.fingerprint === call.fingerprint &&
      grant.effect === call.effect &&
      (grant.until === null || call.now < grant.until) &&
      keys.every((key) => grant.reasons.includes(key)) &&
      isWithin(grant, call),
  );
}

function isWithin(grant: Grant, call: AskedCall): boolean {
  switch (grant.scope) {
    case 'once':
      return grant.callId === null ? grant.until !== null && isForArguments(grant, call) : grant.callId === call.callId;
    case 'session':
      return grant.sessionId !== null && grant.sessionId === call.sessionId;
    case '15m':
      return grant.until !== null;
    case 'always':
      return isForArguments(grant, call);
    default:
      return assertNever(grant.scope);
  }
}

function isForArguments({ argumentsDigest }: Grant, call: AskedCall): boolean {
  return argumentsDigest !== null && argumentsDigest !== '' && argumentsDigest === call.argumentsDigest();
}

/** The trail's sentence for a call that an answer let through. */
export function grantNote({ scope, callId }: Grant): string {
  switch (scope) {
    case 'once':
      return callId === null
        ? 'The person allowed the next call with these arguments.'
        : 'The person allowed this call.';
    case 'session':
      return 'The person allowed this tool for this session.';
    case '15m':
      return 'The person allowed this tool for 15 minutes.';
    case 'always':
      return 'The person always allows these arguments.';
    default:
      return assertNever(scope);
  }
}
