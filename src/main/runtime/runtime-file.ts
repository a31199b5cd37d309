/**
 * runtime.json: how the command line and the stdio bridge find the running instance of a data folder.
 * Kept free of dependencies, because the bridge's start-up time and memory are budgeted.
 */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What a running instance says about itself. Holds no secret. */
export interface RuntimeInfo {
  /** The MCP endpoint, or null while it is not listening (its port is taken, say). */
  readonly endpoint: string | null;
  /** The console's address without a login token; null on the desktop. */
  readonly console: string | null;
  /** Path of the admin socket, or the name of the pipe on Windows. */
  readonly socket: string;
  readonly pid: number;
  readonly version: string;
  /** Milliseconds since epoch. */
  readonly startedAt: number;
}

export function runtimeFileOf(dataDir: string): string {
  return join(dataDir, 'runtime.json');
}

/** Replaces runtime.json in one step; readers see the old or the new one. */
export function writeRuntimeFile(dataDir: string, info: RuntimeInfo): void {
  const file = runtimeFileOf(dataDir);
  const next = `${file}.${process.pid}.tmp`;
  writeFileSync(next, `${JSON.stringify(info, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, file);
}

export async function removeRuntimeFile(dataDir: string): Promise<void> {
  await rm(runtimeFileOf(dataDir), { force: true });
}

/**
 * The instance that runtime.json names, or undefined when there is no such file, it makes no sense, or its process is
 * gone. Whether the process really is Gatehouse shows only when its socket answers.
 */
export function readRuntimeFile(dataDir: string): RuntimeInfo | undefined {
  let text: string;
  try {
    text = readFileSync(runtimeFileOf(dataDir), 'utf8');
  } catch {
    return undefined;
  }
  const info = parseRuntimeInfo(text);
  return info && isAlive(info.pid) ? info : undefined;
}

/** Exported for its test: undefined for anything that is not exactly a RuntimeInfo. */
export function parseRuntimeInfo(text: string): RuntimeInfo | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { endpoint, console, socket, pid, version, startedAt } = value as Record<string, unknown>;
  const isTextOrNull = (field: unknown): field is string | null => field === null || typeof field === 'string';
  if (!isTextOrNull(endpoint) || !isTextOrNull(console)) return undefined;
  if (typeof socket !== 'string' || typeof version !== 'string') return undefined;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (typeof startedAt !== 'number') return undefined;
  // The bridge sends its token to this address, so it never leaves the computer.
  if (endpoint !== null && !isLoopbackUrl(endpoint)) return undefined;
  return { endpoint, console, socket, pid, version, startedAt };
}

function isLoopbackUrl(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'http:' && (url.hostname === '127.0.0.1' || url.hostname === '[::1]');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process exists but is another user's. Its socket will not answer, but that is for the caller to see.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
