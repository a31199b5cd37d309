/**
 * `npm run conformance`: no check of the official suite that holds without Gatehouse is lost through it, and what the suite
 * asks of a client holds for Gatehouse towards its servers.
 *
 *     npm run conformance -- --only http-modern       only runs whose name contains this; can be repeated
 *
 * Exit code 1 when anything is lost. The suite's own files are kept then; their folder is printed.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { out } from '../fixtures/gatehouse-process.ts';
import { type ClientOutcome, clientRunName, runClientScenarios } from './client-runs.ts';
import { type Named, renderClientRuns, renderServerRuns } from './report.ts';
import { nameOf, type ServerOutcome, ServerRuns, serverCases } from './server-runs.ts';
import { revisions } from './suite.ts';

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true, default: [] } } });
const isWanted = (name: string) => values.only.length === 0 || values.only.some((part) => name.includes(part));

if (!existsSync(join(out, 'main/cli.js'))) {
  console.error(`There is no build in ${out}. Run npm run build first.`);
  process.exit(1);
}

// What a run started ends with this process, also when it is interrupted.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-conformance-'));

/** Runs that could not be made at all, with why. */
const broken: string[] = [];

async function timed<Outcome>(name: string, run: () => Promise<Outcome>): Promise<Named<Outcome>[]> {
  console.log(`… ${name}`);
  const before = performance.now();
  try {
    const outcome = await run();
    return [{ name, outcome, seconds: (performance.now() - before) / 1000 }];
  } catch (error) {
    broken.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

const servers: Named<ServerOutcome>[] = [];
const serverRuns = new ServerRuns(folder);
for (const wanted of serverCases.filter((each) => isWanted(nameOf(each)))) {
  servers.push(...(await timed(nameOf(wanted), () => serverRuns.run(wanted))));
}
const clients: Named<ClientOutcome>[] = [];
for (const revision of revisions.filter((each) => isWanted(clientRunName(each)))) {
  clients.push(...(await timed(clientRunName(revision), () => runClientScenarios(revision, folder))));
}

if (servers.length > 0) console.log(`\nGatehouse as a server\n${renderServerRuns(servers)}`);
if (clients.length > 0) console.log(`\nGatehouse as a client\n${renderClientRuns(clients)}`);
for (const line of broken) console.log(`\nCould not be run: ${line}`);
const isAnythingRun = servers.length + clients.length + broken.length > 0;
if (!isAnythingRun) console.error('No run has such a name.');
const isHolding =
  isAnythingRun &&
  broken.length === 0 &&
  servers.every(({ outcome }) => outcome.problems.length === 0) &&
  clients.every(({ outcome }) => outcome.failed.length === 0);
if (!isHolding) process.exitCode = 1;
if (isAnythingRun && !isHolding) console.log(`\nWhat the suite wrote is in ${folder}`);
else rmSync(folder, { recursive: true, force: true });
