/** The bridge's token: from the environment, or from an owner-only file. Never from the command line. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `<dataDir>/tokens/claude-desktop-1a2b3c4d.token`: readable, and distinct for names that only differ in other letters. */
export function tokenFileOf(dataDir: string, app: string): string {
  const name = app.trim().toLowerCase().normalize('NFC');
  const readable = name
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40);
  const distinct = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return join(dataDir, 'tokens', `${readable}-${distinct}.token`);
}

/** Keeps a token for `gatehouse stdio --app NAME`, replacing an older one. Gives the file's path. */
export async function writeTokenFile(dataDir: string, app: string, token: string): Promise<string> {
  const file = tokenFileOf(dataDir, app);
  const folder = join(dataDir, 'tokens');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const next = `${file}.${process.pid}.tmp`;
  writeFileSync(next, `${token}\n`, { mode: 0o600 });
  renameSync(next, file);
  return file;
}

/** The kept token; undefined when there is none. Throws when other users could have read the file. */
export function readTokenFile(dataDir: string, app: string): string | undefined {
  const file = tokenFileOf(dataDir, app);
  let mode: number;
  try {
    mode = statSync(file).mode;
  } catch {
    return undefined;
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new Error(
      `${file} can be read by others on this computer. Give the app a new token: gatehouse app token "${app}" --save`,
    );
  }
  return readFileSync(file, 'utf8').trim() || undefined;
}
