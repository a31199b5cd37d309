/** What the guards found, against what the profile says: the stage `guards` of `decide()`. Pure. */
import type { AskReason } from '@shared/contract/index.ts';
import { assertNever } from '@shared/words.ts';
import type { FlowChain, FlowStep, GuardFacts, GuardPolicy, SecretInCall } from '../guards/index.ts';

export type GuardVerdict =
  | {
      readonly kind: 'go';
      readonly note: string;
      /** The call goes out without the secrets in its arguments. */
      readonly redacts: boolean;
      /** Why a person has to say yes first; none: it goes at once. */
      readonly reasons: readonly AskReason[];
    }
  | { readonly kind: 'refuse'; readonly message: string };

/** Where the call goes, for sentences. */
export interface GuardedTarget {
  /** As refusals call it. */
  readonly tool: string;
  readonly server: string;
  /** False for what cannot be sent with a part taken out: the URI of a resource. */
  readonly canRedact: boolean;
}

/**
 * Secrets come first: a call that is refused for one is not asked about. `now` in milliseconds since epoch.
 */
export function guardVerdict(target: GuardedTarget, policy: GuardPolicy, facts: GuardFacts, now: number): GuardVerdict {
  const secret = secretVerdict(target, policy, facts.secrets);
  if (secret.kind === 'refuse' || facts.flow === null || policy.toxicFlow === 'allow') return secret;
  return { ...secret, reasons: [...secret.reasons, flowReason(target, facts.flow, now)] };
}

function secretVerdict(target: GuardedTarget, policy: GuardPolicy, secrets: readonly SecretInCall[]): GuardVerdict {
  const go = { kind: 'go', redacts: false, reasons: [] } as const;
  const foreign = secrets.filter(({ sureness, isKnownToServer }) => sureness === 'certain' && !isKnownToServer);
  if (foreign.length === 0) return { ...go, note: noteOn(secrets) };
  const what = listOf(foreign);
  switch (policy.secretsInArguments) {
    case 'allow':
      return { ...go, note: `The arguments hold ${what}; the profile lets them go out.` };
    case 'redact':
      if (target.canRedact) return { ...go, redacts: true, note: `${capital(what)} is taken out of the arguments.` };
      return { kind: 'refuse', message: refusalText(target, what) };
    case 'block':
      return { kind: 'refuse', message: refusalText(target, what) };
    case 'ask':
      return { ...go, note: `The arguments hold ${what}.`, reasons: [secretReason(target, what, foreign)] };
    default:
      return assertNever(policy.secretsInArguments);
  }
}

/** Another secret is another question. */
function secretReason({ server }: GuardedTarget, what: string, secrets: readonly SecretInCall[]): AskReason {
  return {
    kind: 'secret',
    text: `The call would send ${what} to ${server}, which does not have it yet.`,
    rule: [...new Set(secrets.map(({ rule }) => rule))].sort().join(' '),
    about: [...new Set(secrets.map(({ mark }) => mark))].sort().join(' '),
    serious: secrets.some(({ stored }) => stored !== null),
  };
}

function noteOn(secrets: readonly SecretInCall[]): string {
  if (secrets.length === 0) return 'No secret in the arguments, and no flow outward.';
  const known = secrets.filter(({ isKnownToServer }) => isKnownToServer);
  if (known.length > 0) return `${capital(listOf(known))} in the arguments is the server's own.`;
  return `The arguments may hold ${listOf(secrets)}; the log keeps only its mark.`;
}

const refusalText = ({ tool, server }: GuardedTarget, what: string): string =>
  `The arguments for ${tool} hold ${what}, and secrets are not sent to ${server}. Call it without them.`;

/** What began the flow names it: a session that goes on reading from there is not asked about at every step. */
function flowReason({ tool }: GuardedTarget, flow: FlowChain, now: number): AskReason {
  const untrusted = `untrusted content (${stepsText(flow.untrusted, now)})`;
  const text = `This session read ${untrusted} and private data (${stepsText(flow.private, now)}), and ${tool} could carry it outward.`;
  const about = [flow.untrusted[0]?.tool ?? '', flow.private[0]?.tool ?? ''].join(' → ');
  return { kind: 'flow', text, rule: null, about, serious: true };
}

/** The last step is the one to know; how many came before is enough. */
function stepsText(steps: readonly FlowStep[], now: number): string {
  const last = steps.at(-1);
  if (!last) return 'none';
  const minutes = Math.max(Math.round((now - last.at) / 60_000), 0);
  const when = minutes === 0 ? 'just now' : minutes === 1 ? 'a minute ago' : `${minutes} minutes ago`;
  const others = new Set(steps.map(({ tool }) => tool)).size - 1;
  return `${last.tool}, ${when}${others > 0 ? `, and ${others} other${others === 1 ? '' : 's'} before` : ''}`;
}

const MOST_NAMED = 3;

/** "a GitHub token #3fa9c2d1 and 2 more". */
function listOf(secrets: readonly SecretInCall[]): string {
  const names = [...new Set(secrets.map(({ title, mark }) => (mark === '' ? title : `${title} ${mark}`)))];
  const shown = names.slice(0, MOST_NAMED);
  const more = names.length - shown.length;
  const list = shown.map((name, index) => (index === 0 ? withArticle(name) : name)).join(', ');
  return more > 0 ? `${list} and ${more} more` : list;
}

const withArticle = (name: string): string =>
  `${/^[aeiouAEIOU]|^(?:HTTP|npm|IBAN|SSH|xAI|NRAK)/.test(name) ? 'an' : 'a'} ${name}`;
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
