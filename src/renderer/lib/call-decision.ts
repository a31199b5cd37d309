import type { CallSummary } from '@shared/contract/index.ts';
import { assertNever, type OfferKind, type RefusalCode } from '@shared/words.ts';
import type { StatusKind } from '../components/icon/status-shape.tsx';
import { offerWords } from './offers.ts';

export interface Decision {
  word: string;
  /** Undefined: passed, nothing to look at. */
  tone?: 'brass' | 'brick';
  shape?: StatusKind;
}

const refusals: Record<RefusalCode, string> = {
  paused: 'Paused',
  unknown_app: 'Unknown app',
  not_in_profile: 'Not in profile',
  quarantined: 'Refused, held',
  changed: 'Refused, changed',
  blocked: 'Blocked by you',
  wrong_effect: 'Wrong effect class',
  invalid_arguments: 'Arguments do not fit',
  rate_limited: 'Too many calls',
  loop: 'Repeated call',
  secret_in_arguments: 'Secret in arguments',
  secret_in_result: 'Secret in result',
  denied_by_person: 'You denied',
  ask_timeout: 'No answer from you',
  server_down: 'Server is down',
  timeout: 'Timed out',
  cancelled: 'Cancelled',
  upstream_error: 'Server error',
};

/** What became of a call, for the decision column. */
export function decisionOf(call: Pick<CallSummary, 'status' | 'code'>): Decision {
  switch (call.status) {
    case 'running':
      return { word: 'Running', shape: 'starting' };
    case 'done':
      return { word: 'Allowed' };
    case 'refused':
      return {
        word: call.code ? refusals[call.code] : 'Refused',
        tone: call.code === 'paused' ? 'brass' : 'brick',
        shape: call.code === 'paused' ? 'paused' : 'blocked',
      };
    case 'failed':
      return { word: call.code ? refusals[call.code] : 'Failed', tone: 'brick', shape: 'problem' };
    case 'cancelled':
      return { word: 'Cancelled', shape: 'off' };
    case 'interrupted':
      return { word: 'Interrupted', tone: 'brick', shape: 'problem' };
    default:
      return assertNever(call.status);
  }
}

/** Why, for lists of refusals: one plain sentence. */
export function refusalSentence(code: RefusalCode | null, kind: OfferKind): string {
  const it = offerWords[kind].one;
  switch (code) {
    case 'paused':
      return 'All tools were paused.';
    case 'unknown_app':
      return 'The token belongs to no AI app.';
    case 'not_in_profile':
      return 'Not in its profile.';
    case 'quarantined':
      return `The ${it} is held until you look at it.`;
    case 'changed':
      return `The ${it} changed after you approved it.`;
    case 'blocked':
      return `You blocked this ${it}.`;
    case 'wrong_effect':
      return 'Called with another effect class than you approved.';
    case 'invalid_arguments':
      return 'The arguments do not fit the approved schema.';
    case 'rate_limited':
      return 'Too many calls in a short time.';
    case 'loop':
      return 'The same call came again and again.';
    case 'secret_in_arguments':
      return 'The arguments held a secret.';
    case 'secret_in_result':
      return 'The result held a secret and was kept back.';
    case 'denied_by_person':
      return 'You denied it.';
    case 'ask_timeout':
      return 'You were asked and did not answer in time.';
    case 'server_down':
      return 'Its server is not running.';
    case 'timeout':
      return 'The server did not answer in time.';
    case 'cancelled':
      return 'The AI app cancelled it.';
    case 'upstream_error':
      return 'The server answered with an error.';
    case null:
      return 'Refused.';
    default:
      return assertNever(code);
  }
}
