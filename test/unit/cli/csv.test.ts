import { describe, expect, it } from 'vitest';
import { csvLine } from '../../../src/main/cli/csv.ts';

describe('CSV export', () => {
  it('quotes separators, quotes and line ends', () => {
    expect(csvLine(['a,b', 'say "x"', 'two\nlines', 3, null])).toBe('"a,b","say ""x""","two\nlines",3,\r\n');
  });

  it.each(['=cmd|calc!A1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1'])(
    'makes %j inert for a spreadsheet',
    (formula) => {
      expect(csvLine([formula]).replace(/^"/, '')).toMatch(/^'/);
    },
  );

  it('leaves numbers and plain text as they are', () => {
    expect(csvLine([-5, 'read_file'])).toBe('-5,read_file\r\n');
  });
});
