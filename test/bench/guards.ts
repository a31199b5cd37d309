/** What the guards cost a call, and how well their rules tell secrets from what only looks like one. */
import { createGuards } from '../../src/main/guards/index.ts';
import { bundledRules } from '../../src/main/guards/secret-rules.ts';
import { type StoredSecrets, type Vault, watchStoredSecrets } from '../../src/main/secrets/index.ts';
import { labelledTexts, scoreOf } from '../fixtures/secrets-corpus/corpus.ts';
import { Draw } from '../fixtures/secrets-corpus/samples.ts';
import { boundRow, type Row } from './budget-table.ts';
import { median } from './statistics.ts';

const POLICY = {
  secretsInArguments: 'ask',
  secretsInResults: 'allow',
  storedSecretsInResults: 'redact',
  toxicFlow: 'ask',
} as const;
const CODE =
  'export function add(a: number, b: number): number {\n  return a + b; // the task, its risk, a token count\n}\n';
const SECRETS = 50;

/** Arguments of about so many characters, none like the one before. */
const argumentsOf = (size: number, n: number): string =>
  JSON.stringify({
    path: `/home/ada/atlas/src/file-${n}.ts`,
    content: CODE.repeat(Math.ceil(size / CODE.length)),
  }).slice(0, size - 2);
const closed = (json: string): string => `${json.replace(/\\+$/, '')}"}`;
const resultOf = (size: number, n: number): string =>
  JSON.stringify({
    content: [{ type: 'text', text: `${n}${CODE.repeat(Math.ceil(size / CODE.length)).slice(0, size)}` }],
  });

/** Median microseconds of one run of `work` on each of many texts. */
function micros(texts: readonly string[], work: (text: string) => unknown): number {
  for (const text of texts.slice(0, texts.length / 2)) work(text);
  const rounds = Array.from({ length: 9 }, () => {
    const before = performance.now();
    for (const text of texts) work(text);
    return ((performance.now() - before) * 1000) / texts.length;
  });
  return median(rounds);
}

async function vaultOf(count: number): Promise<StoredSecrets> {
  const values = new Map(Array.from({ length: count }, (_, n) => [`server-${n}/TOKEN`, new Draw(n).word(40)]));
  const vault: Vault = {
    get: async (name) => values.get(name),
    set: async () => undefined,
    delete: async () => false,
    names: async () => [...values.keys()],
    key: async () => Buffer.alloc(32),
    [Symbol.asyncDispose]: async () => undefined,
  };
  return (await watchStoredSecrets(vault)).stored;
}

export async function benchGuards(): Promise<Row[]> {
  const guards = createGuards({ stored: await vaultOf(SECRETS), key: Buffer.alloc(32, 1), ownersOf: () => [] });
  const follow = (sent: string[]) =>
    guards.follow({
      owner: { app: 'ann', sessionId: 's' },
      callId: 'c',
      tool: 'files:write_file',
      server: 'files',
      labels: ['private-source'],
      sent,
    });
  /** A call's way: looked at for the decision, and again for the log. */
  const call = (json: string): unknown => [follow([json]).facts(1), guards.log.json(json)];
  const result = (json: string): unknown => [
    follow([]).result(json, POLICY),
    guards.log.json(json.slice(0, 80 * 1024)),
  ];
  const many = (count: number, make: (n: number) => string): string[] =>
    Array.from({ length: count }, (_, n) => make(n));

  const small = micros(
    many(2000, (n) => closed(argumentsOf(120, n))),
    call,
  );
  const kilobyte = micros(
    many(1000, (n) => closed(argumentsOf(1024, n))),
    call,
  );
  const bigTexts = many(12, (n) => resultOf(1024 * 1024, n));
  const big = micros(bigTexts, result);
  const rules = bundledRules();
  const scanned = micros(bigTexts, (text) => rules.find(text));
  const hostile = micros(
    many(6, (n) => `${n}${'token=password="eyJ-sk-4111 DE89:AA-us'.repeat(6000)}`),
    (text) => rules.find(text),
  );

  const texts = [1, 2, 3, 4, 5].flatMap(labelledTexts);
  const score = (certainOnly: boolean) => {
    const { found, missed, falseAlarms } = scoreOf(rules, texts, certainOnly);
    return { precision: found / (found + falseAlarms.length), recall: found / (found + missed.length) };
  };
  const [all, certain] = [score(false), score(true)];
  return [
    boundRow(`a call with 120 bytes of arguments, ${SECRETS} stored secrets`, small, 'µs', undefined, 1),
    boundRow('a call with 1 KB of arguments', kilobyte, 'µs', 30, 1),
    boundRow('a result of 1 MiB, nothing taken out', big / 1000, 'ms', undefined, 2),
    boundRow('rules over source code', (1024 * 1024) / scanned, 'MB/s', undefined, 0),
    boundRow('rules over text made of beginnings of secrets', 230_000 / hostile, 'MB/s', undefined, 0),
    boundRow(`precision on the corpus (${texts.length} texts)`, all.precision * 100, '%', undefined, 1),
    boundRow('recall on the corpus', all.recall * 100, '%', undefined, 1),
    boundRow('precision of certain findings, which stop calls', certain.precision * 100, '%', undefined, 1),
    boundRow('recall of certain findings', certain.recall * 100, '%', undefined, 1),
  ];
}
