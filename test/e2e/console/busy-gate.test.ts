/**
 * Activity while 200 calls a second come in. The bounds are on the time the page's thread itself worked, which a busy
 * test machine does not stretch; what a person would have felt (wall time) is printed beside it.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient } from '../../bench/raw-client.ts';
import { changingServer } from '../../fixtures/changing-server.ts';
import { gatehouse } from '../../fixtures/gatehouse-process.ts';
import { type Person, personAtTheConsole } from './person.ts';

const perSecond = 200;
const warmUpSeconds = 4;
const seconds = 10;
/** Milliseconds between two handfuls of calls. */
const beat = 50;

declare global {
  interface Window {
    longTasks: number[];
  }
}

/** Sends calls at a steady pace, whatever the answers take, and gives how many were answered. */
async function drive(client: RawClient, forSeconds: number): Promise<number> {
  const started = performance.now();
  const answers: Promise<unknown>[] = [];
  const all = perSecond * forSeconds;
  for (let sent = 0; sent < all; ) {
    const due = Math.min(all, Math.floor(((performance.now() - started) / 1000) * perSecond));
    for (; sent < due; sent += 1) {
      const toCall = { name: 'words:lookup', arguments: { q: `call number ${sent}` } };
      answers.push(client.send('tools/call', { name: 'call_tool_read', arguments: toCall }));
    }
    await pause(beat);
  }
  return (await Promise.all(answers)).length;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds: wall time and time on the processor. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Milliseconds of every task the page's main thread ran: on the clock and on the processor. */
function mainThreadTasks(trace: Buffer): { wall: number; work: number }[] {
  const { traceEvents } = JSON.parse(trace.toString('utf8')) as { traceEvents: TraceEvent[] };
  const main = traceEvents.filter((event) => event.name === 'thread_name' && event.args?.name === 'CrRendererMain');
  const isMain = (event: TraceEvent) => main.some((it) => it.pid === event.pid && it.tid === event.tid);
  return traceEvents.flatMap((event) =>
    event.name === 'RunTask' && event.ph === 'X' && event.tdur !== undefined && isMain(event)
      ? [{ wall: (event.dur ?? 0) / 1000, work: event.tdur / 1000 }]
      : [],
  );
}

const quantile = (sorted: readonly number[], part: number) => sorted[Math.floor((sorted.length - 1) * part)] ?? 0;

/** The two screens that show calls as they come, and what a settled one of them has on it. */
const watched = [
  { path: '/activity', title: 'Activity', newest: `call number ${perSecond * seconds - 1}` },
  { path: '/', title: 'Home', newest: 'lookup' },
];

describe(`${perSecond} calls a second`, () => {
  let person: Person;
  let client: RawClient;
  beforeAll(async () => {
    person = await personAtTheConsole({
      prepare: async (gate, work) => {
        const definition = join(work, 'tools.json');
        const inputSchema = { type: 'object', properties: { q: { type: 'string' } } };
        writeFileSync(definition, JSON.stringify([{ name: 'lookup', description: 'Looks a word up.', inputSchema }]));
        await gatehouse(gate.dataDir, 'server', 'add', 'words', '--', ...changingServer(definition));
        await gatehouse(gate.dataDir, 'tool', 'approve', 'words:lookup', '--effect', 'read');
      },
    });
    const { token } = (await gatehouse(person.dataDir, 'app', 'token', 'busy')) as { token: string };
    client = new RawClient(person.gate.endpoint, token);
  });
  afterAll(async () => {
    client?.[Symbol.dispose]();
    await person?.[Symbol.asyncDispose]();
  });

  it.each(watched)('leave $title free: no long task, and no page that grows', async ({ path, title, newest }) => {
    const { page, browser } = person;
    await person.goTo(path);
    await page.evaluate(() => {
      window.longTasks = [];
      new PerformanceObserver((list) => {
        window.longTasks.push(...list.getEntries().map((entry) => entry.duration));
      }).observe({ type: 'longtask' });
    });
    await drive(client, warmUpSeconds);
    await page.evaluate(() => {
      window.longTasks = [];
    });

    await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
    const sizes: number[] = [];
    const sampling = new AbortController();
    const sampled = (async () => {
      while (!sampling.signal.aborted) {
        sizes.push(await page.evaluate(() => document.getElementsByTagName('*').length));
        await pause(500);
      }
    })();
    const before = performance.now();
    const answered = await drive(client, seconds);
    const took = (performance.now() - before) / 1000;
    sampling.abort();
    await sampled;
    const tasks = mainThreadTasks(await browser.stopTracing());
    const longTasks = await page.evaluate(() => window.longTasks);
    // The page kept up: the newest call is on it.
    await page.locator('main').getByText(newest).first().waitFor();

    const work = tasks.map((task) => task.work).sort((a, b) => a - b);
    const busy = work.reduce((sum, ms) => sum + ms, 0);
    const blocking = longTasks.reduce((sum, ms) => sum + ms - 50, 0);
    const round = (value: number) => Math.round(value * 10) / 10;
    const clock = longTasks.map((ms) => Math.round(ms)).join(', ') || 'none';
    console.log(
      [
        `${title}: ${answered} calls in ${round(took)} s, ${tasks.length} tasks, working ${round(busy / took / 10)} % of the time`,
        `work per task: p95 ${round(quantile(work, 0.95))}, p99 ${round(quantile(work, 0.99))}, longest ${round(work.at(-1) ?? 0)} ms`,
        `over 50 ms on the clock: ${clock}; blocking ${round(blocking)} ms in all`,
        `elements in the page: ${Math.min(...sizes)} to ${Math.max(...sizes)}`,
      ].join('\n'),
    );
    expect(answered).toBe(perSecond * seconds);
    expect(tasks.length).toBeGreaterThan(100);
    expect(work.at(-1), 'longest task on the processor').toBeLessThan(50);
    expect(busy / (took * 1000), 'share of the time the page works').toBeLessThan(0.6);
    // Thousands of calls came in; the page holds what fits the screen.
    expect(Math.max(...sizes)).toBeLessThan(2500);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(200);
    expect(person.complaints).toEqual([]);
  });
});
