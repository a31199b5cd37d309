/** One way through one target, measured in rounds: failures are counted beside the figures, never left out silently. */
import { cpuByProcess, type ProcessFact } from './process-usage.ts';
import type { RawClient } from './raw-client.ts';
import { median, quantile } from './statistics.ts';

const MIB = 1_048_576;
const clients = 8;
const inFlight = 32;
/** Each part of a round ends at its number of calls or after its time, whichever comes first. */
const parts = {
  sequential: { calls: 300, limitMs: 700 },
  wide: { calls: 600, limitMs: 800 },
  big: { calls: 10, limitMs: 500 },
} as const;
/** A part that does not end by itself within this time ends the lane. */
const hangMs = 15_000;

export interface LaneFigures {
  /** Milliseconds of one call after the other, with about 100 bytes each way. */
  readonly p50: number;
  readonly p95: number;
  /** Answered calls per second: one client with 32 in flight, and eight with 4 each. */
  readonly wide: number;
  readonly lanes: number;
  /** Milliseconds of a call with a result of 1 MiB, median. */
  readonly big: number;
  /** CPU milliseconds of the target's own processes for one sequential call. */
  readonly cpu: number;
  readonly calls: number;
  readonly failed: number;
  readonly firstFailure: string | undefined;
}

type Sample = 'p50' | 'p95' | 'wide' | 'lanes' | 'big' | 'cpu';

export class CallLane implements Disposable {
  readonly #client: RawClient;
  readonly #more: readonly RawClient[];
  readonly #processes: () => readonly ProcessFact[];
  readonly #samples: Record<Sample, number[]> = {
    p50: [],
    p95: [],
    wide: [],
    lanes: [],
    big: [],
    cpu: [],
  };
  #calls = 0;
  #failed = 0;
  #firstFailure: string | undefined;
  #isHanging = false;

  /** `processes` are those whose CPU time counts, as they are now. */
  constructor(open: () => RawClient, processes: () => readonly ProcessFact[]) {
    this.#client = open();
    this.#more = Array.from({ length: clients }, open);
    this.#processes = processes;
  }

  /** Makes all sessions and lets both sides compile. */
  async warmUp(): Promise<void> {
    await this.#guarded(async () => {
      for (const client of [this.#client, ...this.#more]) await client.open();
      await this.#sequential(300, 500, () => this.#echo(this.#client));
      await this.#sequential(2, 600, () => this.#client.blob(MIB));
    });
  }

  async round(): Promise<void> {
    await this.#guarded(async () => {
      const { sequential, wide, big } = parts;
      const before = cpuByProcess(this.#processes());
      const failedBefore = this.#failed;
      const durations = await this.#sequential(sequential.calls, sequential.limitMs, () => this.#echo(this.#client));
      const after = cpuByProcess(this.#processes());
      const used = [...after].reduce((sum, [pid, seconds]) => sum + seconds - (before.get(pid) ?? 0), 0);
      this.#samples.p50.push(median(durations));
      this.#samples.p95.push(quantile(durations, 0.95));
      this.#samples.cpu.push((used * 1000) / (durations.length + this.#failed - failedBefore));
      this.#samples.wide.push(await this.#throughput(wide.calls, wide.limitMs, () => this.#client));
      this.#samples.lanes.push(await this.#throughput(wide.calls, wide.limitMs, (lane) => this.#more[lane % clients]));
      this.#samples.big.push(median(await this.#sequential(big.calls, big.limitMs, () => this.#client.blob(MIB))));
    });
  }

  figures(): LaneFigures {
    const of = (key: Sample) => median(this.#samples[key].filter((value) => !Number.isNaN(value)));
    return {
      p50: of('p50'),
      p95: of('p95'),
      wide: of('wide'),
      lanes: of('lanes'),
      big: of('big'),
      cpu: of('cpu'),
      calls: this.#calls,
      failed: this.#failed,
      firstFailure: this.#firstFailure,
    };
  }

  [Symbol.dispose](): void {
    for (const client of [this.#client, ...this.#more]) client[Symbol.dispose]();
  }

  /** Every call has a text of its own, so that an answer to another call is a wrong one. */
  #echo(client: RawClient | undefined): Promise<void> {
    const text = `call ${this.#calls} `.padEnd(100, 'abcdefghij');
    return client?.echo(text) ?? Promise.reject(new Error('No such client.'));
  }

  async #attempt(work: () => Promise<void>): Promise<boolean> {
    this.#calls += 1;
    try {
      await work();
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #fail(error: unknown): void {
    this.#failed += 1;
    this.#firstFailure ??= error instanceof Error ? error.message : String(error);
  }

  /** Durations of the calls that were answered well. */
  async #sequential(calls: number, limitMs: number, work: () => Promise<void>): Promise<number[]> {
    const durations: number[] = [];
    const start = performance.now();
    for (let i = 0; i < calls && performance.now() - start < limitMs && !this.#isHanging; i++) {
      const before = performance.now();
      if (await this.#attempt(work)) durations.push(performance.now() - before);
    }
    return durations;
  }

  async #throughput(
    calls: number,
    limitMs: number,
    clientOf: (lane: number) => RawClient | undefined,
  ): Promise<number> {
    let left = calls;
    let answered = 0;
    const start = performance.now();
    const lane = async (_: unknown, number: number) => {
      while (left-- > 0 && performance.now() - start < limitMs && !this.#isHanging) {
        if (await this.#attempt(() => this.#echo(clientOf(number)))) answered += 1;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
    return (answered / (performance.now() - start)) * 1000;
  }

  /** A target that stops answering costs one part of one round, not the bench. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    if (this.#isHanging) return;
    const { promise: hang, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`A call was not answered within ${hangMs} ms.`)), hangMs);
    const done = work();
    // After a hang the calls in flight end with the sockets; they are counted where they fail.
    done.catch(() => undefined);
    try {
      await Promise.race([done, hang]);
    } catch (error) {
      this.#isHanging = true;
      this.#fail(error);
    } finally {
      clearTimeout(timer);
    }
  }
}
