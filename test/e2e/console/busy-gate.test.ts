/**
 * Activity while 200 calls a second come in. The bounds are on the time the page's thread itself worked, which a busy
 * test machine does not stretch; what a person would have felt (wall time) is printed beside it.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { RawClient } from '../../bench/raw-client.ts';
import { changingServer } from '../../fixtures/changing-server.ts';
import { gatehouse } from '../../fixtures/gatehouse-process.ts';
import { personAtTheConsole } from './person.ts';

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

it('200 calls a second leave the page free: no long task, and no more rows than fit the screen', async () => {
  await using person = await personAtTheConsole({
    prepare: async (gate, work) => {
      const definition = join(work, 'tools.json');
      const inputSchema = { type: 'object', properties: { q: { type: 'string' } } };
      writeFileSync(definition, JSON.stringify([{ name: 'lookup', description: 'Looks a word up.', inputSchema }]));
      await gatehouse(gate.dataDir, 'server', 'add', 'words', '--', ...changingServer(definition));
      await gatehouse(gate.dataDir, 'tool', 'approve', 'words:lookup', '--effect', 'read');
    },
  });
  const { page, browser, gate } = person;
  const { token } = (await gatehouse(gate.dataDir, 'app', 'token', 'busy')) as { token: string };
  using client = new RawClient(gate.endpoint, token);
  await person.goTo('/activity');
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
  const rows: number[] = [];
  const sampling = new AbortController();
  const sampled = (async () => {
    while (!sampling.signal.aborted) {
      rows.push(await page.getByRole('table', { name: 'Calls' }).locator('tbody tr').count());
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

  // The newest call is on the screen: the page kept up.
  const last = `call number ${perSecond * seconds - 1}`;
  await page.getByRole('row').filter({ hasText: last }).first().waitFor();
  const shown = await page.getByText(/^[\d,]+ of [\d,]+ shown/).textContent();

  const work = tasks.map((task) => task.work).sort((a, b) => a - b);
  const busy = work.reduce((sum, ms) => sum + ms, 0);
  const blocking = longTasks.reduce((sum, ms) => sum + ms - 50, 0);
  const round = (value: number) => Math.round(value * 10) / 10;
  console.log(
    [
      `${answered} calls in ${round(took)} s; ${tasks.length} tasks on the page's thread, working ${round(busy / took / 10)} % of the time`,
      `work per task: median ${round(quantile(work, 0.5))}, p95 ${round(quantile(work, 0.95))}, p99 ${round(quantile(work, 0.99))}, longest ${round(work.at(-1) ?? 0)} ms`,
      `on the clock: ${longTasks.length} tasks over 50 ms (${longTasks.map(Math.round).join(', ')}), blocking ${round(blocking)} ms in all`,
      `rows in the page ${Math.max(...rows)}; ${shown}`,
    ].join('\n'),
  );
  expect(answered).toBe(perSecond * seconds);
  expect(tasks.length).toBeGreaterThan(100);
  expect(work.at(-1), 'longest task on the processor').toBeLessThan(50);
  expect(busy / (took * 1000), 'share of the time the page works').toBeLessThan(0.6);
  // 832 pixels of 28 pixel rows and what is drawn ahead of them.
  expect(Math.max(...rows)).toBeLessThan(60);
  expect(person.complaints).toEqual([]);
});
