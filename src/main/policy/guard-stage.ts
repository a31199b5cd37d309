/** What the guards found, against what the profile says: the stage `guards` of `decide()`. Pure. */
import type { FlowChain, FlowStep, GuardFacts, GuardPolicy, SecretInCall } from '../guards/index.ts';

export type GuardVerdict =
  /** `redacts`: the call goes out without the secrets in its arguments. */
  | { readonly kind: 'pass'; readonly note: string; readonly redacts: boolean }
  | { readonly kind: 'refuse'; readonly message: string }
  | { readonly kind: 'ask'; readonly question: string };

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
  const flow = flowQuestion(target, facts.flow, now);
  return { kind: 'ask', question: secret.kind === 'ask' ? `${secret.question} ${flow}` : flow };
}

function secretVerdict(target: GuardedTarget, policy: GuardPolicy, secrets: readonly SecretInCall[]): GuardVerdict {
  const foreign = secrets.filter(({ sureness, isKnownToServer }) => sureness === 'certain' && !isKnownToServer);
  if (foreign.length === 0) return { kind: 'pass', note: noteOn(secrets), redacts: false };
  const what = listOf(foreign);
  switch (policy.secretsInArguments) {
    case 'allow':
      return { kind: 'pass', note: `The arguments hold ${what}; the profile lets them go out.`, redacts: false };
    case 'redact':
      if (target.canRedact)
        return { kind: 'pass', note: `${capital(what)} is taken out of the arguments.`, redacts: true };
      return { kind: 'refuse', message: refusalText(target, what) };
    case 'block':
      return { kind: 'refuse', message: refusalText(target, what) };
    case 'ask':
      return { kind: 'ask', question: `The call would send ${what} to ${target.server}, which does not have it yet.` };
  }
}

function noteOn(secrets: readonly SecretInCall[]): string {
  if (secrets.length === 0) return 'No secret in the arguments, and no flow outward.';
  const known = secrets.filter(({ isKnownToServer }) => isKnownToServer);
  if (known.length > 0) return `${capital(listOf(known))} in the arguments is the server's own.`;
  return `The arguments may hold ${listOf(secrets)}; the log keeps only its mark.`;
}

const refusalText = ({ tool, server }: GuardedTarget, what: string): string =>
  `The arguments for ${tool} hold ${what}, and secrets are not sent to ${server}. Call it without them.`;

function flowQuestion({ tool }: GuardedTarget, flow: FlowChain, now: number): string {
  const untrusted = `untrusted content (${stepsText(flow.untrusted, now)})`;
  return `This session read ${untrusted} and private data (${stepsText(flow.private, now)}), and ${tool} could carry it outward.`;
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
