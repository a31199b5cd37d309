import { type ChildProcess, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Variable that marks every process of one run of a server. Children inherit it, so processes that left the group
 * (daemons, browsers started detached) are still found where the system lets us read it.
 */
export const RUN_MARK = 'GATEHOUSE_RUN';

const POLL_MS = 25;

/** How long each step of an ending may take, in milliseconds. */
export interface StopPatience {
  /** After closing stdin, which MCP servers take as the end. */
  readonly stdinMs: number;
  /** After SIGTERM. */
  readonly termMs: number;
  /** After SIGKILL, before we report that something survived. */
  readonly killMs: number;
}

export const STOP_PATIENCE: StopPatience = { stdinMs: 800, termMs: 1_500, killMs: 2_000 };

/** A server's process and everything it started, as one thing that can be ended. */
export class ProcessTree {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #mark: string;
  #ending: Promise<boolean> | undefined;
  #isEnded = false;

  /** @param child a process spawned with `detached: true` (except on Windows) and `mark` in `RUN_MARK`. */
  constructor(child: ChildProcess, pid: number, mark: string) {
    this.#child = child;
    this.pid = pid;
    this.#mark = mark;
  }

  /**
   * Ends all of it: end of stdin, SIGTERM, SIGKILL, each with its patience.
   * @returns true when nothing is left; false when something survived SIGKILL (stuck in the kernel).
   */
  stop(patience: StopPatience = STOP_PATIENCE): Promise<boolean> {
    this.#ending ??= this.#stop(patience);
    return this.#ending;
  }

  /** Ends all of it at once and without waiting; for the moment Gatehouse itself exits. */
  killNow(): void {
    // Once nothing is left, the system may have given the number to somebody else.
    if (this.#isEnded) return;
    this.#signal('SIGKILL');
    for (const pid of markedProcesses(this.#mark)) signalProcess(pid, 'SIGKILL');
  }

  async #stop(patience: StopPatience): Promise<boolean> {
    this.#child.stdin?.end();
    if (await this.#goneWithin(patience.stdinMs)) return true;
    this.#signal('SIGTERM');
    for (const pid of markedProcesses(this.#mark)) signalProcess(pid, 'SIGTERM');
    if (await this.#goneWithin(patience.termMs)) return true;
    this.killNow();
    return this.#goneWithin(patience.killMs);
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (process.platform === 'win32') {
      const force = signal === 'SIGKILL' ? ['/F'] : [];
      spawnSync('taskkill', ['/PID', String(this.pid), '/T', ...force], { windowsHide: true, stdio: 'ignore' });
      return;
    }
    signalProcess(-this.pid, signal);
  }

  async #goneWithin(ms: number): Promise<boolean> {
    const deadline = performance.now() + ms;
    for (;;) {
      if (this.#isGone()) {
        this.#isEnded = true;
        return true;
      }
      if (performance.now() >= deadline) return false;
      await delay(POLL_MS);
    }
  }

  #isGone(): boolean {
    if (this.#child.exitCode === null && this.#child.signalCode === null) return false;
    return process.platform === 'win32' || (!isGroupAlive(this.pid) && markedProcesses(this.#mark).length === 0);
  }
}

function signalProcess(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // ESRCH: it is gone already, which is what was wanted.
  }
}

/** True while a process of the group runs. Zombies that nobody has collected yet do not count. */
export function isGroupAlive(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch (error) {
    // EPERM: members exist that belong to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  if (process.platform !== 'linux') return true;
  return processIds().some((pid) => {
    const stat = readProcFile(pid, 'stat');
    // "pid (name) state ppid pgrp …"; the name may hold spaces and parentheses.
    const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(pgrp) === group && state !== 'Z' && state !== 'X';
  });
}

/**
 * Ends what an earlier Gatehouse of the same `owner` left running when it was killed. Only safe while no other instance
 * of that owner runs. Linux only: elsewhere nothing tells whose processes they were.
 * @returns how many processes were ended
 */
export function endOrphans(owner: string): number {
  if (process.platform !== 'linux') return 0;
  const entry = `${RUN_MARK}=${owner}.`;
  const orphans = processIds().filter((pid) =>
    readProcFile(pid, 'environ')
      .split('\0')
      .some((variable) => variable.startsWith(entry)),
  );
  for (const pid of orphans) signalProcess(pid, 'SIGKILL');
  return orphans.length;
}

/** Processes that carry a run's mark. Linux only: elsewhere a process that leaves its group is not found. */
function markedProcesses(mark: string): number[] {
  if (process.platform !== 'linux') return [];
  const entry = `${RUN_MARK}=${mark}`;
  return processIds().filter((pid) => pid !== process.pid && readProcFile(pid, 'environ').split('\0').includes(entry));
}

function processIds(): number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

/** A file of /proc, or an empty text when the process is gone or not ours. */
function readProcFile(pid: number, file: 'stat' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
