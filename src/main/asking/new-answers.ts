/** What a yes of a person becomes: a grant for each call that waits, and what is remembered beyond them. Pure. */
import { createHash } from 'node:crypto';
import type { AskScope } from '@shared/contract/index.ts';
import { type Actor, assertNever } from '@shared/words.ts';
import { canonicalJson, parseExactly } from '../approvals/index.ts';
import { type Grant, keyOf } from '../policy/index.ts';
import type { KeptAnswer } from './answer-rows.ts';
import { AskingError } from './asking-error.ts';
import type { WaitingCall } from './waiting-call.ts';

/** Milliseconds a yes of scope `15m`, or for the next call, holds. */
export const SHORT_GRANT_MS = 15 * 60_000;
/** Characters of the arguments that are kept to show what an answer is about. */
const SHOWN_ARGUMENTS = 2_000;

/**
 * SHA-256 (hex) over the canonical JSON of arguments as they were written, numbers beyond a double included. Empty when
 * they are nested too deeply to be compared: then no answer can name them.
 */
export function argumentsDigestOf(argumentsJson: string): string {
  try {
    return createHash('sha256')
      .update(canonicalJson(parseExactly(argumentsJson)))
      .digest('hex');
  } catch {
    return '';
  }
}

/** A yes for exactly this call. */
export function onceGrant(call: WaitingCall, id: string): Grant {
  const { app, callId, effect, offer, reasons } = call;
  return {
    id,
    scope: 'once',
    appId: app.id,
    offerId: offer.id,
    fingerprint: offer.fingerprint,
    effect,
    reasons: reasons.map(keyOf),
    callId,
    sessionId: null,
    argumentsDigest: null,
    until: null,
  };
}

export interface Answering {
  readonly by: Actor;
  /** Milliseconds since epoch. */
  readonly now: number;
  readonly newId: () => string;
}

/** What is remembered when these calls are allowed; calls that come to the same are remembered once. Throws AskingError. */
export function answersFor(calls: readonly WaitingCall[], scope: AskScope, how: Answering): KeptAnswer[] {
  if (scope === 'once') return [];
  const answers = new Map<string, KeptAnswer>();
  for (const call of calls) {
    const { id, at, ...answer } = answerFor(call, scope, how);
    const same = JSON.stringify({ ...answer, argumentsJson: null });
    if (!answers.has(same)) answers.set(same, { id, at, ...answer });
  }
  return [...answers.values()];
}

/** Allows one more call with the same arguments. Throws AskingError. */
export function nextCallAnswer(call: WaitingCall, how: Answering): KeptAnswer {
  return { ...answerFor(call, 'always', how), scope: 'next', until: how.now + SHORT_GRANT_MS };
}

function answerFor(call: WaitingCall, scope: Exclude<AskScope, 'once'>, { by, now, newId }: Answering): KeptAnswer {
  const { app, effect, offer, reasons } = call;
  const answer: KeptAnswer = {
    id: newId(),
    scope,
    at: now,
    by,
    app: { id: app.id, name: app.name },
    offerId: offer.id,
    server: offer.server,
    fingerprint: offer.fingerprint,
    effect,
    reasons: reasons.map((reason) => ({ key: keyOf(reason), text: reason.text })),
    sessionId: null,
    argumentsDigest: null,
    argumentsJson: null,
    until: null,
  };
  switch (scope) {
    case 'session':
      if (call.sessionId === null) {
        throw new AskingError('invalid', `${app.name} has no session here. Allow it once or for 15 minutes.`);
      }
      return { ...answer, sessionId: call.sessionId };
    case '15m':
      return { ...answer, until: now + SHORT_GRANT_MS };
    case 'always': {
      const argumentsDigest = call.argumentsDigest();
      if (argumentsDigest === '') {
        throw new AskingError(
          'invalid',
          'These arguments are nested too deeply to be recognised again. Allow it once.',
        );
      }
      return { ...answer, argumentsDigest, argumentsJson: call.argumentsJson.slice(0, SHOWN_ARGUMENTS).toWellFormed() };
    }
    default:
      return assertNever(scope);
  }
}
