/** The guards of one Gatehouse: they look at what goes to servers and what comes back, and keep secrets out of the log. */
import { assertNever } from '@shared/words.ts';
import { chainBefore, FlowTracker } from './flow.ts';
import { GivenSecrets } from './given-secrets.ts';
import type { CallGuard, GuardedCall, GuardFacts, GuardPolicy, Guards, ResultVerdict, SecretInCall } from './index.ts';
import { bundledRules } from './secret-rules.ts';
import {
  type PlacedFinding,
  redactJson,
  redactText,
  type SecretFinding,
  SecretScan,
  type StoredSecrets,
} from './secret-scan.ts';

export interface GuardsOptions {
  readonly stored: StoredSecrets;
  /** 32 bytes of the vault that marks are made with. */
  readonly key: Buffer;
  /** Names of the servers that are given a value of the vault anyway. */
  readonly ownersOf: (storedName: string) => readonly string[];
}

/** Characters of a result that are looked at when nothing of it will be changed: what the log keeps, and a margin. */
const MARKED_CHARACTERS = 80 * 1024;

export function createGuards({ stored, key, ownersOf }: GuardsOptions): Guards {
  const scan = new SecretScan({ rules: bundledRules, stored, key });
  const given = new GivenSecrets();
  const flow = new FlowTracker();

  const inCall = (finding: SecretFinding, server: string): SecretInCall => {
    const { rule, title, sureness, mark, stored: name } = finding;
    const isOwn = name === null ? given.wasGivenBy(mark, server) : ownersOf(name).includes(server);
    return { rule, title, sureness, mark, stored: name, isKnownToServer: isOwn };
  };
  /** What may not pass to the server: what it does not know already. */
  const isForeign = (server: string) => (finding: PlacedFinding) =>
    finding.sureness === 'certain' && !inCall(finding, server).isKnownToServer;

  const follow = (call: GuardedCall): CallGuard => {
    const { owner, callId, tool, server, labels } = call;
    const found: SecretInCall[] =
      server === null ? [] : call.sent.flatMap((json) => scan.inJson(json).map((finding) => inCall(finding, server)));
    return {
      facts: (now): GuardFacts => ({ secrets: found, flow: chainBefore(flow.session(owner, now), labels) }),
      redactSent: (json) => redactJson(json, scan.inJson(json).filter(isForeign(server ?? ''))),
      result: (json, policy) => resultVerdict(json, policy),
      message: (text, policy) => {
        const findings = scan.inText(text).filter((finding) => actOn(finding, policy) !== 'allow');
        return redactText(text, findings);
      },
      finished: (at) => flow.finished(owner, { callId, tool, at, labels }),
    };

    function resultVerdict(json: string, policy: GuardPolicy): ResultVerdict {
      const looksEverywhere = policy.secretsInResults !== 'allow';
      const short = json.length <= MARKED_CHARACTERS;
      const findings =
        looksEverywhere || short
          ? scan.inJson(json)
          : // The rest is passed on as it is and not kept; only values of the vault are looked for in it.
            merged(scan.inJson(json.slice(0, MARKED_CHARACTERS)), scan.storedInJson(json));
      if (findings.length === 0) return CLEAN;
      if (server !== null) for (const { mark, stored: name } of findings) if (name === null) given.note(mark, server);
      const held = findings.filter((finding) => actOn(finding, policy) === 'block');
      const redacted = findings.filter((finding) => actOn(finding, policy) === 'redact');
      if (held.length > 0) return { kind: 'withheld', note: namesOf(held) };
      if (redacted.length === 0) return { kind: 'pass', note: `It holds ${namesOf(findings)}.` };
      return {
        kind: 'redacted',
        json: redactJson(json, redacted),
        note: `Taken out of it: ${namesOf(redacted)}.`,
      };
    }
  };

  return {
    follow,
    log: {
      json: (json) => redactJson(json, scan.inJson(json)),
      text: (text) => redactText(text, scan.inText(text)),
    },
  };
}

const CLEAN: ResultVerdict = { kind: 'pass', note: null };

/** What the policy does with a finding in a result. */
function actOn(finding: SecretFinding, policy: GuardPolicy): 'allow' | 'redact' | 'block' {
  if (finding.stored !== null) return policy.storedSecretsInResults;
  switch (finding.sureness) {
    case 'certain':
      return policy.secretsInResults;
    case 'possible':
      return 'allow';
    default:
      return assertNever(finding.sureness);
  }
}

/** Both, the second told where they overlap. */
function merged(all: readonly PlacedFinding[], stored: readonly PlacedFinding[]): PlacedFinding[] {
  const others = all.filter((one) => !stored.some((ours) => ours.start < one.end && one.start < ours.end));
  return [...others, ...stored].sort((a, b) => a.start - b.start);
}

const MOST_NAMED = 5;

/** "GitHub token #3fa9c2d1, password #77b01c9e and 3 more". */
function namesOf(findings: readonly SecretFinding[]): string {
  const names = [...new Set(findings.map(({ title, mark }) => (mark === '' ? title : `${title} ${mark}`)))];
  const shown = names.slice(0, MOST_NAMED);
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
