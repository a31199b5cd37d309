/**
 * Many calls of several apps through the built Gatehouse, while clients leave and servers die: at the end nothing may be
 * left over, lost, answered wrong or recorded open.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { processFact, processTree } from '../bench/process-usage.ts';
import { gatehouse, runCommand, type Served, serve, start, temporaryDir } from '../fixtures/gatehouse-process.ts';
import { npmServer } from '../fixtures/npm-servers.ts';
import { until } from '../fixtures/until.ts';
import { Actor, type EchoServer } from './actor.ts';
import { compareWithLog, type LoggedCall } from './call-ledger.ts';
import { Disturbances } from './disturbances.ts';
import { childPids, liveHeapMb, observedEnvironment, privateMb, socketCount } from './gateway-facts.ts';
import { curveOf, growthOf, isFlat, type Sample } from './memory-curve.ts';
import { type Random, seededRandom } from './random.ts';
import { type Era, SoakClient } from './soak-client.ts';

export interface SoakOptions {
  readonly calls: number;
  readonly seed: number;
  /** Server kills and lost sessions spread over the run. */
  readonly disturbances: number;
  /** Told what is going on. */
  readonly say?: (line: string) => void;
}

export interface SoakReport {
  /** One sentence each; none when all held. */
  readonly problems: readonly string[];
  readonly facts: readonly string[];
}

interface ServerRow {
  readonly name: string;
  readonly pid: number | null;
}

const apps = ['one', 'two', 'three'] as const;
const eras: readonly Era[] = ['modern', 'legacy'];
const inFlightPerActor = 5;
/** The default profile's bound on calls in flight per app: with all slots free, so many may run at once. */
const slotsPerApp = 64;
/** Sockets that may stay: kept-alive ones to servers over HTTP, and the pipes of the server started last. */
const spareSockets = 6;

/** Live heap may differ by so much with the calls in flight and what is cached. */
const spareHeapMb = 8;

const echoes: readonly EchoServer[] = [
  { name: 'raw', tool: 'echo', before: '' },
  { name: 'everything', tool: 'echo', before: 'Echo: ' },
  { name: 'web', tool: 'echo', before: '' },
  { name: 'forgets', tool: 'echo', before: '' },
];
const slow = { server: 'slow', tool: 'slow' };
const victims = ['raw', 'everything', 'slow'] as const;

