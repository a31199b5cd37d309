/** The contract over the running instance's admin socket. */
import { connect } from 'node:net';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '@shared/contract/index.ts';
import { WebSocket } from 'ws';
import { findRunningInstance, type RunningInstance } from '../runtime/index.ts';
import { CliError } from './exit.ts';

export type AdminClient = ContractRouterClient<Contract>;

export interface AdminConnection extends Disposable {
  readonly client: AdminClient;
  readonly instance: RunningInstance;
  /** True once the instance hung up: what failed after that, failed because Gatehouse stopped. */
  isLost(): boolean;
}

const connectTimeoutMs = 5000;

/** Connects to the instance of the data folder (or the usual ones). Throws CliError `not_running`. */
export async function connectToInstance(dataDir: string | undefined): Promise<AdminConnection> {
  const instance = await findRunningInstance(dataDir);
  if (!instance) {
    const where = dataDir === undefined ? '' : ` for ${dataDir}`;
    throw new CliError(
      'not_running',
      `Gatehouse is not running${where}. Start the desktop app, or run: gatehouse serve${dataDir === undefined ? '' : ` --data-dir ${typed(dataDir)}`}`,
    );
  }
  const socket = new WebSocket('ws://gatehouse/rpc', {
    // Not a ws+unix: URL, which cannot hold every path, nor the name of a Windows pipe.
    createConnection: () => connect(instance.socket),
    handshakeTimeout: connectTimeoutMs,
    maxPayload: 0,
    perMessageDeflate: false,
  });
  try {
    await new Promise<void>((opened, failed) => {
      socket.once('open', opened);
      socket.once('error', failed);
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError('not_running', `Gatehouse (process ${instance.pid}) does not answer: ${reason}.`);
  }
  let lost = false;
  socket.once('close', () => {
    lost = true;
  });
  const link = new RPCLink({ websocket: socket });
  return {
    client: createORPCClient(link),
    instance,
    isLost: () => lost,
    [Symbol.dispose]: () => socket.terminate(),
  };
}

/** A folder as it would be typed in a shell. */
function typed(dir: string): string {
  return /^[\w@%+=:,./~-]+$/.test(dir) ? dir : JSON.stringify(dir);
}
