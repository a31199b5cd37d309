/**
 * DESIGN §9, first row: one tools/call through Gatehouse, a minimal router and the peers, for a server over HTTP and for
 * one over stdio. All targets run at once and take turns, so that the machine's moods fall on all of them.
 */
import { join } from 'node:path';
import { type Row, ratioRow, renderTable } from './budget-table.ts';
import { CallLane } from './call-lane.ts';
import { behindIn, type Lane, type Measured, ratiosOf, renderLanes } from './comparison-table.ts';
import { startMeasured } from './measured-process.ts';
import { installPeers } from './peers.ts';
import { processTree, residentMbOf } from './process-usage.ts';
import { RawClient } from './raw-client.ts';
import type { WireKind } from './raw-wire.ts';
import { median } from './statistics.ts';
import {
  createTargets,
  gatehouseName,
  type RunningTarget,
  routerName,
  type Target,
  type UpstreamKind,
} from './targets.ts';

const rounds = 5;
/** On a busy machine there are fewer rounds, so that the whole stays within minutes. */
const fewestRounds = 2;
const roundsEndMs = 200_000;
const starts = 3;
const budgets: Readonly<Record<string, number>> = { 'p50 ms': 2.2, 'CPU ms': 3 };

interface LaneInRun {
  readonly target: string;
  readonly upstream: UpstreamKind;
  readonly wire: WireKind;
  readonly lane: CallLane;
  /** Of the target, set when all lanes are through. */
  readonly resident: () => number | undefined;
  readonly start: number | undefined;
}

/** Gives the table of all targets and the budget rows as text. */
export async function benchCallPath(): Promise<string> {
  const began = performance.now();
  const stdioFile = join(import.meta.dirname, 'fixtures/stdio-echo-server.ts');
  await using upstream = startMeasured([join(import.meta.dirname, 'fixtures/echo-server.ts')]);
  const url = await upstream.firstLine;
  const missing = installPeers();
  if (missing !== undefined) console.error(`The peers are not measured. ${missing}`);
  using all = await createTargets({ url, stdioFile }, missing);
  const troubles = new Map<Target, string>();
  const startMs = await measureStarts(all.targets, troubles);

  await using stack = new AsyncDisposableStack();
  const inRun: LaneInRun[] = [];
  const direct = (wire: WireKind): LaneInRun => ({
    target: 'direct',
    upstream: 'http',
    wire,
    lane: stack.use(
      new CallLane(
        () => new RawClient(url, undefined, { wire }),
        () => processTree(upstream.pid),
      ),
    ),
    resident: () => undefined,
    start: undefined,
  });
  inRun.push(direct('modern'), direct('legacy'));
  for (const target of all.targets.filter(({ wires }) => wires.length > 0)) {
    const running = await startOrNote(target, troubles);
    if (!running) continue;
    stack.use(running);
    // `node FILE` is the server itself; the same file among a target's arguments is only its configuration.
    const own = () => processTree(running.process.pid).filter(({ argv }) => argv[1] !== stdioFile);
    for (const wire of target.wires) {
      const lane = stack.use(new CallLane(() => running.open(wire), own));
      const resident = () => residentMbOf(own());
      inRun.push({ target: target.name, upstream: target.upstream, wire, lane, resident, start: startMs.get(target) });
    }
  }
  for (const { lane } of inRun) await lane.warmUp();
  let made = 0;
  while (made < rounds && (made < fewestRounds || performance.now() - began < roundsEndMs)) {
    for (const { lane } of inRun) await lane.round();
    made += 1;
  }
  const measured: Lane[] = inRun.map(({ target, upstream, wire, lane, resident, start }) => ({
    target,
    upstream,
    wire,
    figures: { ...lane.figures(), resident: resident(), start },
    without: undefined,
  }));
  const unmeasured: Lane[] = all.targets
    .filter(
      (target) => !inRun.some(({ target: name, upstream }) => name === target.name && upstream === target.upstream),
    )
    .map((target) => ({
      target: target.name,
      upstream: target.upstream,
      wire: undefined,
      figures: undefined,
      without: target.without ?? `not measured: ${troubles.get(target) ?? 'it did not start'}`,
    }));
  return [
    renderLanes(`Call path, medians of ${made} rounds`, [...measured, ...unmeasured]),
    renderTable('Call path: Gatehouse against the minimal router, the same server and client', againstRouter(measured)),
    renderTable('Call path: Gatehouse against its peers, all columns', againstPeers(measured, unmeasured)),
  ].join('\n\n');
}

/** Median milliseconds to the first answered tools/list, the targets taking turns. */
async function measureStarts(targets: readonly Target[], troubles: Map<Target, string>): Promise<Map<Target, number>> {
  const samples = new Map<Target, number[]>();
  for (let round = 0; round < starts; round++) {
    for (const target of targets.filter(({ wires }) => wires.length > 0)) {
      const running = await startOrNote(target, troubles);
      if (!running) continue;
      samples.set(target, [...(samples.get(target) ?? []), running.firstListMs]);
      await running[Symbol.asyncDispose]();
    }
  }
  return new Map([...samples].map(([target, values]) => [target, median(values)]));
}

/** Starts a target unless it failed before; a failure is kept as the reason why it is not measured. */
async function startOrNote(target: Target, troubles: Map<Target, string>): Promise<RunningTarget | undefined> {
  if (troubles.has(target)) return undefined;
  try {
    return await target.start();
  } catch (error) {
    troubles.set(target, error instanceof Error ? error.message.replaceAll('\n', ' ').slice(0, 300) : String(error));
    return undefined;
  }
}

const figuresOf = (lanes: readonly Lane[], target: string, upstream: UpstreamKind, wire: WireKind | undefined) =>
  lanes.find((lane) => lane.target === target && lane.upstream === upstream && lane.wire === wire)?.figures;

/** Where a peer speaks an era Gatehouse does not serve any more, its nearest one is compared. */
const ownWire = (wire: WireKind | undefined): WireKind => (wire === 'modern' ? 'modern' : 'legacy');

function againstRouter(lanes: readonly Lane[]): Row[] {
  return lanes
    .filter(({ target }) => target === gatehouseName)
    .flatMap(({ upstream, wire, figures }) => {
      const router = figuresOf(lanes, routerName, upstream, wire);
      if (!figures || !router) return [];
      return ratiosOf(figures, router).map(({ title, ratio }) =>
        ratioRow(`${upstream} server, ${wire} client: ${title}`, ratio, budgets[title]),
      );
    });
}

function againstPeers(measured: readonly Lane[], unmeasured: readonly Lane[]): Row[] {
  const isPeer = ({ target }: Lane) => ![gatehouseName, routerName, 'direct'].includes(target);
  return [...measured, ...unmeasured].filter(isPeer).map(({ target, upstream, wire, figures, without }) => {
    const what = `${target}, ${upstream} server${wire ? `, ${wire} client` : ''}`;
    const own = figuresOf(measured, gatehouseName, upstream, ownWire(wire));
    if (!figures || !own) return { what, measured: without ?? 'not measured', budget: 'ahead', met: null };
    const behind = behindIn(own, figures);
    return { what, measured: standing(behind, figures), budget: 'ahead', met: behind.length === 0 };
  });
}

function standing(behind: readonly { title: string; ratio: number }[], peer: Measured): string {
  if (behind.length > 0)
    return `behind in ${behind.map(({ title, ratio }) => `${title} (${ratio.toFixed(2)} ×)`).join(', ')}`;
  return peer.failed > 0 ? `ahead in every column; ${peer.failed} of its calls failed` : 'ahead in every column';
}
