/** One client of an app that calls all servers, several calls at a time, and misbehaves now and then. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Leaving, markOf, type SentCall } from './call-ledger.ts';
import type { Disturbances } from './disturbances.ts';
import type { Random } from './random.ts';
import type { Flight, Outcome, Session, SoakClient, ToolResult } from './soak-client.ts';

/** A server with a tool that gives back what it is given. */
export interface EchoServer {
  readonly name: string;
  readonly tool: string;
  /** What the tool puts before the text. */
  readonly before: string;
}

export interface ActorOptions {
  readonly name: string;
  readonly client: SoakClient;
  readonly random: Random;
  readonly echoes: readonly EchoServer[];
  /** The tool that takes `ms` and reports progress, as `server:tool`. */
  readonly slow: { readonly server: string; readonly tool: string };
  readonly disturbances: Disturbances;
  readonly inFlight: number;
}

/** Shares of all calls. */
const shares = { cancels: 0.02, aborts: 0.02, abortsEarly: 0.03, slow: 0.01, deletes: 0.004, streams: 0.02 } as const;
const slowMs = 400;
/** An answer later than this is reported as lost. */
const lostAfterMs = 100_000;

export class Actor {
  readonly sent: SentCall[] = [];
  readonly problems: string[] = [];
  /** One word for each failure that a disturbance or the end of its session explains. */
  readonly excused: string[] = [];
  deletedSessions = 0;
  droppedStreams = 0;
  readonly #options: ActorOptions;
  #session: Promise<Session> | undefined;
  #dropStream: (() => void) | undefined;
  #calls = 0;

  constructor(options: ActorOptions) {
    this.#options = options;
  }

  /** Calls until `takes` says that there is nothing left. */
  async run(takes: () => boolean): Promise<void> {
    const lane = async () => {
      while (takes()) await this.#step();
    };
    await Promise.all(Array.from({ length: this.#options.inFlight }, lane));
  }

  /** Ends its session and all its connections. */
  async leave(): Promise<void> {
    this.#dropStream?.();
    const session = await this.#session;
    if (session?.id !== undefined) await this.#options.client.deleteSession(session);
    this.#options.client[Symbol.dispose]();
  }

  async #step(): Promise<void> {
    const { random, client } = this.#options;
    if (client.era === 'legacy' && random.chance(shares.deletes)) await this.#deleteSession();
    if (client.era === 'legacy' && random.chance(shares.streams)) await this.#moveStream();
    const session = await this.#openSession();
    const roll = random.next();
    const { cancels, aborts, abortsEarly, slow } = shares;
    if (roll < cancels) return this.#leaveSlow(session, 'cancels');
    if (roll < cancels + aborts) return this.#leaveSlow(session, 'aborts');
    if (roll < cancels + aborts + abortsEarly) return this.#abortEarly(session);
    if (roll < cancels + aborts + abortsEarly + slow) return this.#callSlow(session);
    await this.#callEcho(session);
  }

  async #callEcho(session: Session): Promise<void> {
    const { client, random, echoes } = this.#options;
    const { name, tool, before } = random.pick(echoes);
    const mark = this.#nextMark();
    const startedAt = performance.now();
    const flight = client.call(session, `${name}:${tool}`, { message: mark });
    const outcome = await this.#awaited(flight, mark);
    this.#judge({ mark, server: name, session, startedAt, outcome, isRight: (text) => text === before + mark });
  }

  async #callSlow(session: Session): Promise<void> {
    const { server, tool } = this.#options.slow;
    const mark = this.#nextMark();
    const startedAt = performance.now();
    const flight = this.#options.client.call(session, `${server}:${tool}`, { ms: 100, mark });
    const outcome = await this.#awaited(flight, mark);
    this.#judge({ mark, server, session, startedAt, outcome, isRight: (text) => text.includes('"token"') });
  }

