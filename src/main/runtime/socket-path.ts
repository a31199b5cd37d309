/** Where the admin socket lives. */
import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';

/** Bytes a unix socket path may have: 104 with the closing zero on macOS, 108 on Linux. */
const longestSocketPath = 103;

export interface SocketPathFacts {
  readonly platform: NodeJS.Platform;
  readonly runtimeDir: string | undefined;
  readonly tmpDir: string;
  readonly user: string;
}

/**
 * `<dataDir>/gatehouse.sock`; for a folder too deep for a unix socket, a short path in a private folder under
 * `$XDG_RUNTIME_DIR` or the temporary folder. `privateDir` must be made with `ensurePrivateDir` before listening.
 *
 * On Windows a pipe with a random name: pipe names are global, so a guessable one could be taken by somebody else first.
 */
export function socketPathFor(
  dataDir: string,
  facts: SocketPathFacts = {
    platform: process.platform,
    runtimeDir: process.env.XDG_RUNTIME_DIR,
    tmpDir: tmpdir(),
    user: userInfo().username,
  },
): { path: string; privateDir: string | null } {
  if (facts.platform === 'win32') {
    return { path: `\\\\.\\pipe\\gatehouse-${randomBytes(16).toString('hex')}`, privateDir: null };
  }
  const path = join(resolve(dataDir), 'gatehouse.sock');
  if (Buffer.byteLength(path) <= longestSocketPath) return { path, privateDir: null };
  const name = `${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16)}.sock`;
  const privateDir = facts.runtimeDir?.startsWith('/')
    ? join(facts.runtimeDir, 'gatehouse')
    : join(facts.tmpDir, `gatehouse-${facts.user}`);
  return { path: join(privateDir, name), privateDir };
}

/** True when something accepts connections on the socket within the time given. Sends nothing. */
export function socketAnswers(path: string, timeoutMs = 1000): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(path);
    const finish = (answers: boolean) => {
      socket.destroy();
      done(answers);
    };
    socket.setTimeout(timeoutMs, () => finish(false));
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}
