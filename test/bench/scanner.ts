/** The scanner: megabytes a second, precision and recall on the labelled corpus, false alarms on real definitions. */
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { contradictionOf } from '../../src/main/approvals/index.ts';
import { scanDefinition, scanResult } from '../../src/main/scanner/index.ts';
import { type Finding, toolDefinitionSchema } from '../../src/shared/contract/index.ts';
import { npmServer } from '../fixtures/npm-servers.ts';

interface Labelled {
  readonly id: string;
  /** What should be found; absent for an honest one. */
  readonly class?: string;
  readonly split: 'dev' | 'held-out';
  readonly definition: Record<string, unknown>;
}

const corpus = resolve(import.meta.dirname, '../fixtures/scanner-corpus');
const discovery = resolve(import.meta.dirname, '../../../shared/discovery');
const linesOf = (file: string): unknown[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

function scan(definition: Record<string, unknown>): readonly Finding[] {
  const checked = toolDefinitionSchema.safeParse(definition);
  return scanDefinition('tool', definition, checked.success ? contradictionOf(checked.data) : null).findings;
}

const isSerious = ({ severity }: Finding): boolean => severity === 'serious';
const percent = (part: number, whole: number): string => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`);

export async function benchScanner(): Promise<string> {
  const positives = linesOf(join(corpus, 'positives.jsonl')) as Labelled[];
  const negatives = linesOf(join(corpus, 'negatives.jsonl')) as Labelled[];
  const lines = ['Scanner', ...speed([...positives, ...negatives])];
  for (const split of ['dev', 'held-out'] as const) {
    const within = (all: readonly Labelled[]) => all.filter((one) => one.split === split);
    lines.push('', ...quality(split, within(positives), within(negatives)));
  }
  lines.push('', 'Real definitions, by whom a false alarm would be felt (serious; note)');
  for (const name of [
    'everything',
    'filesystem',
    'memory',
    'thinking',
    'context7',
    'airbnb',
    'chart',
    'excel',
  ] as const) {
    lines.push(await serverLine(name));
  }
  for (const set of ['dev-github', 'dev-livemcp', 'dev-metatool']) {
    const file = join(discovery, set, 'corpus.jsonl');
    lines.push(
      existsSync(file) ? alarmLine(set, linesOf(file) as Record<string, unknown>[]) : `  ${set}: not here, skipped`,
    );
  }
  return lines.join('\n');
}

function speed(all: readonly Labelled[]): string[] {
  const definitions = all.map(({ definition }) => definition);
  const bytes = definitions.reduce((sum, one) => sum + Buffer.byteLength(JSON.stringify(one)), 0);
  const rates = Array.from({ length: 7 }, () => {
    const from = performance.now();
    for (const one of definitions) scanDefinition('tool', one);
    return bytes / 1000 / (performance.now() - from);
  }).sort((a, b) => a - b);
  const result = { content: [{ type: 'text', text: 'README.md was changed today; 3 of 17 files match. '.repeat(10) }] };
  for (let round = 0; round < 2_000; round += 1) scanResult(result);
  const from = performance.now();
  for (let round = 0; round < 2_000; round += 1) scanResult(result);
  const micros = ((performance.now() - from) / 2_000) * 1000;
  return [`  definitions ${rates[3]?.toFixed(1)} MB/s; a result of 500 characters ${micros.toFixed(0)} µs`];
}

/** Serious findings count as alarms; an honest definition with one is a false alarm. */
function quality(split: string, positives: readonly Labelled[], negatives: readonly Labelled[]): string[] {
  const lines = [`${split}: ${positives.length} positives, ${negatives.length} negatives`];
  const scanned = positives.map((one) => ({ wanted: one.class, findings: scan(one.definition) }));
  const honest = negatives.map(({ definition }) => scan(definition));
  for (const name of [...new Set(positives.map((one) => one.class))]) {
    const own = scanned.filter(({ wanted }) => wanted === name);
    const hit = own.filter(({ findings }) => findings.some((it) => it.class === name && isSerious(it))).length;
    const wrong = honest.filter((findings) => findings.some((it) => it.class === name && isSerious(it))).length;
    const recall = `recall ${percent(hit, own.length).padStart(7)} (${hit} of ${own.length})`;
    lines.push(`  ${String(name).padEnd(13)} ${recall.padEnd(28)} precision ${percent(hit, hit + wrong)}`);
  }
  const hit = scanned.filter(({ findings }) => findings.some(isSerious)).length;
  const wrong = honest.filter((findings) => findings.some(isSerious)).length;
  const noted = honest.filter((findings) => findings.length > 0).length - wrong;
  lines.push(
    `  any class: recall ${percent(hit, positives.length)}, precision ${percent(hit, hit + wrong)}; of ${negatives.length} honest ones ${wrong} with a false alarm, ${noted} with notes only`,
  );
  return lines;
}

function alarmLine(name: string, tools: readonly Record<string, unknown>[]): string {
  const all = tools.map((tool) => scan(tool));
  const serious = all.flatMap((findings) => findings.filter(isSerious));
  const alarmed = all.filter((findings) => findings.some(isSerious)).length;
  const noted = all.filter((findings) => findings.length > 0 && !findings.some(isSerious)).length;
  const rules = [...new Set(serious.map(({ rule }) => rule))].join(', ');
  return `  ${name}: ${tools.length} tools, ${alarmed} serious, ${noted} note${rules === '' ? '' : ` (${rules})`}`;
}

async function serverLine(name: Parameters<typeof npmServer>[0]): Promise<string> {
  const [command = '', ...args] = npmServer(name, ...(name === 'filesystem' ? [tmpdir()] : []));
  const client = new Client({ name: 'bench', version: '1.0.0' });
  try {
    await client.connect(new StdioClientTransport({ command, args, stderr: 'ignore' }), { timeout: 15_000 });
    const { tools } = await client.listTools(undefined, { timeout: 15_000 });
    return alarmLine(name, tools);
  } catch (error) {
    return `  ${name}: did not start here, skipped (${error instanceof Error ? error.message : String(error)})`;
  } finally {
    await client.close();
  }
}