  /** Leaves a call the server has begun to work on. */
  async #leaveSlow(session: Session, leaving: 'cancels' | 'aborts'): Promise<void> {
    const { client, slow, disturbances } = this.#options;
    const mark = this.#nextMark();
    const startedAt = performance.now();
    const flight = client.call(session, `${slow.server}:${slow.tool}`, { ms: slowMs, mark });
    const hasBegun = await flight.progressed;
    this.#record(mark, slow.server, session.isDeleted ? 'session-deleted' : leaving, hasBegun);
    if (!hasBegun) {
      const outcome = await flight.outcome;
      const isExplained = session.isDeleted || disturbances.explain(slow.server, startedAt, performance.now());
      if (isExplained) this.excused.push(wordFor(outcome));
      else this.problems.push(`${mark} on ${slow.server} had no progress: ${JSON.stringify(outcome).slice(0, 300)}`);
      return;
    }
    if (leaving === 'cancels' && client.era === 'legacy') {
      await client.notify(session, 'notifications/cancelled', { requestId: flight.id, reason: 'soak' });
      // The answer is no longer due, but the response has to end.
      await this.#awaited(flight, mark);
      return;
    }
    flight.abort();
    await flight.outcome;
  }

  async #abortEarly(session: Session): Promise<void> {
    const { client, random, echoes } = this.#options;
    const { name, tool } = random.pick(echoes);
    const mark = this.#nextMark();
    const flight = client.call(session, `${name}:${tool}`, { message: mark });
    await pause(random.next() * 3);
    flight.abort();
    const outcome = await flight.outcome;
    this.#record(mark, name, 'aborts-early', outcome.kind === 'result');
  }

  #judge(ended: {
    readonly mark: string;
    readonly server: string;
    readonly session: Session;
    readonly startedAt: number;
    readonly outcome: Outcome;
    readonly isRight: (text: string) => boolean;
  }): void {
    const { mark, server, session, startedAt, outcome, isRight } = ended;
    const { disturbances } = this.#options;
    const now = performance.now();
    const isAnswer = outcome.kind === 'result';
    this.#record(mark, server, session.isDeleted && !isAnswer ? 'session-deleted' : 'stays', isAnswer);
    if (isAnswer && outcome.result.isError !== true) {
      if (isRight(textOf(outcome.result))) disturbances.noteSuccess(server, startedAt, now);
      // A wrong answer is never excused.
      else this.problems.push(`${mark} on ${server} got a wrong answer: ${textOf(outcome.result).slice(0, 200)}`);
      return;
    }
    if (session.isDeleted || disturbances.explain(server, startedAt, now)) this.excused.push(wordFor(outcome));
    else this.problems.push(`${mark} on ${server} failed: ${JSON.stringify(outcome).slice(0, 400)}`);
  }

  #record(mark: string, server: string, leaving: Leaving, surelyArrived: boolean): void {
    this.sent.push({ mark, server, leaving, surelyArrived });
  }

  #nextMark(): string {
    return markOf(this.#options.name, ++this.#calls);
  }

  async #awaited(flight: Flight, mark: string): Promise<Outcome> {
    const timer = setTimeout(() => {
      this.problems.push(`${mark} had no end after ${lostAfterMs} ms.`);
      flight.abort();
    }, lostAfterMs);
    try {
      return await flight.outcome;
    } finally {
      clearTimeout(timer);
    }
  }

  #openSession(): Promise<Session> {
    this.#session ??= this.#options.client.openSession();
    return this.#session;
  }

  async #deleteSession(): Promise<void> {
    const old = this.#session;
    if (!old) return;
    this.#session = undefined;
    this.#dropStream = undefined;
    this.deletedSessions += 1;
    await this.#options.client.deleteSession(await old);
  }

  /** Drops the session's stream, or opens one where there is none. */
  async #moveStream(): Promise<void> {
    if (this.#dropStream) {
      this.#dropStream();
      this.#dropStream = undefined;
      this.droppedStreams += 1;
      return;
    }
    this.#dropStream = this.#options.client.listen(await this.#openSession());
  }
}

/** The refusal's code, or what kind of end it was. */
function wordFor(outcome: Outcome): string {
  if (outcome.kind !== 'result') return outcome.kind;
  return outcome.result._meta?.['gatehouse/refusal']?.code ?? 'an error without a code';
}

function textOf({ content = [] }: ToolResult): string {
  return content.map(({ text }) => text ?? '').join('\n');
}
