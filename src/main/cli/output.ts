/** What commands print: one JSON value, or plain aligned text. */
import { styleText } from 'node:util';
import { printable, printableJson } from './printable.ts';

/** Prints one JSON value on stdout; indented for a person's terminal. */
export function printJson(value: unknown): void {
  process.stdout.write(`${printableJson(value, process.stdout.isTTY ? 2 : undefined)}\n`);
}

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** For the person beside the result: consent, hints, warnings. */
export function printNote(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** One column: its heading and how a row fills it. Cells are made safe to print here. */
export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
}

/** Rows under headings, in columns two spaces apart. On a terminal the last column is cut to fit; elsewhere nothing is. */
export function tableOf<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width = process.stdout.columns ?? Number.POSITIVE_INFINITY,
): string[] {
  const cells = [
    columns.map((column) => column.heading),
    ...rows.map((row) => columns.map((c) => printable(c.cell(row)))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => lengthOf(line[i] ?? ''))));
  return cells.map((line) => {
    const text = line
      .map((cell, i) => (i === line.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - lengthOf(cell))))
      .join('  ')
      .trimEnd();
    return lengthOf(text) > width ? `${[...text].slice(0, width - 1).join('')}…` : text;
  });
}

/** Prints a table, or a sentence when there are no rows. */
export function printTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], whenEmpty: string): void {
  if (rows.length === 0) {
    printLine(whenEmpty);
    return;
  }
  const [heading = '', ...lines] = tableOf(columns, rows);
  // styleText writes no escape codes when stdout is not a terminal or NO_COLOR is set.
  printLine(styleText('bold', heading, { stream: process.stdout }));
  for (const line of lines) printLine(line);
}

/** Aligned `label  value` lines; values are made safe to print. */
export function printFacts(facts: readonly (readonly [label: string, value: string])[]): void {
  for (const line of factLines(facts)) printLine(line);
}

export function factLines(facts: readonly (readonly [label: string, value: string])[]): string[] {
  const width = Math.max(...facts.map(([label]) => label.length));
  return facts.map(([label, value]) => `${label.padEnd(width)}  ${printable(value)}`);
}

function lengthOf(text: string): number {
  return [...text].length;
}

/** Local date and time to the second, sortable. @param at milliseconds since epoch */
export function timeOf(at: number | null): string {
  if (at === null) return '-';
  const time = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
