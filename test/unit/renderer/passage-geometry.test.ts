import { describe, expect, it } from 'vitest';
import { linesOf, passageHeight } from '../../../src/renderer/features/home/passage-geometry.ts';

const item = (id: string, calls: number, isConnected = true) => ({ id, calls, isConnected });

describe('Lines of the Passage picture', () => {
  it('meet in the arch without overlapping, in row order', () => {
    const lines = linesOf([item('a', 118), item('b', 64), item('c', 0)], 3, 50);
    for (const [index, line] of lines.entries()) {
      const above = lines[index - 1];
      if (!above) continue;
      expect(line.archY - line.weight / 2).toBeGreaterThan(above.archY + above.weight / 2);
    }
  });

  it('fit into the arch in the busiest hour', () => {
    const lines = linesOf([item('a', 400_000), item('b', 250_000)], 2, 50);
    const [first, last] = [lines[0], lines.at(-1)];
    if (!first || !last) throw new Error('There are two lines.');
    expect(last.archY + last.weight / 2 - (first.archY - first.weight / 2)).toBeLessThanOrEqual(44);
  });

  it('leave out who is not connected but keep its row', () => {
    const lines = linesOf([item('a', 1), item('b', 0, false), item('c', 1)], 3, 50);
    expect(lines.map((line) => line.id)).toEqual(['a', 'c']);
    expect((lines[1]?.rowY ?? 0) - (lines[0]?.rowY ?? 0)).toBe(100);
  });

  it('stay inside the picture however many rows there are', () => {
    const lines = linesOf(
      Array.from({ length: 13 }, (_, i) => item(`s${i}`, i)),
      13,
      30,
    );
    for (const line of lines) {
      expect(line.rowY).toBeGreaterThan(0);
      expect(line.rowY).toBeLessThan(passageHeight);
    }
  });
});
