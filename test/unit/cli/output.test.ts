import { describe, expect, it } from 'vitest';
import { factLines, tableOf } from '../../../src/main/cli/output.ts';

const columns = [
  { heading: 'NAME', cell: (row: { name: string; what: string }) => row.name },
  { heading: 'WHAT', cell: (row: { name: string; what: string }) => row.what },
];

describe('tables', () => {
  it('align their columns two spaces apart', () => {
    const rows = [
      { name: 'a', what: 'one' },
      { name: 'longer', what: 'two' },
    ];
    expect(tableOf(columns, rows, 80)).toEqual(['NAME    WHAT', 'a       one', 'longer  two']);
  });

  it('cut a line to the terminal, and elsewhere nothing', () => {
    const rows = [{ name: 'a', what: 'x'.repeat(50) }];
    expect(tableOf(columns, rows, 20)[1]).toBe(`a     ${'x'.repeat(13)}…`);
    expect(tableOf(columns, rows, Number.POSITIVE_INFINITY)[1]).toBe(`a     ${'x'.repeat(50)}`);
  });

  it('cannot be broken by a name with a line feed or an escape', () => {
    expect(tableOf(columns, [{ name: 'a\nb', what: '\u001b[2J' }], 80)[1]).toBe('a\\nb  \\u{1b}[2J');
    expect(factLines([['Name', 'a\rb']])).toEqual(['Name  a\\rb']);
  });
});