/** Runs it. Problems are reported, not thrown; what throws is the soak itself. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { calls, seed, say = () => undefined } = options;
  const random = seededRandom(seed);
  const problems: string[] = [];
  const facts = [`seed ${seed}, ${calls} calls`];
  using folder = temporaryDir();
  const servers = join(import.meta.dirname, '../fixtures/servers');
  await using web = await start([join(servers, 'http.mjs'), 'plain']);
  await using forgets = await start([join(servers, 'http.mjs'), 'forgets-sessions']);
  const dataDir = join(folder.path, 'data');
  const warnings = join(folder.path, 'warnings.txt');
  const heapFile = join(folder.path, 'live-heap.txt');
  await using gate = await serve(dataDir, { env: observedEnvironment({ heap: heapFile, warnings }) });

  const hostile = [process.execPath, join(servers, 'hostile.mjs')];
  await Promise.all([
    addServer(gate, 'raw', ['--', ...hostile, 'echo']),
    addServer(gate, 'slow', ['--', ...hostile, 'slow']),
    addServer(gate, 'everything', ['--', ...npmServer('everything')]),
    addServer(gate, 'web', ['--url', web.line]),
    addServer(gate, 'forgets', ['--url', forgets.line]),
  ]);
  const tokens = new Map<string, string>();
  for (const app of apps) {
    const { token } = (await gatehouse(dataDir, 'app', 'token', app)) as { token: string };
    tokens.set(app, token);
  }
  const clientOf = (app: string, era: Era) => new SoakClient(gate.endpoint, tokens.get(app) ?? '', era);

  const disturbances = new Disturbances();
  const actors = apps.flatMap((app) =>
    eras.map((era) => {
      const name = `${app}-${era}`;
      const actorRandom = seededRandom(Math.floor(random.next() * 2 ** 32));
      const client = clientOf(app, era);
      return new Actor({ name, client, random: actorRandom, echoes, slow, disturbances, inFlight: inFlightPerActor });
    }),
  );
  await warmUp(clientOf('one', 'modern'));
  const socketsBefore = socketCount(gate.pid);

  let taken = 0;
  const takes = () => taken++ < calls;
  const samples: Sample[] = [];
  const done = () => Math.min(1, taken / calls);
  const sampling = setInterval(() => samples.push({ done: done(), mb: privateMb(gate.pid) }), 200);
  const before = performance.now();
  const load = Promise.all(actors.map((actor) => actor.run(takes)));
  const chaos = disturb(gate, options.disturbances, {
    done,
    random,
    disturbances,
    client: clientOf('one', 'modern'),
    say,
  });
  const heap: number[] = [];
  await Promise.all([load, chaos, watchHeap(heap, done, () => liveHeapMb(gate.pid, heapFile))]);
  clearInterval(sampling);
  const seconds = (performance.now() - before) / 1000;
  for (const actor of actors) await actor.leave();

  const total = (of: (actor: Actor) => number) => actors.reduce((sum, actor) => sum + of(actor), 0);
  facts.push(
    `${Math.round(calls / seconds)} calls/s for ${seconds.toFixed(1)} s`,
    `${disturbances.count} disturbances explain these failed calls: ${countsOf(actors.flatMap(({ excused }) => excused))}`,
    `${total((actor) => actor.deletedSessions)} sessions deleted, ${total((actor) => actor.droppedStreams)} streams dropped`,
  );
  problems.push(...actors.flatMap((actor) => actor.problems));

  say('All calls are made; looking for what is left over.');
  const filled = await Promise.all(apps.map((app) => fillAllSlots(clientOf(app, 'modern'), app)));
  problems.push(...filled.flat());
  problems.push(...(await leftSockets(gate, socketsBefore, facts)), ...(await leftProcesses(gate)));
  problems.push(...(await openRecords(dataDir, actors, facts)));
  heap.push(await liveHeapMb(gate.pid, heapFile));
  const growth = growthOf(samples);
  facts.push(
    `memory of its own, MB in each twentieth: ${inMb(curveOf(samples))}; in the middle and at the end: ${inMb(growth)}`,
    `live heap, MB at each fifth and at the end: ${inMb(heap)}`,
  );
  if (!isFlat(growth, calls)) problems.push(`Memory grows in the second half: ${inMb(growth)} MB.`);
  // Whatever each call leaves behind shows between two fifths of the run and its end.
  const [early = 0, atEnd = 0] = [heap[1], heap.at(-1)];
  if (atEnd > early + spareHeapMb) problems.push(`The live heap grows from two fifths on: ${inMb([early, atEnd])} MB.`);

  const family = processTree(gate.pid);
  const stopping = performance.now();
  await gate[Symbol.asyncDispose]();
  facts.push(`stopped within ${((performance.now() - stopping) / 1000).toFixed(1)} s`);
  if (gate.child.exitCode !== 0) problems.push(`Gatehouse ended with ${gate.child.exitCode ?? gate.child.signalCode}.`);
  for (const { pid, startedAt, argv } of family) {
    if (processFact(pid)?.startedAt === startedAt) problems.push(`After the stop ${argv.join(' ')} still runs.`);
  }
  if (existsSync(warnings)) problems.push(`Node warned: ${readFileSync(warnings, 'utf8').slice(0, 600)}`);
  return { problems, facts };
}

const inMb = (values: readonly number[]): string => values.map((mb) => mb.toFixed(0)).join(' ');

/** Looks at the live heap whenever another fifth of the calls is made. */
async function watchHeap(heap: number[], done: () => number, look: () => Promise<number>): Promise<void> {
  for (let fifth = 1; fifth < 5; fifth++) {
    while (done() < fifth / 5) await pause(20);
    heap.push(await look());
  }
}

/** How often each word is there, the most frequent first. */
function countsOf(words: readonly string[]): string {
  const counts = Map.groupBy(words, (word) => word);
  const sorted = [...counts].toSorted(([, one], [, other]) => other.length - one.length);
  return sorted.map(([word, all]) => `${all.length} ${word}`).join(', ') || 'none';
}

async function addServer({ dataDir }: Served, name: string, how: readonly string[]): Promise<void> {
  await gatehouse(dataDir, 'server', 'add', name, ...how);
  await gatehouse(dataDir, 'tool', 'approve', '--all', '--server', name, '--effect', 'read');
}

/** Uses every server once, so that all of them run before anything is counted. */
async function warmUp(client: SoakClient): Promise<void> {
  using _ = client;
  const session = await client.openSession();
  for (const { name, tool } of echoes) await client.call(session, `${name}:${tool}`, { message: 'warm' }).outcome;
  await client.call(session, `${slow.server}:${slow.tool}`, { ms: 50 }).outcome;
}

