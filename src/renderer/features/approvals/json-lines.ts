import { type DiffPart, diffSequence } from '../servers/sequence-diff.ts';

const widest = 76;

const isFlat = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  Object.values(value).every((it) => typeof it !== 'object' || it === null);

/** `{ "type": "string" }` on one line. */
function inline(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  const fields = Object.entries(value).map(([key, it]) => `${JSON.stringify(key)}: ${inline(it)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

/** JSON as lines, two blanks a level; small flat objects stay on one line, so that a diff shows fields. */
export function jsonLines(value: unknown, indent = '', prefix = '', suffix = ''): string[] {
  const line = `${indent}${prefix}${inline(value)}${suffix}`;
  if (typeof value !== 'object' || value === null || (isFlat(value) && line.length <= widest)) return [line];
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return [line];
  const children = entries.flatMap(([key, it], at) =>
    jsonLines(it, `${indent}  `, isList ? '' : `${JSON.stringify(key)}: `, at === entries.length - 1 ? '' : ','),
  );
  return [`${indent}${prefix}${isList ? '[' : '{'}`, ...children, `${indent}${isList ? ']' : '}'}${suffix}`];
}

export interface DiffLine {
  kind: 'same' | 'added' | 'removed';
  /** Line numbers on both sides; null where the line is absent. */
  before: number | null;
  after: number | null;
  text: string;
  /** Words inside a line that has a counterpart; undefined for whole lines. */
  words?: DiffPart<string>[];
}

/** A run of lines, or how many equal lines were left out. */
export type DiffBlock = { kind: 'lines'; lines: DiffLine[] } | { kind: 'gap'; count: number };

const context = 2;

function numbered(before: readonly string[], after: readonly string[]): DiffLine[] {
  let left = 0;
  let right = 0;
  // A comma that comes or goes because of the line below is not a change of this line.
  const plain = (lines: readonly string[]) => lines.map((line) => line.replace(/,$/, ''));
  return diffSequence(plain(before), plain(after)).map(({ kind }) => {
    const text = (kind === 'removed' ? before[left] : after[right]) ?? '';
    if (kind !== 'added') left += 1;
    if (kind !== 'removed') right += 1;
    return { kind, before: kind === 'added' ? null : left, after: kind === 'removed' ? null : right, text };
  });
}

const wordsOf = (line: string): string[] => line.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];

/** Neighbouring words of one kind as one run; a blank between two changed words belongs to the change. */
function inRuns(parts: readonly DiffPart<string>[]): DiffPart<string>[] {
  const runs: DiffPart<string>[] = [];
  parts.forEach((part, at) => {
    const last = runs.at(-1);
    const isBridge = part.item.trim() === '' && last?.kind !== 'same' && parts[at + 1]?.kind === last?.kind;
    if (last && (isBridge || last.kind === part.kind)) runs[runs.length - 1] = { ...last, item: last.item + part.item };
    else runs.push(part);
  });
  return runs;
}

/** Marks words only where most of a line stayed: else two whole lines read better. */
function withWords(lines: DiffLine[]): DiffLine[] {
  const result = [...lines];
  for (let at = 0; at < lines.length; ) {
    if (lines[at]?.kind !== 'removed') {
      at += 1;
      continue;
    }
    const start = at;
    while (lines[at]?.kind === 'removed') at += 1;
    const middle = at;
    while (lines[at]?.kind === 'added') at += 1;
    for (let offset = 0; start + offset < middle && middle + offset < at; offset += 1) {
      const removed = lines[start + offset];
      const added = lines[middle + offset];
      if (!removed || !added || removed.text.length + added.text.length > 4000) continue;
      const parts = diffSequence(wordsOf(removed.text), wordsOf(added.text));
      const same = parts.filter((part) => part.kind === 'same' && part.item.trim() !== '').length;
      if (same * 2 < parts.filter((part) => part.item.trim() !== '').length) continue;
      result[start + offset] = { ...removed, words: inRuns(parts.filter((part) => part.kind !== 'added')) };
      result[middle + offset] = { ...added, words: inRuns(parts.filter((part) => part.kind !== 'removed')) };
    }
  }
  return result;
}

/** What changed between two values, line by line, with two equal lines around each change. */
export function diffJson(before: unknown, after: unknown): DiffBlock[] {
  const lines = withWords(numbered(linesOf(before), linesOf(inOrderOf(before, after))));
  const isNear = lines.map((_, at) =>
    lines.slice(Math.max(0, at - context), at + context + 1).some((line) => line.kind !== 'same'),
  );
  const blocks: DiffBlock[] = [];
  lines.forEach((line, at) => {
    const last = blocks.at(-1);
    if (isNear[at]) {
      if (last?.kind === 'lines') last.lines.push(line);
      else blocks.push({ kind: 'lines', lines: [line] });
    } else if (last?.kind === 'gap') last.count += 1;
    else blocks.push({ kind: 'gap', count: 1 });
  });
  return blocks;
}

/** The same value with its fields in the order of `model`, so that a mere reordering is not shown as a change. */
function inOrderOf(model: unknown, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((it, at) => inOrderOf(Array.isArray(model) ? model[at] : undefined, it));
  if (typeof value !== 'object' || value === null) return value;
  if (typeof model !== 'object' || model === null || Array.isArray(model)) return value;
  const fields: Record<string, unknown> = { ...value };
  const first = Object.entries(model).filter(([key]) => Object.hasOwn(fields, key));
  return {
    ...Object.fromEntries(first.map(([key, it]) => [key, inOrderOf(it, fields[key])])),
    ...Object.fromEntries(Object.entries(fields).filter(([key]) => !Object.hasOwn(model, key))),
  };
}

/** True when two values differ in more than the order of their fields. */
export function differs(before: unknown, after: unknown): boolean {
  return JSON.stringify(before) !== JSON.stringify(inOrderOf(before, after));
}

const linesOf = (value: unknown): string[] => (value === undefined ? [] : jsonLines(value));
