/** A program under measurement in a process group of its own, which ends with everything it started. */
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { type ProcessFact, processFact, processTree } from './process-usage.ts';

/** Bytes of output kept to say why a program could not be measured. */
const keptOutput = 4_000;
const graceMs = 5_000;

export interface MeasuredProcess extends AsyncDisposable {
  readonly pid: number;
  /** The first line of its output. */
  readonly firstLine: Promise<string>;
  /** The end of what it printed. */
  lastOutput(): string;
  hasEnded(): boolean;
}

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts a program of the running Node; `args` begins with its file. */
export function startMeasured(args: readonly string[], options: ProgramOptions = {}): MeasuredProcess {
  const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const { pid } = child;
  if (pid === undefined) throw new Error(`Could not start ${args[0]}.`);
  let output = '';
  const { promise: firstLine, resolve, reject } = Promise.withResolvers<string>();
  firstLine.catch(() => undefined);
  child.stdout.setEncoding('utf8');
  child.stderr.setEncoding('utf8');
  let head = '';
  child.stdout.on('data', (text: string) => {
    output = (output + text).slice(-keptOutput);
    if (head.includes('\n')) return;
    head += text;
    if (head.includes('\n')) resolve(head.slice(0, head.indexOf('\n')));
  });
  child.stderr.on('data', (text: string) => {
    output = (output + text).slice(-keptOutput);
  });
  let ended = false;
  const exit = new Promise<void>((done) => {
    child.once('exit', () => {
      ended = true;
      reject(new Error(`${args[0]} ended before it was ready: ${output}`));
      done();
    });
  });
  // A bench that is interrupted leaves nothing behind either.
  const killAtExit = () => killGroup(pid);
  process.once('exit', killAtExit);
  return {
    pid,
    firstLine,
    lastOutput: () => output,
    hasEnded: () => ended,
    async [Symbol.asyncDispose]() {
      const tree = processTree(pid);
      if (!ended) child.kill('SIGTERM');
      await Promise.race([exit, pause(graceMs)]);
      killGroup(pid);
      for (const member of tree) endIfSame(member);
      if (!ended) await exit;
      process.off('exit', killAtExit);
    },
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of the group is left.
  }
}

/** Ends a process that left the group, unless its pid belongs to another by now. */
function endIfSame(member: ProcessFact): void {
  if (processFact(member.pid)?.startedAt !== member.startedAt) return;
  try {
    process.kill(member.pid, 'SIGKILL');
  } catch {
    // It ended between the look and the signal.
  }
}
