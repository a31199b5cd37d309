/** Text that is laid out so that a person does not read it. */
import type { Finding } from '@shared/contract/findings.ts';
import { findingAt } from './finding.ts';
import { checkRule } from './rule-data.ts';
import type { ScanMode } from './text-rules.ts';
import type { ScannedText } from './texts-of.ts';

/** Blanks in a row, and line feeds among them, that push text out of a window. */
const MANY_BLANKS = 120;
const MANY_LINES = 12;
/** Units of a description that a person will hardly read. */
const VERY_LONG = 12_000;

export function layoutFindings(text: ScannedText, mode: ScanMode): Finding[] {
  const rule = checkRule('layout.blank-run');
  const severity = mode === 'result' ? rule.live : rule.severity;
  const found: Finding[] = [];
  const { text: source } = text;
  let at = 0;
  while (severity !== undefined && at < source.length && found.length < 3) {
    if (!isBlank(source.charCodeAt(at))) {
      at += 1;
      continue;
    }
    const start = at;
    let lines = 0;
    while (at < source.length && isBlank(source.charCodeAt(at))) {
      if (source.charCodeAt(at) === 0x0a) lines += 1;
      at += 1;
    }
    // Blanks at the end hide nothing, and an indented line is no run of its own.
    const isLong = at - start >= MANY_BLANKS || lines >= MANY_LINES;
    if (isLong && at < source.length) found.push(findingAt(rule, text, { start, end: at }, { severity }));
  }
  if (mode === 'definition' && text.place === 'text' && source.length > VERY_LONG) {
    found.push(findingAt(checkRule('layout.very-long'), text, { start: VERY_LONG, end: source.length }));
  }
  return found;
}

const isBlank = (code: number): boolean =>
  code === 0x20 || (code >= 9 && code <= 13) || code === 0xa0 || (code >= 0x2000 && code <= 0x200a) || code === 0x3000;
