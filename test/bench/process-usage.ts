/** CPU and memory of processes and their trees, from /proc: Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

/** CPU seconds all threads of a process have used so far; threads that ended are not in it. */
export function cpuSeconds(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    // Time on the CPU, time waiting for it, time slices: to the nanosecond, where /proc/PID/stat counts in 10 ms.
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  }
  return nanoseconds / 1e9;
}

/** Resident memory of a process in MB. */
export function residentMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb) / 1024;
}

/** A process at one moment. The start time tells it from a later one with the same pid. */
export interface ProcessFact {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks since boot. */
  readonly startedAt: number;
  readonly argv: readonly string[];
}

/** What runs under a pid now; undefined when nothing does, or only what is left of an ended process. */
export function processFact(pid: number): ProcessFact | undefined {
  try {
    // The name in parentheses may contain anything; the fields after it do not.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    if (fields[0] === 'Z') return undefined;
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return { pid, parent: Number(fields[1]), startedAt: Number(fields[19]), argv };
  } catch {
    return undefined;
  }
}

/** A process and everything it started that is still its descendant, itself first. */
export function processTree(root: number): ProcessFact[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processFact(Number(name)) ?? []);
  const tree = all.filter(({ pid }) => pid === root);
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid));
  return tree;
}

/** CPU seconds by pid of some processes; those that ended meanwhile are left out. */
export function cpuByProcess(processes: readonly ProcessFact[]): Map<number, number> {
  return new Map(processes.flatMap(({ pid }) => ifAlive(() => [[pid, cpuSeconds(pid)] as const]) ?? []));
}

/** Resident memory of some processes together, in MB. Pages they share count for each. */
export function residentMbOf(processes: readonly ProcessFact[]): number {
  return processes.reduce((sum, { pid }) => sum + (ifAlive(() => residentMb(pid)) ?? 0), 0);
}

function ifAlive<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
