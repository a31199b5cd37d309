import { join, resolve } from 'node:path';
import type { ServerConfig } from '@shared/contract/index.ts';
import { describe, expect, test } from 'vitest';
import type { CallerSide, ServerQuestion, WrittenJson } from '../../../src/main/upstreams/index.ts';
import { start } from '../../fixtures/gatehouse-process.ts';
import { until } from '../../fixtures/until.ts';
import { openGate } from './gate.ts';

const fixture = join(resolve(import.meta.dirname, '../../fixtures/servers'), 'asks.mjs');

/** A session whose person answers with its name, after a while. */
class Person implements CallerSide {
  readonly app = 'app';
  readonly session: string;
  readonly capabilities = { elicitation: { form: {} } };
  readonly heard: unknown[] = [];

  constructor(session: string) {
    this.session = session;
  }
  async ask({ params }: ServerQuestion): Promise<WrittenJson> {
    this.heard.push(params.value.message);
    await new Promise((done) => setTimeout(done, Math.random() * 5));
    return { value: {}, json: `{"action":"accept","content":{"by":"${this.session}"}}` };
  }
  notify(): void {}
}

const people = () => Array.from({ length: 8 }, (_, n) => new Person(`session-${n}`));

/** A server over one transport, for one test. */
async function serverOver(transport: string): Promise<{ config: ServerConfig } & AsyncDisposable> {
  if (transport === 'stdio') {
    const config = { command: process.execPath, args: [fixture, 'stdio'] };
    return { config, [Symbol.asyncDispose]: async () => undefined };
  }
  const server = await start([fixture, transport]);
  const type = transport === 'sse' ? 'sse' : 'http';
  return { config: { type, url: server.line }, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe.each(['stdio', 'sse', 'http'])('a server that asks back over %s', (transport) => {
  test('reaches the right caller in each of 160 calls of eight sessions at once, from the first on', async () => {
    await using server = await serverOver(transport);
    await using gate = await openGate({ x: server.config });
    const everybody = people();
    const calls = everybody.flatMap((caller) =>
      Array.from({ length: 20 }, async () => {
        const answers = await gate.call('x', 'ask', { who: caller.session, times: 2 }, { caller, subject: 'ask' });
        const accepted = { result: { action: 'accept', content: { by: caller.session } } };
        expect(answers).toEqual([accepted, accepted]);
      }),
    );
    await Promise.all(calls);
    for (const { heard, session } of everybody) expect(heard).toEqual(Array(40).fill(session));
  }, 60_000);

  test('runs tools that do not ask for many sessions at once', async () => {
    await using server = await serverOver(transport);
    await using gate = await openGate({ x: server.config });
    const everybody = people();
    const call = (caller: CallerSide) => gate.call('x', 'plain', { ms: 100 }, { caller, subject: 'plain' });
    await call(everybody[0] as Person);
    const most = (await Promise.all(everybody.map(call))) as number[];
    expect(Math.max(...most)).toBe(8);
  });

  test('is told of the client’s every ability, and of the cancelled call of a question', async () => {
    await using server = await serverOver(transport);
    await using gate = await openGate({ x: server.config });
    expect(await gate.call('x', 'declared')).toEqual({
      roots: { listChanged: true },
      sampling: { tools: {}, context: {} },
      elicitation: { form: {}, url: {} },
    });
    const caller = new Person('a');
    const asked = Promise.withResolvers<AbortSignal>();
    caller.ask = (_, signal?: AbortSignal) => {
      if (signal) asked.resolve(signal);
      return new Promise(() => undefined);
    };
    const abort = new AbortController();
    const failure = gate.failure('x', 'hang', {}, { caller, subject: 'hang', signal: abort.signal });
    const signal = await asked.promise;
    abort.abort();
    expect((await failure).code).toBe('cancelled');
    expect(signal.aborted).toBe(true);
  });

  test('has its log messages go to the call they belong to', async () => {
    await using server = await serverOver(transport);
    await using gate = await openGate({ x: server.config });
    const heard: unknown[] = [];
    const onLog = (message: Record<string, unknown>) => heard.push(message.data);
    await gate.call('x', 'log', { who: 'me' }, { caller: new Person('a'), subject: 'log', onLog });
    expect(heard).toEqual(['me']);
    expect(gate.upstreams.logs('x').map((line) => line.text)).toContain('[info] me');
  });
});

describe('a server behind streamable HTTP that asks outside of the call’s stream', () => {
  test('is never answered by the wrong one, and always by the right one once that is known', async () => {
    await using server = await serverOver('http-aside');
    await using gate = await openGate({ x: server.config });
    await gate.call('x', 'plain', { ms: 1 });
    const everybody = people();
    const all = () =>
      Promise.all(
        everybody.map((caller) => gate.call('x', 'ask', { who: caller.session }, { caller, subject: 'ask' })),
      );
    await until(() => gate.upstreams.status('x')?.health === 'ready');
    await all();
    const second = await all();
    for (const { heard, session } of everybody) expect(new Set([session, ...heard])).toEqual(new Set([session]));
    expect(second).toEqual(
      everybody.map(({ session }) => [{ result: { action: 'accept', content: { by: session } } }]),
    );
  });
});
