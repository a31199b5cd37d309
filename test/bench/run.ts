/** `npm run bench`: prints DESIGN §9's table as ratios measured in one run. Not a timed test: nothing fails on speed. */
import { benchAgentTokens } from './agent-tokens.ts';
import { benchBridge } from './bridge.ts';
import { type Row, renderTable } from './budget-table.ts';
import { benchCallLog } from './call-log.ts';
import { benchCallPath } from './call-path.ts';
import { benchGuards } from './guards.ts';
import { benchScanner } from './scanner.ts';
import { benchStart } from './start-and-memory.ts';
import { benchToolSearch } from './tool-search.ts';

interface Bench {
  readonly title: string;
  /** Measures and gives what to print. */
  run(): Promise<string>;
}

const tableOf = (title: string, rows: () => Promise<Row[]>): Bench => ({
  title,
  run: async () => renderTable(title, await rows()),
});

const benches: readonly Bench[] = [
  { title: 'Call path', run: benchCallPath },
  tableOf('Start and memory', benchStart),
  tableOf('Stdio bridge', benchBridge),
  tableOf('Tool search', benchToolSearch),
  tableOf('Agent tokens', benchAgentTokens),
  tableOf('Call log', benchCallLog),
  tableOf('Guards', benchGuards),
  { title: 'Scanner', run: benchScanner },
];

// What a bench started ends with this process, also when it is interrupted.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const wanted = process.argv.slice(2).map((word) => word.toLowerCase());
let failed = 0;
for (const { title, run } of benches) {
  if (wanted.length > 0 && !wanted.some((word) => title.toLowerCase().includes(word))) continue;
  try {
    console.log(`\n${await run()}`);
  } catch (error) {
    failed += 1;
    console.error(`\n${title}: could not be measured.`, error);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
