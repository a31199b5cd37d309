/** The figures of all targets side by side, and where Gatehouse stands in each column. Pure. */
import type { LaneFigures } from './call-lane.ts';
import type { WireKind } from './raw-wire.ts';
import type { UpstreamKind } from './targets.ts';

/** One line of the table: a way through a target, or the reason why there is none. */
export interface Lane {
  readonly target: string;
  readonly upstream: UpstreamKind;
  readonly wire: WireKind | undefined;
  readonly figures: Measured | undefined;
  /** Why there are no figures. */
  readonly without: string | undefined;
}

export interface Measured extends LaneFigures {
  /** Resident MB of the target's own processes after the run; undefined for the server itself. */
  readonly resident: number | undefined;
  /** Milliseconds from start to first answered tools/list. */
  readonly start: number | undefined;
}

interface Column {
  readonly title: string;
  readonly of: (figures: Measured) => number | undefined;
  readonly digits: number;
  readonly isBetter: 'lower' | 'higher';
}

const columns: readonly Column[] = [
  { title: 'p50 ms', of: ({ p50 }) => p50, digits: 3, isBetter: 'lower' },
  { title: 'p95 ms', of: ({ p95 }) => p95, digits: 3, isBetter: 'lower' },
  { title: '1×32 /s', of: ({ wide }) => wide, digits: 0, isBetter: 'higher' },
  { title: '8×4 /s', of: ({ lanes }) => lanes, digits: 0, isBetter: 'higher' },
  { title: '1 MiB ms', of: ({ big }) => big, digits: 1, isBetter: 'lower' },
  { title: 'CPU ms', of: ({ cpu }) => cpu, digits: 3, isBetter: 'lower' },
  { title: 'RSS MB', of: ({ resident }) => resident, digits: 0, isBetter: 'lower' },
  { title: 'start ms', of: ({ start }) => start, digits: 0, isBetter: 'lower' },
];

/** How many times worse `own` is than `other` in each column; below 1 it is better. */
export interface ColumnRatio {
  readonly title: string;
  readonly ratio: number;
}

export function ratiosOf(own: Measured, other: Measured): ColumnRatio[] {
  return columns.flatMap(({ title, of, isBetter }) => {
    const [mine, theirs] = [of(own), of(other)];
    if (mine === undefined || theirs === undefined) return [];
    return [{ title, ratio: isBetter === 'lower' ? mine / theirs : theirs / mine }];
  });
}

/** The columns in which `own` is not ahead. A figure that could not be taken counts for nobody. */
export function behindIn(own: Measured, other: Measured): ColumnRatio[] {
  return ratiosOf(own, other).filter(({ ratio }) => ratio >= 1);
}

/** One aligned line per lane, with its failures at the end. */
export function renderLanes(title: string, lanes: readonly Lane[]): string {
  const heads = ['target', 'server', 'client', ...columns.map((column) => column.title), 'failed'];
  const rows = lanes.map(({ target, upstream, wire, figures, without }) => {
    if (!figures) return [target, upstream, wire ?? '', without ?? 'not measured'];
    const cells = columns.map(({ of, digits }) => of(figures)?.toFixed(digits) ?? '');
    return [target, upstream, wire ?? '', ...cells, `${figures.failed} of ${figures.calls}`];
  });
  const whole = rows.filter((row) => row.length === heads.length);
  const widths = heads.map((head, at) => Math.max(head.length, ...whole.map((row) => row[at]?.length ?? 0)));
  widths[0] = Math.max(widths[0] ?? 0, ...rows.map((row) => row[0]?.length ?? 0));
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, at) => (at < 3 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ')}`;
  const notes = lanes.flatMap(({ target, upstream, wire, figures }) =>
    figures?.firstFailure === undefined
      ? []
      : [
          `  ${target}, ${upstream}, ${wire}: first failure: ${figures.firstFailure.replaceAll('\n', ' ').slice(0, 160)}`,
        ],
  );
  return [title, line(heads), ...rows.map(line), ...notes].join('\n');
}
