/** The desktop app's own log: a file, because an installed app has no terminal. Not the call log. */
import { mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { destination, type Logger, pino, stdSerializers } from 'pino';

/** A larger file is set aside at start, in bytes; one older file is kept. */
const largestLog = 5 * 1024 * 1024;

function setAsideIfLarge(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > largestLog) renameSync(file, `${file}.1`);
}

/** Opens `gatehouse.log` in the data folder, readable by its owner alone. */
export function openLogFile(dataDir: string): Logger {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, 'gatehouse.log');
  setAsideIfLarge(file);
  const out = destination({ dest: file, sync: true, mode: 0o600 });
  return pino({ level: 'info', serializers: { error: stdSerializers.err } }, out);
}
