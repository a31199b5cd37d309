/** DESIGN §9: the call log at a million entries, on a real database file. */
import { createAuditLog } from '../../src/main/audit/index.ts';
import { openStorage } from '../../src/main/storage/index.ts';
import { temporaryDir } from '../fixtures/gatehouse-process.ts';
import { keptOf } from '../fixtures/open-database.ts';
import { boundRow, type Row } from './budget-table.ts';
import { median } from './statistics.ts';

const calls = Number(process.env.BENCH_CALLS ?? 500_000);
const tools = ['read_text_file', 'search_code', 'execute_sql', 'list_directory', 'browser_click'];

export async function benchCallLog(): Promise<Row[]> {
  using folder = temporaryDir();
  let now = 1_700_000_000_000;
  const clock = () => now;
  using storage = openStorage({ dataDir: folder.path, clock });
  using audit = createAuditLog({ db: storage.db, clock, kept: keptOf(storage) });
  const before = performance.now();
  for (let i = 0; i < calls; i++) {
    now += 40;
    const id = `call-${i}`;
    const tool = tools[i % tools.length] ?? 'tool';
    audit.begin({
      id,
      at: now,
      app: i % 3 === 0 ? 'Cursor' : 'Claude Code',
      sessionId: null,
      client: null,
      era: 'modern',
      method: 'tools/call',
      server: `server-${i % 12}`,
      tool,
      effect: i % 5 === 0 ? 'write' : 'read',
      fingerprint: null,
      trail: [],
      argumentsJson: JSON.stringify({ path: `/home/ada/atlas/src/file-${i % 9973}.ts`, line: i }),
    });
    audit.end(id, {
      at: now + 7,
      status: i % 50 === 0 ? 'refused' : 'done',
      code: i % 50 === 0 ? 'quarantined' : null,
      refusal: null,
      resultJson: '{"content":[{"type":"text","text":"ok"}]}',
      resultBytes: 41,
      timing: null,
      trail: [],
    });
  }
  const appendMicros = ((performance.now() - before) * 1000) / (calls * 2);
  const { entries } = audit.state();

  const measure = (work: () => unknown): number => {
    const times: number[] = [];
    for (let i = 0; i < 7; i++) {
      const from = performance.now();
      work();
      times.push(performance.now() - from);
    }
    return median(times);
  };
  const middle = Math.floor(entries / 2);
  const pages = [
    measure(() => audit.list({ limit: 100 })),
    measure(() => audit.list({ limit: 100, before: middle })),
    measure(() => audit.list({ limit: 100, kind: 'refused', before: middle })),
    measure(() => audit.list({ limit: 100, server: 'server-3', tool: 'execute_sql' })),
    measure(() => audit.list({ limit: 100, search: 'file-4711' })),
    measure(() => audit.list({ limit: 100, search: 'nothing-like-this' })),
  ];
  const verified = await audit.verify();
  if (!verified.ok) throw new Error(`The log of the bench does not verify: ${verified.problem}`);
  return [
    boundRow(`entries in the log`, entries, 'entries'),
    boundRow('append', appendMicros, 'µs', 50, 1),
    boundRow('slowest page or search', Math.max(...pages), 'ms', 50, 1),
    {
      what: 'verify',
      measured: `${Math.round((verified.entries / verified.durationMs) * 1000).toLocaleString('en')} entries/s`,
      budget: '≥ 100,000 entries/s',
      met: (verified.entries / verified.durationMs) * 1000 >= 100_000,
    },
  ];
}
