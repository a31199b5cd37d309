import type { CallDetail, CallFilter } from '@shared/contract/index.ts';
import { client } from '../../lib/client.ts';

export type ExportFormat = 'jsonl' | 'csv';

const columns = [
  'seq',
  'at',
  'app',
  'server',
  'tool',
  'effect',
  'status',
  'code',
  'durationMs',
  'argumentsJson',
  'resultJson',
  'hash',
] as const satisfies readonly (keyof CallDetail)[];

/** One CSV field. A leading = + - @ would run as a formula in a spreadsheet, so it gets an apostrophe. */
function csvField(value: string | number | null): string {
  if (value === null) return '';
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function lineOf(call: CallDetail, format: ExportFormat): string {
  if (format === 'jsonl') return `${JSON.stringify(call)}\n`;
  const fields = columns.map((column) => (column === 'at' ? new Date(call.at).toISOString() : call[column]));
  return `${fields.map(csvField).join(',')}\n`;
}

/** Reads every call under a filter, oldest first, and gives it to the browser as a file. Times are UTC. */
export async function exportCalls(filter: CallFilter, format: ExportFormat): Promise<number> {
  const parts: string[] = format === 'csv' ? [`${columns.join(',')}\n`] : [];
  let after: number | undefined;
  let total = 0;
  do {
    const page = await client.calls.export({ ...filter, after, limit: 1000 });
    parts.push(page.calls.map((call) => lineOf(call, format)).join(''));
    total += page.calls.length;
    after = page.nextAfter ?? undefined;
  } while (after !== undefined);
  const url = URL.createObjectURL(new Blob(parts, { type: format === 'csv' ? 'text/csv' : 'application/x-ndjson' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `gatehouse-calls-${new Date().toISOString().slice(0, 10)}.${format}`;
  link.click();
  URL.revokeObjectURL(url);
  return total;
}
