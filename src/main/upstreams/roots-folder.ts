import { realpath, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Timers } from './timers.ts';
import type { CallerSide } from './types.ts';

/** How long an app may take to say where it works, in milliseconds. */
const ASK_MS = 10_000;
const MAX_ROOTS = 32;
const MAX_URI_LENGTH = 4_096;

/**
 * The first folder of this computer that the app says it works in (`roots/list`), resolved to its real path. Null when it
 * does not say so, says so too late, or names nothing that exists. Never throws.
 */
export async function folderFromRoots(
  caller: CallerSide,
  { timers, signal }: { readonly timers: Timers; readonly signal: AbortSignal },
): Promise<string | null> {
  const { roots } = caller.capabilities;
  if (typeof roots !== 'object' || roots === null) return null;
  const late = new AbortController();
  const gaveUp = Promise.withResolvers<null>();
  const giveUp = () => {
    late.abort();
    gaveUp.resolve(null);
  };
  const cancel = timers.after(ASK_MS, giveUp);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const asked = caller.ask({ method: 'roots/list', params: { value: {}, json: '{}' } }, late.signal);
    const answer = await Promise.race([asked, gaveUp.promise]);
    const list = answer?.value.roots;
    if (!Array.isArray(list)) return null;
    for (const root of list.slice(0, MAX_ROOTS)) {
      const folder = await existingFolder(root);
      if (folder !== null) return folder;
    }
    return null;
  } catch {
    // An app that refuses or went away has no say; the server runs where its config says.
    return null;
  } finally {
    cancel();
    signal.removeEventListener('abort', giveUp);
  }
}

async function existingFolder(root: unknown): Promise<string | null> {
  const uri: unknown = typeof root === 'object' && root !== null && 'uri' in root ? root.uri : undefined;
  if (typeof uri !== 'string') return null;
  const path = localPathOf(uri);
  if (path === null) return null;
  try {
    const real = await realpath(path);
    return isLocalPath(real) && (await stat(real)).isDirectory() ? real : null;
  } catch {
    return null;
  }
}

/**
 * The absolute path a `file:` URI names on this computer; null for anything else. A host would make Windows log in to that
 * computer (UNC), so that none is accepted, neither as the URI's host nor hidden in its path.
 */
export function localPathOf(uri: string): string | null {
  if (uri.length > MAX_URI_LENGTH) return null;
  try {
    const url = new URL(uri);
    if (url.protocol !== 'file:' || (url.hostname !== '' && url.hostname !== 'localhost')) return null;
    url.hostname = '';
    const path = fileURLToPath(url);
    return isLocalPath(path) ? path : null;
  } catch {
    return null;
  }
}

function isLocalPath(path: string): boolean {
  return isAbsolute(path) && !path.includes('\0') && !/^[/\\]{2}/.test(path);
}
