import type { Finding, FindingCounts, FindingSeverity } from '@shared/contract/findings.ts';
import type { Rule } from './rule-data.ts';
import type { ScannedText } from './texts-of.ts';

/** UTF-16 units of a match, and of what it decodes to, that a finding keeps. */
const LONGEST_MATCH = 160;
const LONGEST_DECODED = 400;

export interface Span {
  readonly start: number;
  readonly end: number;
}

const bounded = (text: string, most: number): string =>
  (text.length > most ? `${text.slice(0, most - 1)}…` : text).toWellFormed();

/** A finding of a rule at a span of a text. */
export function findingAt(
  rule: Rule,
  { pointer, inKey, text }: Pick<ScannedText, 'pointer' | 'inKey' | 'text'>,
  { start, end }: Span,
  more: { readonly severity?: FindingSeverity; readonly decoded?: string; readonly explanation?: string } = {},
): Finding {
  return {
    rule: rule.id,
    version: rule.version,
    class: rule.class,
    severity: more.severity ?? rule.severity,
    title: rule.title,
    explanation: more.explanation ?? rule.explanation,
    pointer,
    inKey,
    start,
    end,
    text: bounded(text.slice(start, end), LONGEST_MATCH),
    decoded: more.decoded === undefined ? null : bounded(more.decoded, LONGEST_DECODED),
  };
}

/** A finding about a definition as a whole. */
export function findingOverall(rule: Rule, explanation: string, severity = rule.severity): Finding {
  return findingAt(rule, { pointer: '', inKey: false, text: '' }, { start: 0, end: 0 }, { explanation, severity });
}

export function countFindings(findings: readonly Finding[]): FindingCounts {
  const serious = findings.filter(({ severity }) => severity === 'serious').length;
  return { serious, note: findings.length - serious };
}

/** Without what a weightier finding of the same class says about the same place; serious ones first, then as in the text. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const serious = findings.filter(({ severity }) => severity === 'serious');
  const notes = findings.filter(
    (note) => note.severity === 'note' && !serious.some((other) => other.class === note.class && overlaps(other, note)),
  );
  return [...serious, ...notes];
}

function overlaps(a: Finding, b: Finding): boolean {
  return a.pointer === b.pointer && a.inKey === b.inKey && a.start < b.end && b.start < a.end;
}
