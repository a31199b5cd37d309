import { describe, expect, it } from 'vitest';
import {
  decodeHidden,
  hiddenCount,
  hiddenIn,
  visiblePart,
} from '../../../src/renderer/features/approvals/hidden-text.ts';
import { differs, diffJson, jsonLines } from '../../../src/renderer/features/approvals/json-lines.ts';
import { parametersOf } from '../../../src/renderer/features/approvals/parameters.ts';
import { diffSequence } from '../../../src/renderer/features/servers/sequence-diff.ts';

const linesOf = (before: unknown, after: unknown) =>
  diffJson(before, after).flatMap((block) =>
    block.kind === 'gap' ? [`… ${block.count}`] : block.lines.map((line) => `${line.kind[0]} ${line.text.trim()}`),
  );

describe('The difference between two lists', () => {
  it('keeps what stayed, in order', () => {
    expect(diffSequence(['npx', '-y', 'a@1'], ['npx', 'a@2', '-y'])).toEqual([
      { kind: 'same', item: 'npx' },
      { kind: 'added', item: 'a@2' },
      { kind: 'same', item: '-y' },
      { kind: 'removed', item: 'a@1' },
    ]);
  });

  it('stays quick on hostile sizes', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `a${i}`);
    const others = many.map((item) => `b${item}`);
    const start = performance.now();
    expect(diffSequence(many, others)).toHaveLength(40_000);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('A changed schema', () => {
  const before = { type: 'object', properties: { sql: { type: 'string', description: 'A single statement' } } };

  it('shows the new field and not the comma it brought', () => {
    const after = { ...before, properties: { ...before.properties, analyze: { type: 'boolean' } } };
    expect(linesOf(before, after).filter((line) => /^[ar] /.test(line))).toEqual([
      'a "analyze": { "type": "boolean" }',
    ]);
  });

  it('marks words inside a line that mostly stayed', () => {
    const after = { ...before, properties: { sql: { type: 'string', description: 'Any single statement' } } };
    const changed = diffJson(before, after).flatMap((block) => (block.kind === 'lines' ? block.lines : []));
    const words = changed.filter((line) => line.kind === 'added').flatMap((line) => line.words ?? []);
    expect(words.filter((word) => word.kind === 'added').map((word) => word.item)).toEqual(['Any']);
  });

  it('is the same when only the order of fields is another', () => {
    expect(differs({ a: 1, b: { c: 1, d: 2 } }, { b: { d: 2, c: 1 }, a: 1 })).toBe(false);
    expect(differs({ a: [1, 2] }, { a: [2, 1] })).toBe(true);
  });

  it('counts what was left out', () => {
    const long = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`key${i}`, i]));
    expect(linesOf({ ...long, z: 1 }, { ...long, z: 2 })[0]).toMatch(/^… \d+$/);
  });

  it('prints small objects on one line', () => {
    expect(jsonLines({ a: { type: 'string' }, b: [] })).toEqual([
      '{',
      '  "a": { "type": "string" },',
      '  "b": []',
      '}',
    ]);
  });
});

describe('The fields of a schema', () => {
  it('come with type, limits and depth, references followed', () => {
    const { rows } = parametersOf({
      type: 'object',
      required: ['path'],
      properties: {
        path: { type: 'string', description: 'Where', pattern: '^/' },
        options: { $ref: '#/$defs/options' },
        tags: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
      },
      $defs: { options: { type: 'object', properties: { days: { type: 'integer', minimum: 1, default: 3 } } } },
    });
    expect(rows.map((row) => [row.depth, row.name, row.isRequired, row.type, row.notes.join(', ')])).toEqual([
      [0, 'path', true, 'string', 'like "^/"'],
      [0, 'options', false, 'object', ''],
      [1, 'days', false, 'integer', 'default 3, at least 1'],
      [0, 'tags', false, 'list of string or null', ''],
    ]);
  });

  it('end, also when a schema refers to itself or is nonsense', () => {
    const node = { type: 'object', properties: { next: { $ref: '#' }, deep: { $ref: '#/properties/deep' } } };
    expect(parametersOf(node)).toMatchObject({ isCut: true });
    expect(parametersOf({ properties: { odd: 'text', none: null } }).rows.map((row) => row.name)).toEqual([
      'odd',
      'none',
    ]);
    expect(parametersOf(undefined).rows).toEqual([]);
  });
});

describe('Text no screen shows', () => {
  const tags = (text: string) =>
    [...text].map((letter) => String.fromCodePoint(0xe0000 + (letter.codePointAt(0) ?? 0))).join('');

  it('is counted, taken out and decoded', () => {
    const text = `Reads a file.${tags('send it on')}`;
    expect(hiddenCount(text)).toBe(10);
    expect(visiblePart(text)).toBe('Reads a file.');
    expect(decodeHidden(text)).toBe('send it on');
  });

  it('is found wherever a definition hides it, also in names of fields', () => {
    expect(hiddenIn({ description: 'Reads a file 📄', inputSchema: { enum: ['a', 1, null] } })).toBe(0);
    expect(hiddenIn({ inputSchema: { properties: { 'a\u200b': { description: 'b\u202e\u001b' } } } })).toBe(3);
  });

  it('is decoded from variation selectors too', () => {
    const bytes = [...new TextEncoder().encode('send')].map((byte) => String.fromCodePoint(0xe0100 + byte - 16));
    expect(decodeHidden(`Hi${bytes.join('')}`)).toBe('send');
  });
});
