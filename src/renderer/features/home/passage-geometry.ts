/** Where the lines of the Passage picture run. Pure, in the picture's own units: 300 high, 90 wide on each side. */
export const passageHeight = 300;
const archMiddle = 196;
const gap = 1.6;
/** Room in the arch: a very busy hour is drawn to scale within it. */
const archRoom = 44;

/** Line weight: 0.8 + 0.42 × √calls of the last hour (DESIGN-LANGUAGE §8). */
export function weightOf(calls: number): number {
  return calls > 0 ? 0.8 + Math.sqrt(calls) * 0.42 : 0.9;
}

export interface Line {
  id: string;
  /** Where it leaves its row. */
  rowY: number;
  /** Where it passes the arch. */
  archY: number;
  weight: number;
  calls: number;
}

/** Height of a row when `rows` of them share the picture. */
export function rowHeight(rows: number, tallest: number): number {
  return rows === 0 ? tallest : Math.min(tallest, passageHeight / rows);
}

/**
 * One line per item that is connected; the lines meet in the arch, stacked by weight, in row order.
 * Rows are centred on the picture.
 */
export function linesOf(
  items: readonly { id: string; calls: number; isConnected: boolean }[],
  rows: number,
  tallest: number,
): Line[] {
  const height = rowHeight(rows, tallest);
  const top = (passageHeight - height * rows) / 2;
  const connected = items.map((item, row) => ({ ...item, row })).filter((item) => item.isConnected);
  const gaps = gap * Math.max(0, connected.length - 1);
  const drawn = connected.reduce((sum, item) => sum + weightOf(item.calls), 0);
  const scale = Math.min(1, Math.max(1, archRoom - gaps) / drawn);
  let y = archMiddle - (drawn * scale + gaps) / 2;
  return connected.map((item) => {
    const weight = weightOf(item.calls) * scale;
    const archY = y + weight / 2;
    y += weight + gap;
    return { id: item.id, rowY: top + height * (item.row + 0.5), archY, weight, calls: item.calls };
  });
}
