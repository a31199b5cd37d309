/** The rules that are data: phrases and regular expressions. */
import type { Finding, FindingSeverity } from '@shared/contract/findings.ts';
import { findingAt, type Span } from './finding.ts';
import { compilePhrase, matchPhrase, mayMatch, type Phrase } from './phrases.ts';
import { type PatternRule, type PhraseRule, patternRules, phraseRules } from './rule-data.ts';
import type { ScannedText } from './texts-of.ts';
import { Vocabulary, wordsOf } from './words.ts';

/** A definition waits for a person; a result is on its way to the agent. */
export type ScanMode = 'definition' | 'result';

/** Findings of one rule in one text; more of the same say nothing new. */
const MOST_OF_RULE = 3;

interface RulePhrase {
  readonly rule: PhraseRule;
  readonly phrase: Phrase;
}

interface CompiledPhrases {
  readonly vocabulary: Vocabulary;
  /** Phrases by the id of a word they can begin with. */
  readonly byFirst: ReadonlyMap<number, readonly RulePhrase[]>;
}

function compilePhrases(rules: readonly PhraseRule[]): CompiledPhrases {
  const vocabulary = new Vocabulary();
  const byFirst = new Map<number, RulePhrase[]>();
  for (const rule of rules) {
    for (const source of rule.phrases) {
      const phrase = compilePhrase(source, vocabulary);
      const one = { rule, phrase };
      for (const first of phrase.firsts) byFirst.set(first, [...(byFirst.get(first) ?? []), one]);
    }
  }
  return { vocabulary, byFirst };
}

const expression = (source: string) => new RegExp(source, 'gi');
const expressionsOf = (rules: readonly PatternRule[]) =>
  rules.map((rule) => ({
    rule,
    expressions: rule.patterns.map(expression),
    pairs: (rule.pairs ?? []).map(({ first, second, within }) => ({
      ...{ first: expression(first), second: expression(second), within },
    })),
  }));

/** Made when something is scanned for the first time: most starts of Gatehouse scan nothing. */
const made: {
  phrases?: Record<ScanMode, CompiledPhrases>;
  patterns?: Record<ScanMode, ReturnType<typeof expressionsOf>>;
} = {};
const phrasesFor = (mode: ScanMode): CompiledPhrases => {
  made.phrases ??= {
    definition: compilePhrases(phraseRules.filter((rule) => !isLiveOnly(rule))),
    result: compilePhrases(phraseRules.filter((rule) => rule.live !== undefined)),
  };
  return made.phrases[mode];
};
const patternsFor = (mode: ScanMode): ReturnType<typeof expressionsOf> => {
  made.patterns ??= {
    definition: expressionsOf(patternRules),
    result: expressionsOf(patternRules.filter((rule) => rule.live !== undefined)),
  };
  return made.patterns[mode];
};

const isLiveOnly = ({ places }: PhraseRule): boolean => places?.every((place) => place === 'result') === true;

/** What the phrases and patterns find in one text. */
export function textRuleFindings(text: ScannedText, mode: ScanMode): Finding[] {
  return [...phraseFindings(text, mode), ...patternFindings(text, mode)];
}

const severityIn = (mode: ScanMode, rule: PhraseRule | PatternRule): FindingSeverity =>
  (mode === 'result' ? rule.live : undefined) ?? rule.severity;

function phraseFindings(text: ScannedText, mode: ScanMode): Finding[] {
  const { vocabulary, byFirst } = phrasesFor(mode);
  const words = wordsOf(text.text, vocabulary);
  const present = new Set(words.ids);
  // Most phrases lack a word in most texts, and then none of their beginnings needs to be followed.
  const candidates = new Map<number, RulePhrase[]>();
  for (const id of present) {
    const possible = byFirst
      .get(id)
      ?.filter(({ rule, phrase }) => (rule.places?.includes(text.place) ?? true) && mayMatch(phrase, present));
    if (possible && possible.length > 0) candidates.set(id, possible);
  }
  const found = new FoundSpans();
  if (candidates.size === 0) return found.all;
  for (let at = 0; at < words.ids.length; at += 1) {
    const id = words.ids[at];
    if (id === undefined || id === 0) continue;
    for (const { rule, phrase } of candidates.get(id) ?? []) {
      const start = words.starts[at] ?? 0;
      if (!found.hasRoom(rule.id, start)) continue;
      const after = matchPhrase(phrase, words, at);
      if (after === null) continue;
      const span = { start, end: words.ends[after - 1] ?? start };
      found.add(rule.id, span, findingAt(rule, text, span, { severity: severityIn(mode, rule) }));
    }
  }
  return found.all;
}

function patternFindings(text: ScannedText, mode: ScanMode): Finding[] {
  const found = new FoundSpans();
  for (const { rule, expressions, pairs } of patternsFor(mode)) {
    if (rule.places && !rule.places.includes(text.place)) continue;
    const take = (span: Span): boolean => {
      if (found.isFull(rule.id)) return false;
      if (!found.hasRoom(rule.id, span.start)) return true;
      found.add(rule.id, span, findingAt(rule, text, span, { severity: severityIn(mode, rule) }));
      return true;
    };
    for (const one of expressions) for (const span of spansOf(one, text.text)) if (!take(span)) break;
    for (const { first, second, within } of pairs) {
      for (const span of pairsIn(text.text, first, second, within)) if (!take(span)) break;
    }
  }
  return found.all;
}

function* spansOf(one: RegExp, text: string): Generator<Span> {
  one.lastIndex = 0;
  for (let match = one.exec(text); match !== null; match = one.exec(text)) {
    const end = match.index + match[0].length;
    // Every pattern takes something; an empty match would stand still.
    if (end === match.index) return;
    yield { start: match.index, end };
    one.lastIndex = end;
  }
}

/** Each `first` with the `then` that follows it soonest, near enough and on the same line. */
function* pairsIn(text: string, first: RegExp, then: RegExp, within: number): Generator<Span> {
  const seconds = spansOf(then, text);
  let second = seconds.next().value;
  if (!second) return;
  for (const { start, end } of spansOf(first, text)) {
    while (second && second.start < end) second = seconds.next().value;
    if (!second) return;
    if (second.start - end <= within && !text.slice(end, second.start).includes('\n')) yield { start, end: second.end };
  }
}

/** A few findings of each rule, none inside another of the same rule. */
class FoundSpans {
  readonly all: Finding[] = [];
  readonly #spans = new Map<string, Span[]>();

  isFull(rule: string): boolean {
    return (this.#spans.get(rule)?.length ?? 0) >= MOST_OF_RULE;
  }

  hasRoom(rule: string, start: number): boolean {
    if (this.isFull(rule)) return false;
    return !this.#spans.get(rule)?.some((span) => span.start <= start && start < span.end);
  }

  add(rule: string, span: Span, finding: Finding): void {
    const spans = this.#spans.get(rule);
    if (spans) spans.push(span);
    else this.#spans.set(rule, [span]);
    this.all.push(finding);
  }
}
