import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import spawn from 'cross-spawn';
import type { JsonObject } from './json-rpc.ts';
import { LineFramer } from './line-framer.ts';
import { type Link, LinkError, type LinkReceiver, type Outgoing } from './link.ts';
import type { LogRing } from './log-ring.ts';
import { MAX_MESSAGE_BYTES, tooLarge } from './message-limit.ts';
import { deliver, onOneLine } from './message-text.ts';
import { ProcessTree, RUN_MARK, type StopPatience } from './process-tree.ts';
import { resolveProgram } from './program-path.ts';

/** Bytes that may wait for a server that does not read its stdin. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;
const MAX_LOG_LINE_BYTES = 16 * 1024;

/** A program to run, secrets filled in. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  /** Names the Gatehouse it runs for, so that a later one can end what a killed one left. */
  readonly owner: string;
}

/**
 * A server as a child process: one JSON-RPC message per line on stdin and stdout, stderr is its log. Spawned without a
 * shell and in a process group of its own, so that ending it ends what it started.
 *
 * Own code instead of the SDK's stdio transport: that one has no process group, re-parses every message through
 * schemas, and hands out stderr unbounded.
 */
export class StdioLink implements Link {
  readonly streams = false;
  readonly #program: Program;
  readonly #log: LogRing;
  readonly #patience: StopPatience | undefined;
  #receiver: LinkReceiver | undefined;
  #child: ChildProcess | undefined;
  #tree: ProcessTree | undefined;
  #closed = false;
  readonly #give = (message: JsonObject, text: string): void => {
    if (!this.#closed) this.#receiver?.message(message, text, undefined);
  };

  constructor(options: { readonly program: Program; readonly log: LogRing; readonly patience?: StopPatience }) {
    this.#program = options.program;
    this.#log = options.log;
    this.#patience = options.patience;
  }

  get pid(): number | null {
    return this.#tree?.pid ?? null;
  }

  listen(receiver: LinkReceiver): void {
    this.#receiver = receiver;
  }

  async open(): Promise<void> {
    const { command, args, env, cwd, owner } = this.#program;
    if (cwd !== undefined && !isFolder(cwd)) {
      throw new LinkError('not_found', `its folder ${cwd} does not exist. Create it or change "cwd".`, {
        notSent: true,
      });
    }
    // Looked up in the server's own PATH, and by us: a spawn would search Gatehouse's.
    const file = resolveProgram(command, cwd ?? null, env);
    if (file === null) {
      const where = /[/\\]/.test(command) ? 'does not exist or may not be run' : 'was not found on PATH';
      throw new LinkError('not_found', `the program ${command} ${where}. Install it, or write its full path.`, {
        notSent: true,
      });
    }
    const mark = `${owner}.${randomUUID()}`;
    // cross-spawn starts .cmd and .bat programs (npx is one) on Windows; elsewhere it is Node's spawn.
    const child = spawn(file, [...args], {
      cwd,
      env: { ...env, [RUN_MARK]: mark },
      argv0: command,
      stdio: ['pipe', 'pipe', 'pipe'],
      shell: false,
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    this.#child = child;
    if (child.pid !== undefined) this.#tree = new ProcessTree(child, child.pid, mark);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => {
        reject(new LinkError('not_found', `it could not be run: ${error.message}.`, { notSent: true, cause: error }));
      });
    });
    this.#attach(child);
  }

  #attach(child: ChildProcess): void {
    child.on('error', (error) => this.#log.note(`The process reported: ${error.message}`));
    // EPIPE and the like: the exit that follows says what happened.
    child.stdin?.on('error', () => undefined);
    const messages = new LineFramer({
      maxBytes: MAX_MESSAGE_BYTES,
      onLine: (line, isExact) => this.#receive(line, isExact),
      onTooLong: () => this.#end(tooLarge()),
    });
    child.stdout?.on('data', (chunk: Buffer) => messages.feed(chunk));
    const words = new LineFramer({
      maxBytes: MAX_LOG_LINE_BYTES,
      onLine: (line) => this.#log.add('stderr', line),
      onTooLong: 'cut',
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      if (this.#log.hasRoom()) return words.feed(chunk);
      // A flood is not even looked at, but always read: a full pipe would stop the server in the middle of a call.
      words.skipToLineEnd();
      this.#log.drop(chunk.length);
    });
    child.stderr?.on('end', () => words.end());
    child.once('exit', (code, signal) => {
      // What the process wrote before it ended may still be in the pipes; children it left behind may keep them open.
      const settle = () =>
        this.#end(new LinkError('gone', `it ended (${exitText(code, signal)}).`, { notSent: false }));
      const fallback = setTimeout(settle, 250);
      child.once('close', () => {
        clearTimeout(fallback);
        settle();
      });
    });
  }

  async send(message: Outgoing): Promise<void> {
    const stdin = this.#child?.stdin;
    if (this.#closed || !stdin?.writable || this.#child?.exitCode !== null || this.#child.signalCode !== null) {
      throw new LinkError('gone', 'it is not running.', { notSent: true });
    }
    if (stdin.writableLength > MAX_UNREAD_BYTES) {
      throw new LinkError('gone', 'it does not read what is sent to it.', { notSent: true });
    }
    stdin.write(`${onOneLine(message.text)}\n`);
  }

  agreeOn(): void {
    // stdio messages do not repeat the version.
  }

  async close(): Promise<void> {
    this.#closed = true;
    const gone = (await this.#tree?.stop(this.#patience)) ?? true;
    if (!gone) this.#log.note('Some of its processes survived being killed; the system holds on to them.');
    this.#child?.stdout?.destroy();
    this.#child?.stderr?.destroy();
  }

  killNow(): void {
    this.#tree?.killNow();
  }

  #receive(line: string, isExact: boolean): void {
    const mayBeMessage = isExact && (line.startsWith('{') || line.startsWith('['));
    if (mayBeMessage && deliver(line, this.#give) === 'delivered') return;
    // Servers that print to stdout by mistake are common; it is a log line, not a fault.
    this.#log.add('stdout', line.slice(0, MAX_LOG_LINE_BYTES));
  }

  #end(reason: LinkError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#receiver?.closed(reason);
  }
}

function exitText(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exit code ${code}` : `killed by ${signal}`;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
