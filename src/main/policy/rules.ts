/** Rules of policy.json: which fit a call, and what the first of them says. Pure. */
import { createHash } from 'node:crypto';
import type { BuiltInRule, LimitRule, PolicyRule } from '@shared/contract/index.ts';
import { assertNever, type Effect } from '@shared/words.ts';
import { testArguments } from './argument-tests.ts';
import type { Home, Reading } from './path-text.ts';
import { fitsGlob } from './text-glob.ts';

/** A rule with its place in the list, from 1 on. */
export interface PlacedRule {
  readonly place: number;
  readonly rule: PolicyRule;
  readonly builtIn: BuiltInRule | null;
}

export const BUILT_IN: Readonly<Record<BuiltInRule, PolicyRule>> = {
  'secret-folders': {
    verb: 'deny',
    note: 'Keys and sign-ins of other programs.',
    arguments: [
      {
        path: '$..*',
        inside: [
          '~/.ssh',
          '~/.aws',
          '~/.gnupg',
          '~/.kube',
          '~/.docker/config.json',
          '~/.config/gcloud',
          '~/.azure',
          '~/.netrc',
        ],
      },
    ],
  },
  'env-files': {
    verb: 'deny',
    note: 'Files that programs keep their secrets in.',
    arguments: [{ path: '$..*', named: ['.env', '.env.local', '.env.production', '.env.development', '.envrc'] }],
  },
};

/** Built-in rules that are on, then those of the file, numbered in one row. */
export function placedRules(own: readonly PolicyRule[], off: ReadonlySet<BuiltInRule>): readonly PlacedRule[] {
  const brought = Object.entries(BUILT_IN) as [BuiltInRule, PolicyRule][]; // its keys are those of the type
  return [
    ...brought.map(([builtIn, rule], at) => ({
      place: at + 1,
      rule: off.has(builtIn) ? { ...rule, off: true } : rule,
      builtIn,
    })),
    ...own.map((rule, at) => ({ place: brought.length + at + 1, rule, builtIn: null })),
  ];
}

/** What a rule is compared with. */
export interface RuledCall {
  readonly app: { readonly id: string; readonly name: string };
  readonly server: string;
  /** `server:tool`, or another offer's id. */
  readonly id: string;
  readonly effect: Effect;
  readonly tags: readonly string[];
  readonly arguments: unknown;
  /** Milliseconds since epoch. */
  readonly now: number;
}

/** True when the rule fits. What cannot be looked at fits every rule that takes away, and none that gives. */
export function fitsRule(rule: PolicyRule, call: RuledCall, home: Home): boolean {
  if (rule.off === true) return false;
  if (rule.until !== undefined && call.now >= Date.parse(rule.until)) return false;
  if (rule.apps && !rule.apps.some((app) => isApp(app, call.app))) return false;
  if (rule.servers && !rule.servers.includes(call.server)) return false;
  if (rule.effects && !rule.effects.includes(call.effect)) return false;
  if (rule.tools && !rule.tools.some((glob) => fitsGlob(glob, call.id))) return false;
  if (rule.tags && !rule.tags.some((tag) => call.tags.includes(tag))) return false;
  if (!rule.arguments) return true;
  const outcome = testArguments(rule.arguments, call.arguments, readingOf(rule), home);
  return outcome === 'fits' || (outcome === 'unknown' && rule.verb !== 'allow');
}

const readingOf = ({ verb }: PolicyRule): Reading => (verb === 'allow' ? 'strict' : 'generous');

const isApp = (named: string, { id, name }: RuledCall['app']): boolean =>
  named === id || named.toLowerCase() === name.toLowerCase();

/** The first rule that fits and decides; undefined when the profile does. */
export function firstRule(rules: readonly PlacedRule[], call: RuledCall, home: Home): PlacedRule | undefined {
  return rules.find(({ rule }) => rule.verb !== 'limit' && fitsRule(rule, call, home));
}

export interface FittingLimit {
  readonly place: number;
  readonly rule: LimitRule;
  /** Names what is counted. */
  readonly key: string;
}

/** Every limit that fits, each with the name of its own count. */
export function limitsFor(rules: readonly PlacedRule[], call: RuledCall, home: Home): readonly FittingLimit[] {
  return rules.flatMap(({ place, rule }) =>
    rule.verb === 'limit' && fitsRule(rule, call, home) ? [{ place, rule, key: countKey(rule, call) }] : [],
  );
}

/** A rule that is edited begins to count anew, except for notes and places. */
function countKey(rule: LimitRule, call: RuledCall): string {
  const { note: _note, off: _off, ...counted } = rule;
  const subject = { app: call.app.id, server: `${call.app.id}\n${call.server}`, tool: `${call.app.id}\n${call.id}` };
  return `rule\n${JSON.stringify(counted)}\n${subject[rule.per]}`;
}

/** Names a rule by what it says: an answer given to it holds as long as it is the same rule. */
export function ruleIdOf(rule: PolicyRule): string {
  const { note: _note, off: _off, ...said } = rule;
  return createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 16);
}

/** What a rule says, in one sentence for a person. */
export function ruleText(rule: PolicyRule): string {
  const who = rule.apps ? rule.apps.join(', ') : 'Any app';
  const what = targetText(rule);
  const when = rule.until === undefined ? '' : ` until ${rule.until}`;
  const args = (rule.arguments ?? []).map(testText).join(' and ');
  const tail = `${args === '' ? '' : ` with ${args}`}${when}`;
  switch (rule.verb) {
    case 'allow':
      return `${who} may use ${what}${tail}`;
    case 'ask':
      return `${who} asks before using ${what}${tail}`;
    case 'deny':
      return `${who} may not use ${what}${tail}`;
    case 'limit':
      return `${who} using ${what}${tail}: ${limitText(rule)}`;
    default:
      return assertNever(rule);
  }
}

function targetText(rule: PolicyRule): string {
  const kind = rule.effects ? `${rule.effects.join(' or ')} tools` : 'tools';
  if (rule.tools) return rule.effects ? `${kind} among ${rule.tools.join(', ')}` : rule.tools.join(', ');
  const tagged = rule.tags ? ` tagged ${rule.tags.join(' or ')}` : '';
  const of = rule.servers ? ` of ${rule.servers.join(', ')}` : '';
  return `any ${kind}${tagged}${of}`;
}

function testText({ path, ...test }: NonNullable<PolicyRule['arguments']>[number]): string {
  const where = path === '$..*' ? 'any argument' : path;
  if (test.equals !== undefined) return `${where} equal to ${JSON.stringify(test.equals)}`;
  if (test.prefix !== undefined) return `${where} beginning with ${JSON.stringify(test.prefix)}`;
  if (test.contains !== undefined) return `${where} containing ${JSON.stringify(test.contains)}`;
  if (test.glob !== undefined) return `${where} like ${JSON.stringify(test.glob)}`;
  if (test.inside !== undefined) return `${where} inside ${test.inside.join(', ')}`;
  return `${where} naming ${(test.named ?? []).join(', ')}`;
}

function limitText(rule: LimitRule): string {
  const parts = [
    rule.callsPerMinute !== undefined && `${rule.callsPerMinute} calls a minute`,
    rule.callsPerDay !== undefined && `${rule.callsPerDay} calls a day`,
    rule.concurrentCalls !== undefined && `${rule.concurrentCalls} at once`,
    rule.timeoutSeconds !== undefined && `${rule.timeoutSeconds} s without a sign of life`,
    rule.maxSeconds !== undefined && `${rule.maxSeconds} s altogether`,
  ].filter((part) => part !== false);
  return `${parts.join(', ')}, counted per ${rule.per}`;
}
