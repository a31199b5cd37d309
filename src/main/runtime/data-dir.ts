/** Where Gatehouse keeps its files, and how that folder is made safe. */
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, stat } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** What the choice of a folder depends on; injected so that every platform can be tested on one. */
export interface DataDirFacts {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const here = (): DataDirFacts => ({ platform: platform(), home: homedir(), env: process.env });

/**
 * The data folder of `gatehouse serve`: `$XDG_DATA_HOME/gatehouse` and its equivalents. It differs from the desktop
 * app's folder on every platform, because the two keep their keys in different vaults.
 */
export function headlessDataDir({ platform, home, env }: DataDirFacts = here()): string {
  switch (platform) {
    case 'win32':
      return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'gatehouse');
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'Gatehouse Headless');
    default:
      return join(absolute(env.XDG_DATA_HOME) ?? join(home, '.local', 'share'), 'gatehouse');
  }
}

/** The desktop app's data folder: what Electron calls `userData`. */
export function desktopDataDir({ platform, home, env }: DataDirFacts = here()): string {
  switch (platform) {
    case 'win32':
      return join(env.APPDATA ?? join(home, 'AppData', 'Roaming'), 'Gatehouse');
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'Gatehouse');
    default:
      return join(absolute(env.XDG_CONFIG_HOME) ?? join(home, '.config'), 'Gatehouse');
  }
}

/** The folders in which a running Gatehouse is looked for: the given one, or both fronts' usual ones. */
export function candidateDataDirs(given: string | undefined, facts: DataDirFacts = here()): readonly string[] {
  return given === undefined ? [headlessDataDir(facts), desktopDataDir(facts)] : [resolve(given)];
}

// The XDG specification says a relative path must be ignored.
function absolute(path: string | undefined): string | undefined {
  return path?.startsWith('/') ? path : undefined;
}

/**
 * Makes a folder that only its owner can enter. An existing folder is narrowed to 0700.
 * Throws when the path is something else, or belongs to another user.
 * @param options.mayBeLink whether the path itself may be a symbolic link, as a person may set up for a data folder; never
 * in a place where others can put one
 */
export async function ensurePrivateDir(dir: string, options = { mayBeLink: true }): Promise<void> {
  try {
    await makeFolder(dir);
  } catch (error) {
    throw folderUnusable(dir, error);
  }
  const info = await (options.mayBeLink ? stat(dir) : lstat(dir));
  if (!info.isDirectory()) throw new Error(`${dir} is not a folder. Choose another one with --data-dir.`);
  if (platform() === 'win32') return;
  if (info.uid !== process.getuid?.()) {
    throw new Error(`${dir} belongs to another user, so it cannot hold your secrets. Choose another --data-dir.`);
  }
  if ((info.mode & 0o077) !== 0) await chmod(dir, 0o700);
}

/** Not `recursive: true`: that never returns below a folder such as /proc, where making a folder answers ENOENT. */
async function makeFolder(dir: string): Promise<void> {
  if (existsSync(dir)) return;
  const parent = dirname(dir);
  if (parent !== dir) await makeFolder(parent);
  try {
    await mkdir(dir, { mode: 0o700 });
  } catch (error) {
    // Another process was faster.
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** What the operating system said about a folder that cannot be made or written, with what to do. */
export function folderUnusable(dir: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new Error(`There is no space left in ${dir}. Free some space and start again.`, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new Error(
        `${dir} cannot be written (${reason}). Make the folder writable for you, or choose another one with --data-dir.`,
        { cause: error },
      );
    default:
      return new Error(`${dir} cannot be used as a folder (${reason}). Choose another one with --data-dir.`, {
        cause: error,
      });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
