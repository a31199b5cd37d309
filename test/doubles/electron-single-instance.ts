/** One process per folder, as Electron's lock: the first holds it, a later one hands its arguments over. */
import {
  type FSWatcher,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

interface HandOver {
  readonly argv: string[];
  readonly cwd: string;
}

export class SingleInstance implements Disposable {
  readonly #folder: string;
  readonly #watcher: FSWatcher;
  readonly #onSecond: (argv: string[], cwd: string) => void;

  private constructor(folder: string, onSecond: (argv: string[], cwd: string) => void) {
    this.#folder = folder;
    this.#onSecond = onSecond;
    this.#watcher = watch(folder, () => this.#read());
    this.#watcher.unref();
  }

  /** Undefined when another process has the lock; that one gets this process's arguments. */
  static claim(userData: string, onSecond: (argv: string[], cwd: string) => void): SingleInstance | undefined {
    const folder = join(userData, 'electron-double-instance');
    mkdirSync(userData, { recursive: true });
    try {
      mkdirSync(folder);
      return new SingleInstance(folder, onSecond);
    } catch {
      const handOver: HandOver = { argv: process.argv, cwd: process.cwd() };
      const file = join(folder, `${process.pid}`);
      writeFileSync(`${file}.new`, JSON.stringify(handOver));
      renameSync(`${file}.new`, `${file}.json`);
      return undefined;
    }
  }

  #read(): void {
    for (const name of readdirSync(this.#folder).filter((file) => file.endsWith('.json'))) {
      const { argv, cwd } = JSON.parse(readFileSync(join(this.#folder, name), 'utf8')) as HandOver;
      rmSync(join(this.#folder, name));
      this.#onSecond(argv, cwd);
    }
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
