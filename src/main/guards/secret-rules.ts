/** The bundled rules, ready to run: one search for all literals, one pattern a rule. */
import { LiteralSearch } from '@shared/literal-search.ts';
import bundled from '../../../assets/guards/secrets.json' with { type: 'json' };
import { CHECKS, type Match } from './checks.ts';
import { entropyOf, isPlaceholder } from './randomness.ts';
import { ruleFileSchema, type SecretRule, type Sureness } from './rule-file.ts';

/** Where a secret stands in a text, as offsets of UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface FoundSecret extends Span {
  readonly rule: string;
  readonly title: string;
  readonly sureness: Sureness;
}

interface ReadyRule extends SecretRule {
  /** Its place among the rules. */
  readonly index: number;
  /** Sticky for a rule with literals; global for one that looks for itself, or begins before its literal. */
  readonly regex: RegExp;
}

/** Letters, digits and what tokens have between them: a token does not begin in the middle of one. */
const TOKEN_CHARACTER = /[A-Za-z0-9_-]/;
const BEFORE = 24;

/** Finds secrets by rules. The time is linear in the text's length: every pattern is bounded and runs at literals only. */
export class SecretRules {
  readonly rules: readonly SecretRule[];
  readonly #search: LiteralSearch;
  /** For each literal of the search: its text as the rule has it, and the rule. */
  readonly #byLiteral: readonly { readonly literal: string; readonly rule: ReadyRule }[];
  readonly #free: readonly ReadyRule[];

  constructor(rules: readonly SecretRule[]) {
    this.rules = rules;
    const ready = rules.map(readyRule);
    this.#byLiteral = ready.flatMap((rule) => rule.literals.map((literal) => ({ literal, rule })));
    this.#search = new LiteralSearch(
      this.#byLiteral.map(({ literal }) => literal),
      { ignoreCase: true },
    );
    this.#free = ready.filter(({ literals }) => literals.length === 0);
  }

  /** Every secret in the text, in order of their places; none overlaps another. */
  find(text: string): FoundSecret[] {
    const found: FoundSecret[] = [];
    const nesting = new Nesting(this.rules.length);
    this.#search.scan(text, (index, end) => {
      const entry = this.#byLiteral[index];
      if (!entry) return;
      const { literal, rule } = entry;
      const at = end - literal.length;
      if (rule.ignoreCase !== true && !text.startsWith(literal, at)) return;
      const secret = rule.back === undefined ? matchAt(rule, text, at, nesting) : matchAround(rule, text, at);
      if (secret) found.push(secret);
    });
    for (const rule of this.#free) findFree(rule, text, found);
    return found.length < 2 ? found : withoutOverlaps(found);
  }
}

/** Matches of one rule that begin inside of another match of it and are looked at: `pwd=pwd=pwd=…` is no reason to be slow. */
const MOST_NESTED = 8;

/** Where the last matches of the rules ended, while one text is looked through. */
class Nesting {
  readonly #ends: Int32Array;
  readonly #counts: Uint8Array;

  constructor(rules: number) {
    this.#ends = new Int32Array(rules);
    this.#counts = new Uint8Array(rules);
  }

  isTooDeep(rule: number, at: number): boolean {
    return at < (this.#ends[rule] ?? 0) && (this.#counts[rule] ?? 0) >= MOST_NESTED;
  }

  note(rule: number, at: number, end: number): void {
    const isInside = at < (this.#ends[rule] ?? 0);
    this.#counts[rule] = isInside ? (this.#counts[rule] ?? 0) + 1 : 0;
    if (!isInside) this.#ends[rule] = end;
  }
}

function readyRule(rule: SecretRule, index: number): ReadyRule {
  const isSticky = rule.literals.length > 0 && rule.back === undefined;
  return {
    ...rule,
    index,
    regex: new RegExp(rule.pattern, `${isSticky ? 'y' : 'g'}${rule.ignoreCase === true ? 'i' : ''}`),
  };
}

const isInsideToken = (text: string, at: number): boolean => at > 0 && TOKEN_CHARACTER.test(text.charAt(at - 1));

function matchAt(rule: ReadyRule, text: string, at: number, nesting: Nesting): FoundSecret | undefined {
  if (rule.glued !== true && isInsideToken(text, at)) return undefined;
  if (nesting.isTooDeep(rule.index, at)) return undefined;
  rule.regex.lastIndex = at;
  const match = rule.regex.exec(text);
  if (!match) return undefined;
  nesting.note(rule.index, at, rule.regex.lastIndex);
  return checked(rule, text, match, at);
}

/** A rule whose literal stands inside its match, looked for in a window around it. */
function matchAround(rule: ReadyRule, text: string, at: number): FoundSecret | undefined {
  const from = Math.max(at - (rule.back ?? 0), 0);
  const window = text.slice(from, at + (rule.ahead ?? 0));
  rule.regex.lastIndex = 0;
  const match = rule.regex.exec(window);
  if (!match || (rule.glued !== true && isInsideToken(text, from + match.index))) return undefined;
  return checked(rule, text, match, from + match.index);
}

function findFree(rule: ReadyRule, text: string, found: FoundSecret[]): void {
  rule.regex.lastIndex = 0;
  for (let match = rule.regex.exec(text); match !== null; match = rule.regex.exec(text)) {
    const secret = isInsideToken(text, match.index) ? undefined : checked(rule, text, match, match.index);
    if (secret) found.push(secret);
    else rule.regex.lastIndex = match.index + 1;
  }
}

function checked(rule: ReadyRule, text: string, match: RegExpExecArray, at: number): FoundSecret | undefined {
  const whole = match[0];
  const secret = match.slice(1).find((group) => group !== undefined) ?? whole;
  if (rule.entropy !== undefined && entropyOf(secret) < rule.entropy) return undefined;
  const facts: Match = { secret, whole, before: text.slice(Math.max(at - BEFORE, 0), at) };
  if (rule.check !== undefined && !CHECKS[rule.check](facts)) return undefined;
  // A checksum that fits and a shape no placeholder has speak for themselves.
  if (rule.entropy !== undefined && isPlaceholder(secret)) return undefined;
  const start = at + whole.lastIndexOf(secret);
  return { rule: rule.id, title: rule.title, sureness: rule.sureness, start, end: start + secret.length };
}

/** Of secrets that overlap one is left, over the whole of them, under the name of the surest and longest. */
function withoutOverlaps(found: FoundSecret[]): FoundSecret[] {
  const ordered = found.sort((a, b) => a.start - b.start || b.end - a.end);
  const apart: FoundSecret[] = [];
  for (const next of ordered) {
    const last = apart.at(-1);
    if (!last || next.start >= last.end) apart.push(next);
    else {
      const better = isBetter(next, last) ? next : last;
      apart[apart.length - 1] = { ...better, start: last.start, end: Math.max(last.end, next.end) };
    }
  }
  return apart;
}

function isBetter(a: FoundSecret, b: FoundSecret): boolean {
  if (a.sureness !== b.sureness) return a.sureness === 'certain';
  return a.end - a.start > b.end - b.start;
}

let ready: SecretRules | undefined;

/** The rules of assets/guards/secrets.json, checked and made ready once. */
export function bundledRules(): SecretRules {
  ready ??= new SecretRules(ruleFileSchema.parse(bundled).rules);
  return ready;
}
