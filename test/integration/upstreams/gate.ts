import { join, resolve } from 'node:path';
import type { ServerConfig } from '@shared/contract/index.ts';
import {
  type CallerSide,
  createUpstreams,
  QuestionRefused,
  type UpstreamContext,
  UpstreamError,
  type Upstreams,
  type UpstreamsOptions,
} from '../../../src/main/upstreams/index.ts';

const fixtures = resolve(import.meta.dirname, '../../fixtures/servers');

/** The config of a hostile stdio server; see test/fixtures/servers/README.md. */
export function hostile(mode: string, ...args: string[]): ServerConfig {
  return { command: process.execPath, args: [join(fixtures, 'hostile.mjs'), mode, ...args] };
}

/** The config of a well-behaved server whose life is looked at; see test/fixtures/servers/README.md. */
export function living(mode: string, ...args: string[]): ServerConfig {
  return { command: process.execPath, args: [join(fixtures, 'living.mjs'), mode, ...args] };
}

/** An app, or one session of it, that answers what it is asked. */
export function callerOf(
  app: string,
  session: string | null = null,
  more: Partial<Pick<CallerSide, 'capabilities' | 'ask'>> = {},
): CallerSide {
  return {
    app,
    session,
    capabilities: {},
    ask: () => Promise.reject(new QuestionRefused(-32601, 'Nobody is asked here.')),
    notify: () => undefined,
    ...more,
  };
}

export const httpFixture = join(fixtures, 'http.mjs');

/** Upstreams with real time and short patience, and what tests mostly do with them. */
export interface TestGate extends AsyncDisposable {
  readonly upstreams: Upstreams;
  /** Calls a tool; gives the text of its first content block, parsed when it is JSON. */
  call(server: string, tool: string, args?: object, context?: Partial<UpstreamContext>): Promise<unknown>;
  /** The error a call ends with. */
  failure(server: string, tool: string, args?: object, context?: Partial<UpstreamContext>): Promise<UpstreamError>;
  context(more?: Partial<UpstreamContext>): UpstreamContext;
}

export async function openGate(
  servers: Record<string, ServerConfig>,
  options: Partial<UpstreamsOptions> = {},
): Promise<TestGate> {
  const upstreams = createUpstreams({
    resolveSecret: async () => undefined,
    clock: Date.now,
    log: { debug: () => undefined, warn: console.warn, error: console.error },
    clientInfo: { name: 'gatehouse-test', version: '0.0.0' },
    stopPatience: { stdinMs: 300, termMs: 300, killMs: 3_000 },
    ...options,
  });
  await upstreams.allow(new Map(Object.entries(servers)));
  const context = (more: Partial<UpstreamContext> = {}): UpstreamContext => ({
    signal: new AbortController().signal,
    timeoutMs: 20_000,
    maxTotalMs: 30_000,
    ...more,
  });
  const call: TestGate['call'] = async (server, tool, args = {}, more = {}) => {
    const request = { method: 'tools/call', params: { name: tool, arguments: args } };
    const { result } = await upstreams.request(server, request, context(more));
    const [block] = result.content as { text?: string }[];
    try {
      return JSON.parse(block?.text ?? '');
    } catch {
      return block?.text;
    }
  };
  return {
    upstreams,
    context,
    call,
    async failure(server, tool, args, more) {
      try {
        const answer = await call(server, tool, args, more);
        throw new Error(`The call was answered: ${JSON.stringify(answer).slice(0, 200)}`);
      } catch (error) {
        if (error instanceof UpstreamError) return error;
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => upstreams[Symbol.asyncDispose](),
  };
}

/** True while a process runs (a zombie does not). */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    const stat = process.getBuiltinModule('node:fs').readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}
