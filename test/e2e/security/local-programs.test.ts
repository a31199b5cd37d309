/** What a program without any right can do to the ports and the socket of a running Gatehouse: nothing that lasts. */
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { gatehouse, type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';

describe('A program on this computer that has no token', () => {
  const folder = temporaryDir();
  let gate: Served;
  beforeAll(async () => {
    gate = await serve(folder.path, { cliAdmin: false });
  });
  afterAll(async () => {
    await gate?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const stillServes = async () => expect(await gatehouse(folder.path, 'status')).toMatchObject({ pid: gate.pid });

  /** Asks for a WebSocket and resets the connection while the answer is on its way. */
  function upgradeAndReset(target: { port: number; host: string } | { path: string }, extra = ''): Promise<void> {
    const socket = connect(target);
    socket.on('error', () => undefined);
    const closed = new Promise<void>((done) => socket.once('close', () => done()));
    socket.once('connect', () => {
      const lines = ['GET /rpc HTTP/1.1', 'Host: 127.0.0.1', 'Connection: Upgrade', 'Upgrade: websocket', extra];
      socket.write(`${lines.filter(Boolean).join('\r\n')}\r\n\r\n${'x'.repeat(4_000)}`, () => {
        setImmediate(() => ('path' in target ? socket.destroy() : socket.resetAndDestroy()));
      });
    });
    return closed;
  }

  it('cannot end it with connections to the console that break off', async () => {
    const { port } = new URL(gate.consoleLogin);
    const target = { port: Number(port), host: '127.0.0.1' };
    await Promise.all(Array.from({ length: 50 }, () => upgradeAndReset(target)));
    await stillServes();
  });

  it('cannot end it with connections to the endpoint that break off', async () => {
    const { port } = new URL(gate.endpoint);
    const target = { port: Number(port), host: '127.0.0.1' };
    await Promise.all(Array.from({ length: 50 }, () => upgradeAndReset(target)));
    await stillServes();
  });

  it('cannot end it over the admin socket: broken connections, broken frames, frames over the limit', async () => {
    const path = join(folder.path, 'gatehouse.sock');
    await Promise.all(Array.from({ length: 20 }, () => upgradeAndReset({ path }, 'Origin: http://evil.test')));
    for (const ruin of [
      (client: WebSocket) => client.send('x'.repeat(9 * 1024 * 1024)),
      // A frame with bits set that mean nothing.
      (client: WebSocket) => void socketOf(client).write(Buffer.from([0xff, 0xff, 0xff, 0xff])),
      (client: WebSocket) => client.send('not a message of the contract'),
    ]) {
      const client = new WebSocket('ws://gatehouse/rpc', { createConnection: () => connect(path) });
      client.on('error', () => undefined);
      await new Promise((opened) => client.once('open', opened));
      ruin(client);
      await stillServes();
      client.terminate();
    }
  });
});

/** The connection below a WebSocket, to write what no client would. */
const socketOf = (client: WebSocket) => (client as unknown as { _socket: ReturnType<typeof connect> })._socket;
