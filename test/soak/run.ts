/** `npm run soak [-- CALLS [SEED]]`: 50,000 calls by default. The same seed makes the same choices. */
import { randomInt } from 'node:crypto';
import { soak } from './soak.ts';

const calls = Number(process.argv[2] ?? 50_000);
const seed = Number(process.argv[3] ?? randomInt(2 ** 31));
if (!Number.isInteger(calls) || calls < 1 || !Number.isInteger(seed)) {
  console.error('Usage: npm run soak [-- CALLS [SEED]], both whole numbers.');
  process.exit(2);
}
const mostShown = 40;

console.log(`Seed ${seed}, ${calls} calls.`);
const { problems, facts } = await soak({
  calls,
  seed,
  disturbances: Math.min(20, Math.ceil(calls / 1_000)),
  say: (line) => console.log(`  ${line}`),
});
console.log(facts.map((fact) => `  ${fact}`).join('\n'));
for (const problem of problems.slice(0, mostShown)) console.error(`PROBLEM: ${problem}`);
if (problems.length > mostShown) console.error(`… and ${problems.length - mostShown} more problems.`);
console.log(
  problems.length === 0 ? 'Nothing lost, nothing left over.' : `${problems.length} problems; the seed was ${seed}.`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
