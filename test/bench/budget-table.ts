/** One measured figure and where it stands against DESIGN §9. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  /** Empty when the design gives none. */
  readonly budget: string;
  /** Null when there is no budget to meet. */
  readonly met: boolean | null;
}

/** A ratio with its budget. */
export function ratioRow(what: string, ratio: number, budget?: number): Row {
  return {
    what,
    measured: `${ratio.toFixed(2)} ×`,
    budget: budget === undefined ? '' : `≤ ${budget} ×`,
    met: budget === undefined ? null : ratio <= budget,
  };
}

/** A figure with a unit and an upper bound. */
export function boundRow(what: string, value: number, unit: string, bound?: number, digits = 0): Row {
  return {
    what,
    measured: `${value.toFixed(digits)} ${unit}`,
    budget: bound === undefined ? '' : `≤ ${bound} ${unit}`,
    met: bound === undefined ? null : value <= bound,
  };
}

/** Aligned text with one line per row. */
export function renderTable(title: string, rows: readonly Row[]): string {
  const width = (pick: (row: Row) => string) => Math.max(...rows.map((row) => pick(row).length), 8);
  const what = width((row) => row.what);
  const measured = width((row) => row.measured);
  const budget = width((row) => row.budget);
  const lines = rows.map((row) => {
    const verdict = row.met === null ? '' : row.met ? 'met' : 'NOT MET';
    return `  ${row.what.padEnd(what)}  ${row.measured.padStart(measured)}  ${row.budget.padStart(budget)}  ${verdict}`;
  });
  return [title, ...lines].join('\n');
}
