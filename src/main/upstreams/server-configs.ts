import { mkdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConfigProblem, ServerConfig } from '@shared/contract/index.ts';
import { serverNameSchema } from '@shared/words.ts';
import { watch } from 'chokidar';
import { configFlaw } from './launch-identity.ts';
import { replaceFile } from './replace-file.ts';
import { isSame, parseServersFile, withoutServer, withServer } from './servers-file.ts';
import type { RoomLog, ServerConfigs } from './types.ts';

/** An editor that does not save atomically is seen half-way; such a text is looked at again after this time. */
const LOOK_AGAIN_MS = 150;
const LOOKS_AGAIN = 5;
/** How often servers.json is looked at for edits, in milliseconds. */
const WATCH_MS = 300;
/** Other programs may write between our read and our write this often before we give up. */
const MAX_WRITE_ATTEMPTS = 20;
const MAX_FILE_CHARACTERS = 8 * 1024 * 1024;

/** A change of servers.json that was not made, and what the person can do about it. */
export class ServersFileError extends Error {
  override readonly name = 'ServersFileError';
}

export interface ServerConfigsOptions {
  /** Absolute path of servers.json. */
  readonly file: string;
  readonly log?: RoomLog | undefined;
}

/** Reads servers.json at once and follows it from then on. The folder is created when missing. */
export function createServerConfigs(options: ServerConfigsOptions): ServerConfigs {
  return new WatchedServersFile(resolve(options.file), options.log);
}

class WatchedServersFile implements ServerConfigs {
  readonly #file: string;
  readonly #log: RoomLog | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #watcher: ReturnType<typeof watch>;
  /** Reads and writes run one after the other, so that none acts on a text the other has replaced. */
  #turn: Promise<unknown> = Promise.resolve();
  #text: string | null = null;
  #servers: ReadonlyMap<string, ServerConfig> = new Map();
  #problem: ConfigProblem | null = null;
  #reloadWanted = false;
  #disposed = false;

