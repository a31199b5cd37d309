import { randomUUID } from 'node:crypto';
import { readFileSync, realpathSync, renameSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces a file that other programs write too: a temporary file beside it, flushed to disk, renamed over it. Mode
 * 0600. A symbolic link stays one; the file it points to is replaced.
 *
 * Own code instead of write-file-atomic: the look at what is there now has to come after the slow flush and right
 * before the rename, or a change made in between is lost.
 *
 * @param expected the text that must still be there, '' for no file; null: whatever is there
 * @returns false when something else is there now; then nothing was changed
 */
export async function replaceFile(file: string, text: string, expected: string | null): Promise<boolean> {
  const target = realPathOf(file);
  const temporary = `${target}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text, 'utf8');
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (expected !== null && textOf(target) !== expected) return false;
    renameSync(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
  await flushFolder(dirname(target));
  return true;
}

function realPathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

/** Makes the new name durable. Windows has no such call and needs none. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
