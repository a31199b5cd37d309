/** Files only their owner may read: written whole or not at all. */
import { randomUUID } from 'node:crypto';
import { constants, copyFile, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces a file: a temporary file beside it, flushed to disk, then renamed over it. Mode 0600. */
export async function replacePrivateFile(file: string, content: string | Buffer): Promise<void> {
  await withTemporary(file, content, (temporary) => rename(temporary, file));
}

/**
 * Creates a file that must not exist yet; complete from the moment it has its name. Mode 0600.
 * @returns false when somebody else created it first.
 */
export async function createPrivateFile(file: string, content: string | Buffer): Promise<boolean> {
  try {
    await withTemporary(file, content, async (temporary) => {
      try {
        await link(temporary, file);
      } catch (error) {
        if (isCode(error, 'EEXIST')) throw error;
        // File systems without hard links.
        await copyFile(temporary, file, constants.COPYFILE_EXCL);
      }
    });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** True for a Node error with this `code`, e.g. `ENOENT`. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

async function withTemporary(
  file: string,
  content: string | Buffer,
  place: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await place(temporary);
  } finally {
    await rm(temporary, { force: true });
  }
  await flushFolder(dirname(file));
}

/** Makes the new name itself durable; Windows neither needs nor allows it. */
async function flushFolder(dir: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
