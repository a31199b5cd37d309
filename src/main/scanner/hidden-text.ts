/** Characters that a person cannot see, and what they say. */
import type { Finding } from '@shared/contract/findings.ts';
import { type HiddenRun, hiddenRuns } from '@shared/suspicious-characters.ts';
import { mixesScripts, passesForAscii } from './confusables.ts';
import { findingAt } from './finding.ts';
import { checkRule } from './rule-data.ts';
import type { ScanMode } from './text-rules.ts';
import type { ScannedText } from './texts-of.ts';

type HiddenRule =
  | 'hidden.tag-characters'
  | 'hidden.variation-selectors'
  | 'hidden.direction'
  | 'hidden.zero-width-run'
  | 'hidden.control'
  | 'hidden.filler'
  | 'hidden.invisible';

/** A run this long is a message, not a slip. */
const LONG_RUN = 4;
/** So many characters without width in one text carry something, also when they stand apart. */
const MANY_APART = 16;
const MOST_RUNS = 5;

const isPlain = (text: string): boolean => !/[^\n\t\x20-\x7e]/.test(text);

export function hiddenFindings(text: ScannedText, mode: ScanMode): Finding[] {
  if (isPlain(text.text)) return [];
  const found: Finding[] = [];
  const runs = hiddenRuns(text.text);
  const widthless = runs.reduce((sum, run) => sum + (isWidthless(text.text, run) ? run.end - run.start : 0), 0);
  for (const run of runs) {
    if (found.length >= MOST_RUNS) break;
    const id = ruleFor(text.text, run, widthless);
    if (id === null) continue;
    const rule = checkRule(id);
    const severity = mode === 'result' ? rule.live : rule.severity;
    if (severity === undefined) continue;
    const decoded = decodedRun(text.text.slice(run.start, run.end));
    found.push(findingAt(rule, text, run, { severity, ...(decoded !== '' && { decoded }) }));
  }
  return mode === 'result' ? found : [...found, ...mixedFindings(text)];
}

const ZERO_WIDTH = /^(?:\u034f|[\u00ad\u180e\u200b-\u200d\u2060-\u2064\ufeff])+$/;
const isWidthless = (text: string, { start, end }: HiddenRun): boolean => ZERO_WIDTH.test(text.slice(start, end));

function ruleFor(text: string, run: HiddenRun, widthless: number): HiddenRule | null {
  const characters = text.slice(run.start, run.end);
  if (/[\u{e0000}-\u{e007f}]/u.test(characters)) return 'hidden.tag-characters';
  if (/[\u{e0100}-\u{e01ef}]|[\ufe00-\ufe0f]{2}/u.test(characters)) return 'hidden.variation-selectors';
  if (/[\u202a-\u202e]/.test(characters)) return 'hidden.direction';
  // Isolates keep words of the other direction in place; they belong to texts that have both.
  if (/[\u2066-\u2069]/.test(characters)) return writesRightToLeft(text) ? 'hidden.invisible' : 'hidden.direction';
  if (/[\u115f\u1160\u17b4\u17b5\u3164\uffa0]/.test(characters)) return 'hidden.filler';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
  if (/^[\x1b\x9b]$/.test(characters)) return beginsSequence(text, run) ? null : 'hidden.control';
  if (characters === '\r') return null;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
  if (/[\x00-\x1f\x7f-\x9f\ufff9-\ufffb]/.test(characters)) return 'hidden.control';
  if (isWidthless(text, run) && (characters.length >= LONG_RUN || widthless >= MANY_APART)) {
    return 'hidden.zero-width-run';
  }
  return 'hidden.invisible';
}

/** Sequences for terminals are found as a whole by `terminal.escape`. */
const beginsSequence = (text: string, { start, end }: HiddenRun): boolean =>
  text.charCodeAt(start) === 0x9b || /[[\]()A-Za-z=>]/.test(text.charAt(end));

const writesRightToLeft = (text: string): boolean =>
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u.test(text);

/** The letters a run of hidden characters stands for; empty when it stands for none that are known. */
function decodedRun(run: string): string {
  let letters = '';
  const bytes: number[] = [];
  let bits = '';
  for (const character of run) {
    const code = character.codePointAt(0) ?? 0;
    // Unicode tag characters repeat ASCII at U+E0000.
    if (code >= 0xe0020 && code <= 0xe007e) letters += String.fromCharCode(code - 0xe0000);
    // Variation selectors carry bytes: 16 at U+FE00, 240 at U+E0100.
    else if (code >= 0xe0100 && code <= 0xe01ef) bytes.push(code - 0xe0100 + 16);
    else if (code >= 0xfe00 && code <= 0xfe0f) bytes.push(code - 0xfe00);
    else if (code === 0x200b) bits += '0';
    else if (code === 0x200c) bits += '1';
  }
  if (bits.length >= 16) {
    for (let at = 0; at + 8 <= bits.length; at += 8) bytes.push(Number.parseInt(bits.slice(at, at + 8), 2));
  }
  const text = bytes.length > 1 ? new TextDecoder().decode(Uint8Array.from(bytes)) : '';
  return letters + (/^[\t\n\x20-\x7e\u00a0-\ufffc]+$/.test(text) ? text : '');
}

/** Words in prose may mix scripts (µm, αβ-test) and are only noted; names may not. */
function mixedFindings(text: ScannedText): Finding[] {
  const isName = text.place === 'name' || text.place === 'parameter';
  const rule = checkRule(isName ? 'hidden.mixed-script' : 'hidden.mixed-script-word');
  const found: Finding[] = [];
  for (const match of text.text.matchAll(/[\p{L}\p{N}_]+/gu)) {
    const [word] = match;
    // Greek letters beside Latin ones are units and variables; a word is longer.
    if (found.length >= MOST_RUNS) break;
    if (word.length < 4 && !isName) continue;
    if (mixesScripts(word) || (isName && passesForAscii(word))) {
      found.push(findingAt(rule, text, { start: match.index, end: match.index + word.length }));
    }
  }
  return found;
}
