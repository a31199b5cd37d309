/** `npm run bench`: prints DESIGN §9's table as ratios measured in one run. Not a timed test: nothing fails on speed. */
import { benchAgentTokens } from './agent-tokens.ts';
import { benchBridge } from './bridge.ts';
import { type Row, renderTable } from './budget-table.ts';
import { benchCallLog } from './call-log.ts';
import { benchCallPath } from './call-path.ts';
import { benchStart } from './start-and-memory.ts';
import { benchToolSearch } from './tool-search.ts';

const benches: readonly { readonly title: string; readonly run: () => Promise<Row[]> }[] = [
  { title: 'Call path', run: benchCallPath },
  { title: 'Start and memory', run: benchStart },
  { title: 'Stdio bridge', run: benchBridge },
  { title: 'Tool search', run: benchToolSearch },
  { title: 'Agent tokens', run: benchAgentTokens },
  { title: 'Call log', run: benchCallLog },
];

const wanted = process.argv.slice(2).map((word) => word.toLowerCase());
let failed = 0;
for (const { title, run } of benches) {
  if (wanted.length > 0 && !wanted.some((word) => title.toLowerCase().includes(word))) continue;
  try {
    console.log(`\n${renderTable(title, await run())}`);
  } catch (error) {
    failed += 1;
    console.error(`\n${title}: could not be measured.`, error);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