interface Chaos {
  readonly done: () => number;
  readonly random: Random;
  readonly disturbances: Disturbances;
  readonly client: SoakClient;
  readonly say: (line: string) => void;
}

/** Kills servers and makes one forget its sessions, evenly over the run. */
async function disturb(gate: Served, times: number, { done, random, disturbances, client, say }: Chaos): Promise<void> {
  using _ = client;
  for (let number = 1; number <= times; number++) {
    while (done() < number / (times + 1)) await pause(20);
    if (number % 3 === 0) {
      disturbances.note('forgets', performance.now());
      await client.call({ id: undefined, isDeleted: false }, 'forgets:echo', { message: 'forget' }).outcome;
      say(`${Math.round(done() * 100)} %: the server over HTTP forgot its sessions.`);
      continue;
    }
    const victim = victims[(number + Math.floor(random.next() * 2)) % victims.length] ?? 'raw';
    const rows = (await gatehouse(gate.dataDir, 'server', 'list')) as ServerRow[];
    const pid = rows.find(({ name }) => name === victim)?.pid;
    if (typeof pid !== 'number') continue;
    disturbances.note(victim, performance.now());
    process.kill(pid, 'SIGKILL');
    say(`${Math.round(done() * 100)} %: killed ${victim}.`);
  }
}

/** A slot that was not given back shows as a refused call when as many run as there are slots. */
async function fillAllSlots(client: SoakClient, app: string): Promise<string[]> {
  using _ = client;
  const session = await client.openSession();
  // A server that was killed several times may wait before it starts again.
  const answered = async () => {
    const outcome = await client.call(session, `${slow.server}:${slow.tool}`, { ms: 50 }).outcome;
    return outcome.kind === 'result' && outcome.result.isError !== true;
  };
  await until(answered, { timeoutMs: 90_000, what: 'A call to the slow server' });
  const flights = Array.from({ length: slotsPerApp }, () =>
    client.call(session, `${slow.server}:${slow.tool}`, { ms: 1_500 }),
  );
  const outcomes = await Promise.all(flights.map(({ outcome }) => outcome));
  const failed = outcomes.filter((outcome) => outcome.kind !== 'result' || outcome.result.isError === true);
  if (failed.length === 0) return [];
  const first = JSON.stringify(failed[0]).slice(0, 300);
  return [`${failed.length} of ${slotsPerApp} calls at once of ${app} failed after the run: ${first}`];
}

async function leftSockets({ pid }: Served, before: number, facts: string[]): Promise<string[]> {
  let now = socketCount(pid);
  const isDown = () => {
    now = socketCount(pid);
    return now <= before + spareSockets;
  };
  const down = await until(isDown, { timeoutMs: 20_000 }).catch(() => false);
  facts.push(`sockets before ${before}, after ${now}`);
  return down ? [] : [`${now} sockets are open, before the run there were ${before}.`];
}

/** The gateway's children are the servers it says it runs. */
async function leftProcesses({ dataDir, pid }: Served): Promise<string[]> {
  const rows = (await gatehouse(dataDir, 'server', 'list')) as ServerRow[];
  const known = new Set(rows.flatMap((row) => row.pid ?? []).flatMap((root) => [root, ...childPids(root)]));
  const strangers = childPids(pid).filter((child) => !known.has(child));
  return strangers.flatMap((child) => {
    const fact = processFact(child);
    return fact ? [`The process ${fact.argv.join(' ')} belongs to no server.`] : [];
  });
}

async function openRecords(dataDir: string, actors: readonly Actor[], facts: string[]): Promise<string[]> {
  const { out: exported } = await runCommand(dataDir, ['log', 'export', '--format', 'jsonl']);
  const logged = exported
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LoggedCall);
  const sent = actors.flatMap((actor) => actor.sent);
  const report = compareWithLog(sent, logged);
  const statuses = Object.entries(report.byStatus).map(([status, count]) => `${count} ${status}`);
  facts.push(
    `${report.sent} calls sent, ${report.recorded} recorded (${statuses.join(', ')}), ${report.neverArrived} cut off before they arrived`,
  );
  const problems = [...report.problems];
  if (logged.some(({ status }) => status === 'running')) problems.push('The log has calls that still run.');
  const verified = (await gatehouse(dataDir, 'log', 'verify')) as { ok: boolean; problem?: string };
  if (!verified.ok) problems.push(`The log does not verify: ${verified.problem}`);
  return problems;
}
