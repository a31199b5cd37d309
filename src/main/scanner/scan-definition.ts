import type { Finding } from '@shared/contract/findings.ts';
import type { OfferKind } from '@shared/words.ts';
import { encodedFindings } from './encoded-text.ts';
import { findingOverall, inOrder } from './finding.ts';
import { hiddenFindings } from './hidden-text.ts';
import type { DefinitionScan } from './index.ts';
import { layoutFindings } from './layout.ts';
import { mentionsIn } from './neighbours.ts';
import type { Place } from './places.ts';
import { checkRule } from './rule-data.ts';
import { type Contradiction, claimFindings, defaultFindings, parameterFindings } from './schema-checks.ts';
import { type ScanMode, textRuleFindings } from './text-rules.ts';
import { type ScannedText, textsOf } from './texts-of.ts';

/** UTF-16 units of one definition that are scanned; a scan of so many takes some ten milliseconds. */
export const SCANNED_UNITS = 64 * 1024;
/** Units of a result that are scanned on its way. */
export const SCANNED_RESULT_UNITS = 32 * 1024;
/** Findings that are kept. */
const MOST_FINDINGS = 60;

/** Scans what a server offers. Pure and deterministic; time is linear in what is scanned, which is bounded. */
export function scanDefinition(
  kind: OfferKind,
  definition: Readonly<Record<string, unknown>>,
  contradiction: Contradiction | null = null,
): DefinitionScan {
  const { texts, cutAt } = textsOf(definition, SCANNED_UNITS);
  const found = texts.flatMap((text) => findingsIn(text, 'definition'));
  if (kind === 'tool') {
    found.push(
      ...parameterFindings(texts),
      ...defaultFindings(definition),
      ...claimFindings(definition, contradiction),
    );
  }
  const { name } = definition;
  return {
    findings: bounded(found, cutAt, 'definition'),
    mentions: mentionsIn(texts),
    toolName: kind === 'tool' && typeof name === 'string' ? name.slice(0, 256) : null,
  };
}

/** Scans what a server tells agents at the start. Pointers are empty: the text is the whole. */
export function scanInstructions(instructions: string): DefinitionScan {
  const { texts, cutAt } = textsOf(instructions, SCANNED_UNITS, 'text');
  const found = texts.flatMap((text) => findingsIn(text, 'definition'));
  return { findings: bounded(found, cutAt, 'definition'), mentions: mentionsIn(texts), toolName: null };
}

/** Scans the result of a call with the `live` rules: its first 32,768 units, and says so when there is more. */
export function scanResult(result: unknown): Finding[] {
  const { texts, cutAt } = textsOf(result, SCANNED_RESULT_UNITS, 'result' satisfies Place);
  return bounded(
    texts.flatMap((text) => findingsIn(text, 'result')),
    cutAt,
    'result',
  );
}

function findingsIn(text: ScannedText, mode: ScanMode): Finding[] {
  return [
    ...hiddenFindings(text, mode),
    ...textRuleFindings(text, mode),
    ...(text.text.length >= 16 ? encodedFindings(text, mode) : []),
    ...layoutFindings(text, mode),
  ];
}

function bounded(found: readonly Finding[], cutAt: number | null, mode: ScanMode): Finding[] {
  const findings = inOrder(found.slice(0, MOST_FINDINGS * 4));
  const severityOf = (id: string) => (mode === 'result' ? checkRule(id).live : undefined) ?? checkRule(id).severity;
  const limits: Finding[] = [];
  if (cutAt !== null) {
    const rule = checkRule('limit.not-all-scanned');
    const explanation = `Only the first ${cutAt.toLocaleString('en')} characters were scanned. What is behind them was not looked at.`;
    limits.push(findingOverall(rule, explanation, severityOf(rule.id)));
  }
  if (findings.length > MOST_FINDINGS) {
    const rule = checkRule('limit.too-many');
    const explanation = `Only the first ${MOST_FINDINGS} findings are listed.`;
    limits.push(findingOverall(rule, explanation, severityOf(rule.id)));
  }
  return limits.length === 0 ? findings : [...findings.slice(0, MOST_FINDINGS), ...limits];
}
