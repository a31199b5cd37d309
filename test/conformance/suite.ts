/** Runs the official conformance suite and reads what it wrote. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { root } from '../fixtures/gatehouse-process.ts';
import type { Check, ScenarioChecks } from './comparison.ts';

/** Revisions the suite has a frozen set of required scenarios for; a set runs at the wire of its revision. */
export const revisions = ['2025-11-25', '2026-07-28'] as const;
export type Revision = (typeof revisions)[number];

export type Role = 'server' | 'client';

const program = resolve(root, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');

/** Milliseconds the suite gives one scenario. It starts all client scenarios at once, so each may take as long as all. */
const scenarioTimeoutMs = { server: 15_000, client: 120_000 };

/** Milliseconds after which a whole run is ended, so that a gateway that hangs fails soon: what did not run is missing. */
const runTimeoutMs = 150_000;

/** Gives the exit code once all output is in `log`. */
function runProgram(args: readonly string[], log: string, env: NodeJS.ProcessEnv = process.env): Promise<number> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
      timeout: runTimeoutMs,
    });
    const file = createWriteStream(log);
    child.stdout.pipe(file, { end: false });
    child.stderr.pipe(file, { end: false });
    child.once('error', fail);
    child.once('close', (code) => file.end(() => done(code ?? 1)));
  });
}

/** Names of the scenarios a revision requires of one role. The suite is asked, so that an update cannot leave ours behind. */
export async function requiredScenarios(revision: Revision, role: Role, folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const log = join(folder, `required-${revision}.txt`);
  const code = await runProgram(['list', '--requirements', revision], log);
  const section = role === 'server' ? 'Server scenarios' : 'Client scenarios';
  const lines = readFileSync(log, 'utf8').split('\n');
  const from = lines.findIndex((line) => line.startsWith(section));
  const names: string[] = [];
  for (const line of from < 0 ? [] : lines.slice(from + 1)) {
    const name = /^ {2}- (\S+)$/.exec(line)?.[1];
    if (name === undefined) break;
    names.push(name);
  }
  if (code !== 0 || names.length === 0) throw new Error(`The suite lists no ${role} scenarios for ${revision}: ${log}`);
  return names;
}

/** Runs every scenario of a revision against a server and gives its checks. `folder` keeps the suite's own files. */
export async function runServerSuite(url: string, revision: Revision, folder: string): Promise<ScenarioChecks> {
  mkdirSync(folder, { recursive: true });
  const args = ['server', '--url', url, '--requirements', revision, '--timeout', String(scenarioTimeoutMs.server)];
  await runProgram([...args, '-o', join(folder, 'results')], join(folder, 'suite.log'));
  return readResults(join(folder, 'results'), 'server-');
}

/**
 * Lets a client command play every scenario of a revision and gives the checks. The suite hands the command to a shell and
 * appends the URL of the scenario's server.
 */
export async function runClientSuite(
  command: string,
  revision: Revision,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<ScenarioChecks> {
  mkdirSync(folder, { recursive: true });
  const args = [
    'client',
    '--command',
    command,
    '--requirements',
    revision,
    '--timeout',
    String(scenarioTimeoutMs.client),
  ];
  await runProgram([...args, '-o', join(folder, 'results')], join(folder, 'suite.log'), env);
  return readResults(join(folder, 'results'), '');
}

const checksSchema = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    status: z.enum(['SUCCESS', 'FAILURE', 'WARNING', 'SKIPPED', 'INFO']),
    errorMessage: z.string().optional(),
  }),
) satisfies z.ZodType<Check[]>;

/** When a scenario ran, at the end of its folder's name. */
const timestamp = /-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-\d{3}Z$/;

function readResults(folder: string, prefix: string): ScenarioChecks {
  const results = new Map<string, Check[]>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (basename(file) !== 'checks.json') continue;
    const path = join(folder, file);
    // A scenario named with a slash is a folder in a folder.
    const name = relative(folder, dirname(path)).replaceAll('\\', '/').replace(timestamp, '');
    const scenario = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    results.set(scenario, checksSchema.parse(JSON.parse(readFileSync(path, 'utf8'))));
  }
  return results;
}
