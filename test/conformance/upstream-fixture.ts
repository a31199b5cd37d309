/** The conformance fixture server: by itself, and as a server of a Gatehouse. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { gatehouse, root, type Served, serve, start, temporaryDir } from '../fixtures/gatehouse-process.ts';
import { until } from '../fixtures/until.ts';
import { forwardWithToken } from './token-forwarder.ts';

export type Era = 'legacy' | 'modern' | 'both';

const program = [
  '--import',
  join(root, 'test/fixtures/run-typescript.mjs'),
  join(root, 'test/fixtures/conformance-server/main.ts'),
];

/** A server under test. */
export interface Target extends AsyncDisposable {
  readonly url: string;
}

/** Starts the fixture over HTTP, without Gatehouse. */
export async function startFixture(era: Era): Promise<Target> {
  const started = await start([...program, '--transport', 'http', '--era', era]);
  return { url: started.line, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

/** Starts a Gatehouse whose log goes into a folder instead of the output. */
export async function serveQuietly(dataDir: string, folder: string): Promise<Served> {
  mkdirSync(folder, { recursive: true });
  const log = openSync(join(folder, 'gatehouse.log'), 'a');
  try {
    return await serve(dataDir, { stderr: log });
  } finally {
    closeSync(log);
  }
}

const offers = z.array(z.object({ id: z.string(), state: z.string() }));

/**
 * Starts a Gatehouse in front of the fixture, approves all it says, and gives the address a client would use. What
 * Gatehouse logs goes into `folder`.
 */
export async function startBehindGatehouse(transport: 'http' | 'stdio', era: Era, folder: string): Promise<Target> {
  const stack = new AsyncDisposableStack();
  try {
    const home = stack.use(temporaryDir());
    const gate = stack.use(await serveQuietly(join(home.path, 'data'), folder));
    if (transport === 'http') {
      const fixture = stack.use(await startFixture(era));
      await gatehouse(gate.dataDir, 'server', 'add', 'fixture', '--url', fixture.url);
    } else {
      const command = [process.execPath, ...program, '--transport', 'stdio', '--era', era];
      await gatehouse(gate.dataDir, 'server', 'add', 'fixture', '--', ...command);
    }
    await until(() => gatehouse(gate.dataDir, 'tool', 'approve', '--all', '--server', 'fixture'), {
      what: 'Approving what the fixture offers',
    });
    const held = offers
      .parse(await gatehouse(gate.dataDir, 'tool', 'list', '--server', 'fixture'))
      .filter(({ state }) => state !== 'approved');
    if (held.length > 0) throw new Error(`Still held after approving all: ${held.map(({ id }) => id).join(', ')}`);
    const { token } = (await gatehouse(gate.dataDir, 'app', 'token', 'conformance')) as { token: string };
    const forwarder = stack.use(await forwardWithToken(`${gate.endpoint}/servers/fixture`, token));
    const owned = stack.move();
    return { url: forwarder.url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
