/** What a gateway's process holds, from /proc: Linux only. */
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { processTree } from '../bench/process-usage.ts';
import { until } from '../fixtures/until.ts';

/** Open sockets of a process, those to its children included. */
export function socketCount(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((fd) => {
    try {
      return readlinkSync(join(folder, fd)).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}

/** Pids of everything the process has started that still runs. */
export function childPids(pid: number): number[] {
  return processTree(pid).flatMap((member) => (member.pid === pid ? [] : [member.pid]));
}

/** Resident memory in MB, without the pages of files: what the process itself has asked for. */
export function privateMb(pid: number): number {
  return Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Environment for a process whose live heap is to be read, and whose warnings go to a file. */
export function observedEnvironment(files: { readonly heap: string; readonly warnings: string }): NodeJS.ProcessEnv {
  const { NODE_OPTIONS = '' } = process.env;
  const options = [`--redirect-warnings=${files.warnings}`, `--import=${join(import.meta.dirname, 'live-heap.mjs')}`];
  return { ...process.env, NODE_OPTIONS: [NODE_OPTIONS, ...options].join(' ').trim(), LIVE_HEAP_FILE: files.heap };
}

/** MB in use after a garbage collection of a process started with `observedEnvironment`. */
export async function liveHeapMb(pid: number, file: string): Promise<number> {
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  await until(() => existsSync(file), { timeoutMs: 20_000, what: 'The measure of the live heap' });
  return Number(readFileSync(file, 'utf8')) / 1_048_576;
}
