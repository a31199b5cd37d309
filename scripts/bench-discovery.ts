/**
 * `npm run bench:discovery -- --data DIR`: how well and how fast tools are found, through the product's own index in
 * its worker. DIR holds one folder per set, or is one: corpus.jsonl, queries.jsonl and perhaps corpus+NAME.jsonl.
 * Prints one JSON line per corpus.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createDiscovery, type IndexedTool } from '../src/main/discovery/index.ts';

const toolSchema = z.object({
  server: z.string(),
  name: z.string(),
  title: z.string().nullish(),
  description: z.string().nullish(),
  inputSchema: z.record(z.string(), z.unknown()).nullish(),
});
const querySchema = z.object({
  text: z.string(),
  relevant: z.array(z.string()),
  /** Tools that are right answers too, among those only the larger corpora hold. */
  relevant_ext: z.array(z.string()).optional(),
});
type Query = z.infer<typeof querySchema>;

const { values } = parseArgs({ options: { data: { type: 'string' } } });
if (values.data === undefined) {
  console.error('Say where the sets are: npm run bench:discovery -- --data DIR');
  process.exit(2);
}

for (const dir of setsIn(resolve(values.data))) {
  const queries = readLines(join(dir, 'queries.jsonl'), querySchema);
  for (const file of readdirSync(dir)
    .filter((name) => /^corpus(\+.+)?\.jsonl$/.test(name))
    .sort()) {
    const corpus = basename(file, '.jsonl');
    const line = await measure(readLines(join(dir, file), toolSchema), queries, corpus !== 'corpus');
    console.log(JSON.stringify({ set: basename(dir), corpus, ...line }));
  }
}

async function measure(tools: readonly z.infer<typeof toolSchema>[], queries: readonly Query[], withExtra: boolean) {
  await using discovery = createDiscovery({
    workerFile: new URL('../src/main/discovery/worker.ts', import.meta.url),
    log: { debug() {}, warn: (facts, message) => console.error(message, facts) },
  });
  const byServer = Map.groupBy(tools.map(indexed), (tool) => tool.server);
  const start = performance.now();
  await Promise.all([...byServer].map(([server, own]) => discovery.setServer(server, own)));
  const buildMs = performance.now() - start;

  const scores = { hit1: 0, hit3: 0, hit5: 0, hit10: 0, recall5: 0, mrr: 0, ndcg5: 0 };
  const times: number[] = [];
  for (const query of queries) {
    const relevant = new Set([...query.relevant, ...(withExtra ? (query.relevant_ext ?? []) : [])]);
    const before = performance.now();
    const hits = await discovery.search({ query: query.text, limit: 10, servers: null, effects: null });
    times.push(performance.now() - before);
    const found = hits.map(({ id }) => relevant.has(id));
    const first = found.indexOf(true);
    for (const cut of [1, 3, 5, 10] as const) if (first >= 0 && first < cut) scores[`hit${cut}`] += 1;
    scores.recall5 += found.slice(0, 5).filter(Boolean).length / relevant.size;
    scores.mrr += first < 0 ? 0 : 1 / (first + 1);
    scores.ndcg5 += gain(found.slice(0, 5)) / gain(Array.from({ length: Math.min(5, relevant.size) }, () => true));
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const percent = (sum: number): number => Math.round((1000 * sum) / queries.length) / 10;
  const share = (sum: number): number => Math.round((1000 * sum) / queries.length) / 1000;
  return {
    queries: queries.length,
    hit1: percent(scores.hit1),
    hit3: percent(scores.hit3),
    hit5: percent(scores.hit5),
    hit10: percent(scores.hit10),
    recall5: percent(scores.recall5),
    mrr: share(scores.mrr),
    ndcg5: share(scores.ndcg5),
    buildMs: Math.round(buildMs),
    p50Ms: Math.round(at(0.5) * 100) / 100,
    p99Ms: Math.round(at(0.99) * 100) / 100,
  };
}

/** Discounted gain of relevant positions. */
function gain(found: readonly boolean[]): number {
  return found.reduce((sum, isRelevant, at) => sum + (isRelevant ? 1 / Math.log2(at + 2) : 0), 0);
}

function indexed(tool: z.infer<typeof toolSchema>): IndexedTool {
  return {
    id: `${tool.server}:${tool.name}`,
    server: tool.server,
    name: tool.name,
    title: tool.title ?? null,
    description: tool.description ?? '',
    inputSchema: tool.inputSchema ?? null,
    effect: 'read',
  };
}

function setsIn(dir: string): string[] {
  if (existsSync(join(dir, 'queries.jsonl'))) return [dir];
  const sets = readdirSync(dir)
    .map((name) => join(dir, name))
    .filter((path) => existsSync(join(path, 'queries.jsonl')));
  if (sets.length === 0) throw new Error(`${dir} holds no set: a folder with corpus.jsonl and queries.jsonl.`);
  return sets.sort();
}

function readLines<T extends z.ZodType>(file: string, schema: T): z.infer<T>[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => schema.parse(JSON.parse(line)));
}
