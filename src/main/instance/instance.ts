import type { WebSocket } from 'ws';
import {
  ensurePrivateDir,
  findRunningInstance,
  type RunningInstance,
  removeRuntimeFile,
  socketPathFor,
  writeRuntimeFile,
} from '../runtime/index.ts';
import { openAdminSocket } from './admin-socket.ts';
import { DataDirInUse, lockDataDir } from './data-dir-lock.ts';

/** What a front tells the world about the instance it runs. */
export interface InstanceFacts {
  readonly version: string;
  /** Milliseconds since epoch. */
  readonly startedAt: number;
  /** Read again at every `refresh`, because the person can move the port. */
  readonly endpoint: () => string | null;
  /** The console's address without a login token; null on the desktop. */
  readonly console: string | null;
}

/** A data folder that belongs to this process until it is disposed. */
export interface Instance extends AsyncDisposable {
  readonly dataDir: string;
  /** Opens the admin socket, whose clients get the contract from `attach`, then writes runtime.json. Call once. */
  open(attach: (client: WebSocket) => void, facts: InstanceFacts): Promise<void>;
  /**
   * Hangs up on the command line and removes runtime.json, so that nobody begins anything while the app stops. The folder
   * stays claimed until the instance is disposed, which does this too.
   */
  close(): Promise<void>;
  /** Writes runtime.json again if the endpoint moved. Does nothing before `open`. */
  refresh(): void;
}

/** Another instance runs for this data folder. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';
  /** Undefined when it holds the folder but does not answer (it is just starting, or hangs). */
  readonly running: RunningInstance | undefined;

  constructor(dataDir: string, running: RunningInstance | undefined, cause: unknown) {
    super(
      running
        ? `Gatehouse already runs for ${dataDir} (process ${running.pid}${running.endpoint ? `, ${running.endpoint}` : ''}).`
        : `Another Gatehouse holds ${dataDir} but does not answer.`,
      { cause },
    );
    this.running = running;
  }
}

/**
 * Claims a data folder: creates it private to its owner and takes its lock. Throws `AlreadyRunning` when another process
 * has it; waits up to `patienceMs` for that one to finish starting, so that it can be named.
 */
export async function claimInstance(dataDir: string, patienceMs = 5000): Promise<Instance> {
  await ensurePrivateDir(dataDir);
  using claiming = new DisposableStack();
  const lock = claiming.use(await lockOrExplain(dataDir, patienceMs));
  const open = new AsyncDisposableStack();
  // Whatever an earlier process left is void now.
  await removeRuntimeFile(dataDir);
  let announce: (() => void) | undefined;
  const close = async () => {
    announce = undefined;
    await open.disposeAsync();
  };
  claiming.move();

  return {
    dataDir,
    async open(attach, facts) {
      const { path, privateDir } = socketPathFor(dataDir);
      if (privateDir) await ensurePrivateDir(privateDir, { mayBeLink: false });
      open.use(await openAdminSocket(path, attach));
      let announced: string | null | undefined;
      announce = () => {
        const endpoint = facts.endpoint();
        if (endpoint === announced) return;
        announced = endpoint;
        const { console, version, startedAt } = facts;
        writeRuntimeFile(dataDir, { endpoint, console, socket: path, pid: process.pid, version, startedAt });
      };
      announce();
      open.defer(() => removeRuntimeFile(dataDir));
    },
    close,
    refresh: () => announce?.(),
    async [Symbol.asyncDispose]() {
      try {
        await close();
      } finally {
        lock[Symbol.dispose]();
      }
    },
  };
}

async function lockOrExplain(dataDir: string, patienceMs: number): Promise<Disposable> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return lockDataDir(dataDir);
    } catch (error) {
      if (!(error instanceof DataDirInUse)) throw error;
      const running = await findRunningInstance(dataDir);
      if (running || performance.now() >= deadline) throw new AlreadyRunning(dataDir, running, error);
      // Starting, or stopping: after a stop the lock is free a moment later, and this process takes over.
      await new Promise((again) => setTimeout(again, 50));
    }
  }
}
