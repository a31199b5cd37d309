/** CPU and memory of a process, from /proc: Linux only. */
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
