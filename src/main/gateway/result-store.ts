/** Keeps results that are too long for one answer, for an hour, each for the one app that received its beginning. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cutPage } from './paging.ts';

export interface ResultPage {
  readonly text: string;
  /** Offsets in characters. */
  readonly start: number;
  readonly end: number;
  readonly total: number;
}

export interface ResultMatch {
  readonly offset: number;
  /** The match with a little text around it. */
  readonly context: string;
}

export interface KeptResult {
  readonly total: number;
  page(offset: number, limit: number): Promise<ResultPage>;
  /** Finds words, ignoring case. Gives the first matches from `offset` on and whether there are more. */
  search(words: string, offset: number): Promise<{ matches: ResultMatch[]; more: boolean }>;
}

export interface ResultStore extends AsyncDisposable {
  /** Keeps a text whole and gives its handle; null when it is larger than the whole store. */
  keep(app: string, text: string): Promise<string | null>;
  /** Undefined for handles that are unknown, over, or another app's. */
  find(app: string, handle: string): KeptResult | undefined;
}

export interface ResultStoreOptions {
  /** Folder of its own; whatever an earlier run left in it is removed. */
  readonly dir: string;
  /** Milliseconds since epoch. */
  readonly clock: () => number;
  /** Milliseconds a result is kept. */
  readonly keepMs?: number;
  /** Bytes all kept results may have; the oldest go first. */
  readonly capacity?: number;
}

interface Entry {
  readonly app: string;
  readonly file: string;
  readonly total: number;
  readonly until: number;
}

const HOUR_MS = 60 * 60 * 1000;
const DEFAULT_CAPACITY = 512 * 1024 * 1024;
/** Files hold UTF-16, so that an offset in characters is an offset in the file and lone surrogates survive. */
const BYTES_PER_UNIT = 2;
const CONTEXT = 80;
const MOST_MATCHES = 20;
const SEARCH_STEP = 1024 * 1024;
const SWEEP_MS = 60_000;

export function createResultStore(options: ResultStoreOptions): ResultStore {
  const { dir, clock, keepMs = HOUR_MS, capacity = DEFAULT_CAPACITY } = options;
  const entries = new Map<string, Entry>();
  let bytes = 0;
  let prepared: Promise<void> | undefined;

  const prepare = async (): Promise<void> => {
    await rm(dir, { recursive: true, force: true });
    await mkdir(dir, { recursive: true, mode: 0o700 });
  };

  const drop = async (handle: string, entry: Entry): Promise<void> => {
    if (!entries.delete(handle)) return;
    bytes -= entry.total * BYTES_PER_UNIT;
    await rm(entry.file, { force: true });
  };

  /** Removes what is over, then the oldest until `needed` bytes fit. */
  const makeRoom = async (needed: number): Promise<void> => {
    const now = clock();
    for (const [handle, entry] of [...entries]) {
      if (entry.until > now && bytes + needed <= capacity) break; // in order of age
      await drop(handle, entry);
    }
  };

  const sweep = setInterval(() => void makeRoom(0).catch(() => undefined), SWEEP_MS);
  sweep.unref();

  return {
    async keep(app, text) {
      const size = text.length * BYTES_PER_UNIT;
      if (size > capacity) return null;
      prepared ??= prepare();
      await prepared;
      await makeRoom(size);
      const handle = `r_${randomBytes(24).toString('base64url')}`;
      const file = join(dir, handle);
      bytes += size;
      try {
        await writeFile(file, Buffer.from(text, 'utf16le'), { mode: 0o600, flag: 'wx' });
      } catch (error) {
        bytes -= size;
        await rm(file, { force: true }).catch(() => undefined);
        throw error;
      }
      entries.set(handle, { app, file, total: text.length, until: clock() + keepMs });
      return handle;
    },
    find(app, handle) {
      const entry = entries.get(handle);
      return entry && entry.app === app && entry.until > clock() ? keptResult(entry) : undefined;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(sweep);
      entries.clear();
      if (prepared) await rm(dir, { recursive: true, force: true });
    },
  };
}

function keptResult({ file, total }: Entry): KeptResult {
  const read = async (start: number, end: number): Promise<string> => {
    const handle = await open(file, 'r');
    try {
      const buffer = Buffer.alloc(Math.max(end - start, 0) * BYTES_PER_UNIT);
      const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, start * BYTES_PER_UNIT);
      return buffer.toString('utf16le', 0, bytesRead);
    } finally {
      await handle.close();
    }
  };
  const page = async (offset: number, limit: number): Promise<ResultPage> => {
    const wanted = Math.min(offset, total);
    // One character more on each side shows whether an end would split one.
    const from = Math.max(wanted - 1, 0);
    const window = await read(from, Math.min(wanted + limit + 1, total));
    const { start, end } = cutPage(window, wanted - from, limit);
    return { text: window.slice(start, end), start: from + start, end: from + end, total };
  };
  return {
    total,
    page,
    async search(words, offset) {
      // Unicode case folding pairs characters of equal length, so offsets stay true.
      const pattern = new RegExp(words.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&').replaceAll('\\-', '\\x2d'), 'giu');
      const overlap = words.length + 2;
      const matches: ResultMatch[] = [];
      for (let from = offset; from < total; from += SEARCH_STEP) {
        const chunk = await read(from, Math.min(from + SEARCH_STEP + overlap, total));
        for (const match of chunk.matchAll(pattern)) {
          if (match.index >= SEARCH_STEP) break;
          if (matches.length === MOST_MATCHES) return { matches, more: true };
          const at = from + match.index;
          const around = await page(Math.max(at - CONTEXT, 0), Math.min(at, CONTEXT) + match[0].length + CONTEXT);
          matches.push({ offset: at, context: around.text });
        }
      }
      return { matches, more: false };
    },
  };
}
