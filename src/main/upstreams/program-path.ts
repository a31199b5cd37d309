import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

/**
 * Finds the file a command would run, the way a spawn without shell does: a word with a slash is a path (relative to
 * `cwd`), anything else is looked up on PATH. Null when nothing executable is there.
 */
export function resolveProgram(
  command: string,
  cwd: string | null,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | null {
  const extensions = process.platform === 'win32' ? ['', ...(env.PATHEXT ?? '.COM;.EXE;.BAT;.CMD').split(';')] : [''];
  if (/[/\\]/.test(command) || isAbsolute(command)) {
    return firstRunnable(resolve(cwd ?? process.cwd(), command), extensions);
  }
  const path = env.PATH ?? env.Path ?? '';
  for (const folder of path.split(delimiter).filter((part) => part !== '')) {
    const found = firstRunnable(join(folder, command), extensions);
    if (found) return found;
  }
  return null;
}

function firstRunnable(base: string, extensions: readonly string[]): string | null {
  return extensions.map((extension) => base + extension).find(isRunnable) ?? null;
}

function isRunnable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
