/** `gatehouse log`, `log verify` and `log export`. */
import type { CallDetail, CallFilter, CallSummary } from '@shared/contract/index.ts';
import { type AdminOptions, printResult, withInstance } from './admin.ts';
import { csvLine } from './csv.ts';
import { printLine, printNote, printTable, timeOf } from './output.ts';
import { printable, printableJson } from './printable.ts';
import type { AdminClient } from './socket-client.ts';

export interface LogOptions extends AdminOptions {
  readonly search?: string;
  readonly app?: string;
  /** A tool's own name, or `server:tool`. */
  readonly tool?: string;
  readonly limit?: number;
  readonly follow?: boolean;
}

const largestPage = 500;

export async function showLog(options: LogOptions): Promise<void> {
  const filter = filterOf(options);
  await withInstance(options, async (client) => {
    if (options.follow) return follow(client, filter, options);
    const calls = await newest(client, filter, options.limit ?? 100);
    printResult(options, calls, () =>
      printTable<CallSummary>(
        [
          { heading: 'WHEN', cell: (call) => timeOf(call.at) },
          { heading: 'APP', cell: (call) => call.app ?? '-' },
          { heading: 'TOOL', cell: toolOf },
          { heading: 'EFFECT', cell: (call) => call.effect ?? '-' },
          { heading: 'RESULT', cell: outcomeOf },
          { heading: 'MS', cell: (call) => (call.durationMs === null ? '-' : call.durationMs.toFixed(0)) },
          { heading: 'ON WHAT', cell: (call) => call.onWhat },
        ],
        calls,
        'No calls.',
      ),
    );
  });
}

/** Exported for its test. */
export function filterOf({ search, app, tool }: LogOptions): CallFilter {
  const at = tool?.indexOf(':') ?? -1;
  if (tool === undefined || at <= 0) return { search, app, tool };
  return { search, app, server: tool.slice(0, at), tool: tool.slice(at + 1) };
}

async function newest(client: AdminClient, filter: CallFilter, limit: number): Promise<CallSummary[]> {
  const calls: CallSummary[] = [];
  let before: number | null | undefined;
  while (calls.length < limit && before !== null) {
    const page = await client.calls.list({
      ...filter,
      limit: Math.min(largestPage, limit - calls.length),
      ...(before === undefined ? {} : { before }),
    });
    calls.push(...page.calls);
    before = page.nextBefore;
  }
  return calls;
}

/** Prints each matching call when it ends, until interrupted; with `--json` one JSON value a line. */
async function follow(client: AdminClient, filter: CallFilter, options: LogOptions): Promise<void> {
  for await (const event of await client.system.events()) {
    if (event.type !== 'calls') continue;
    const ended = event.calls.filter((call) => call.status !== 'running' && matches(call, filter));
    for (const call of await found(client, ended, filter)) {
      if (options.json) process.stdout.write(`${printableJson(call)}\n`);
      else
        printLine(
          `${timeOf(call.at)}  ${printable(`${call.app ?? '-'}  ${toolOf(call)}  ${outcomeOf(call)}  ${call.onWhat}`)}`,
        );
    }
  }
}

function matches(call: CallSummary, { app, server, tool }: CallFilter): boolean {
  return (
    (app === undefined || call.app === app) &&
    (server === undefined || call.server === server) &&
    (tool === undefined || call.tool === tool)
  );
}

/** A search looks into arguments and results, which only the log itself knows. */
async function found(client: AdminClient, ended: CallSummary[], filter: CallFilter): Promise<CallSummary[]> {
  const since = Math.min(...ended.map((call) => call.at));
  if (filter.search === undefined || ended.length === 0) return ended;
  const { calls } = await client.calls.list({ ...filter, since, limit: largestPage });
  const ids = new Set(calls.map((call) => call.id));
  return ended.filter((call) => ids.has(call.id));
}

function toolOf(call: CallSummary): string {
  if (call.tool === null) return call.method;
  return call.server === null ? call.tool : `${call.server}:${call.tool}`;
}

function outcomeOf(call: CallSummary): string {
  return call.code === null ? call.status : `${call.status} (${call.code})`;
}

/** Exit code 1 when the log was changed behind Gatehouse's back. */
export async function verifyLog(options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    const result = await client.calls.verify();
    printResult(options, result, () => {
      printLine(
        result.ok
          ? `The log is intact: ${result.entries} entries, ${result.calls} calls, ${result.interrupted} interrupted.`
          : `The log is NOT intact, from entry ${result.firstBadSeq} on: ${printable(result.problem ?? 'unknown')}`,
      );
      printLine(`Head ${result.headHash}`);
    });
    if (!result.ok) process.exitCode = 1;
  });
}

const exportedColumns = [
  'id',
  'seq',
  'time',
  'app',
  'client',
  'method',
  'server',
  'tool',
  'effect',
  'status',
  'code',
  'refusal',
  'durationMs',
  'argumentsJson',
  'resultJson',
  'fingerprint',
  'hash',
  'previousHash',
] as const;

/** Writes the whole log to stdout, oldest first, page by page. */
export async function exportLog(options: LogOptions & { readonly format: 'jsonl' | 'csv' }): Promise<void> {
  const filter = filterOf(options);
  await withInstance(options, async (client) => {
    if (options.format === 'csv') await write(csvLine(exportedColumns));
    let after: number | null | undefined;
    let rows = 0;
    while (after !== null) {
      const page = await client.calls.export({ ...filter, limit: 1000, ...(after === undefined ? {} : { after }) });
      for (const call of page.calls) await write(options.format === 'csv' ? csvRow(call) : `${JSON.stringify(call)}\n`);
      rows += page.calls.length;
      after = page.nextAfter;
    }
    if (process.stderr.isTTY) printNote(`${rows} calls.`);
  });
}

function csvRow(call: CallDetail): string {
  return csvLine(exportedColumns.map((column) => (column === 'time' ? new Date(call.at).toISOString() : call[column])));
}

/** Waits for a slow reader instead of keeping the whole log in memory. */
function write(text: string): Promise<void> | undefined {
  if (process.stdout.write(text)) return undefined;
  return new Promise((drained) => process.stdout.once('drain', drained));
}