  constructor(file: string, log: RoomLog | undefined) {
    this.#file = file;
    this.#log = log;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    try {
      this.#take(withoutByteOrderMark(readFileSync(file, 'utf8')));
    } catch (error) {
      this.#takeUnreadable(error);
    }
    // Follows the name, not the file: careful editors rename a new file over it, and it need not exist yet.
    // Looked at by time: the system's own events come for the whole folder, where the database writes at every call.
    this.#watcher = watch(file, { ignoreInitial: true, usePolling: true, interval: WATCH_MS });
    this.#watcher.on('all', () => this.#reloadSoon());
    // What was written between the first read and the watch's start is seen here.
    this.#watcher.on('ready', () => this.#reloadSoon());
    this.#watcher.on('error', (error) => {
      log?.warn({ file, error: String(error) }, 'servers.json cannot be watched; edits count after a restart');
    });
  }

  all(): ReadonlyMap<string, ServerConfig> {
    return this.#servers;
  }

  problem(): ConfigProblem | null {
    return this.#problem;
  }

  async put(name: string, config: ServerConfig): Promise<void> {
    const named = serverNameSchema.safeParse(name);
    if (!named.success) throw new ServersFileError(named.error.issues[0]?.message ?? 'That is not a server name.');
    const flaw = configFlaw(config);
    if (flaw !== null) throw new ServersFileError(`${name} was not written. ${flaw}`);
    await this.#inTurn(() => this.#edit((text) => withServer(text, name, config), name, config));
  }

  async remove(name: string): Promise<boolean> {
    return this.#inTurn(async () => {
      let removed = false;
      await this.#edit(
        (text) => {
          const edited = withoutServer(text, name);
          removed = edited !== text;
          return edited;
        },
        name,
        undefined,
      );
      return removed;
    });
  }

  onChange(listener: () => void): Disposable {
    // Wrapped, so that one function given twice is two subscriptions.
    const entry = () => listener();
    this.#listeners.add(entry);
    return { [Symbol.dispose]: () => void this.#listeners.delete(entry) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#listeners.clear();
    await this.#watcher.close();
    await this.#turn.catch(() => undefined);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.catch(() => undefined).then(work);
    this.#turn = result;
    return result;
  }

  #reloadSoon(): void {
    if (this.#reloadWanted || this.#disposed) return;
    this.#reloadWanted = true;
    this.#inTurn(async () => {
      this.#reloadWanted = false;
      await this.#reload();
    }).catch((error: unknown) => this.#log?.warn({ error: String(error) }, 'servers.json was not read again'));
  }

  async #reload(): Promise<void> {
    try {
      let text = await this.#read();
      if (text === this.#text) return;
      // Editors that truncate and write, or move the old file away first, show an empty or missing file for a moment.
      const isHalfWay = () => text.trim() === '' || parseServersFile(text, this.#file).kind === 'broken';
      for (let look = 0; look < LOOKS_AGAIN && isHalfWay(); look += 1) {
        await delay(LOOK_AGAIN_MS);
        text = await this.#read();
      }
      if (this.#take(text)) this.#tell();
    } catch (error) {
      if (this.#takeUnreadable(error)) this.#tell();
    }
  }

  /** Writes an edit of the text as it is on disk at that moment. */
  async #edit(edit: (text: string) => string, name: string, wanted: ServerConfig | undefined): Promise<void> {
    for (let attempt = 0; attempt < MAX_WRITE_ATTEMPTS; attempt += 1) {
      const raw = await this.#readRaw();
      const before = withoutByteOrderMark(raw);
      const read = parseServersFile(before, this.#file);
      if (read.kind === 'broken') {
        const { line, column, message } = read.problem;
        throw new ServersFileError(
          `${this.#file} was not changed, because it cannot be read as it is. Fix line ${line}, column ${column} first: ${message}`,
        );
      }
      const after = edit(before);
      if (after !== before) {
        const result = parseServersFile(after, this.#file);
        if (result.kind === 'broken' || !isSame(result.servers.get(name), wanted)) {
          throw new ServersFileError(
            `${this.#file} was not changed, because the edit for ${name} did not come out right. Change it by hand.`,
          );
        }
        if (raw !== '') await replaceFile(`${this.#file}.bak`, raw, null);
        if (!(await replaceFile(this.#file, after, raw))) continue;
      }
      if (this.#take(after)) this.#tell();
      return;
    }
    throw new ServersFileError(`${this.#file} was not changed: another program keeps writing it. Try again.`);
  }

  /** The text on disk; a missing file reads as empty. */
  async #readRaw(): Promise<string> {
    try {
      return await readFile(this.#file, 'utf8');
    } catch (error) {
      if (isMissing(error)) return '';
      throw error;
    }
  }

  async #read(): Promise<string> {
    return withoutByteOrderMark(await this.#readRaw());
  }

  /** Takes a text in; false when nothing is different for anybody. */
  #take(text: string): boolean {
    if (text === this.#text) return false;
    this.#text = text;
    if (text.length > MAX_FILE_CHARACTERS) {
      this.#problem = this.#problemHere('The file is larger than 8 MB. The last good state stays in use.');
      return true;
    }
    const read = parseServersFile(text, this.#file);
    if (read.kind === 'broken') {
      this.#problem = read.problem;
      return true;
    }
    const servers = new Map<string, ServerConfig>();
    for (const [name, config] of read.servers) servers.set(name, config);
    for (const name of read.rejected) {
      const lastGood = this.#servers.get(name);
      if (lastGood) servers.set(name, lastGood);
    }
    this.#servers = servers;
    const [first, ...more] = read.problems;
    this.#problem = first
      ? { ...first, message: more.length === 0 ? first.message : `${first.message} (And ${more.length} more.)` }
      : null;
    return true;
  }

  #takeUnreadable(error: unknown): boolean {
    if (isMissing(error)) return this.#take('');
    const reason = error instanceof Error ? error.message : String(error);
    const problem = this.#problemHere(`The file cannot be read: ${reason}. The last good state stays in use.`);
    const isNew = !isSame(problem, this.#problem);
    this.#problem = problem;
    this.#text = null;
    return isNew;
  }

  #problemHere(message: string): ConfigProblem {
    return { file: this.#file, message, line: 1, column: 1 };
  }

  #tell(): void {
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (error) {
        this.#log?.error({ error: String(error) }, 'A listener of servers.json failed');
      }
    }
  }
}

/** Some editors on Windows start the file with a byte order mark, which is not part of the JSON. */
function withoutByteOrderMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
