import { closeSync, fchmodSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import type { EntryDraft } from './chain.ts';

/** One entry a line, so that one which was cut off by a kill has no line end. */
const lineSchema = z.tuple([z.number(), z.enum(['begin', 'end']), z.string(), z.string(), z.string()]);

/** Bytes; several times what a run can leave. */
const LARGEST = 256 * 1024 * 1024;

/** What a former run left in the journal. */
export interface Leftover {
  readonly drafts: readonly EntryDraft[];
  /** Lines that are no entries, though they are complete: somebody else was at the file. */
  readonly unreadable: number;
}

/**
 * Entries of calls that are durable and wait for their place in the chain: a file that is only added to, and emptied when the
 * database has them. One write to it costs a tenth of a transaction and is as durable: against the end of the process,
 * not against a power cut.
 */
export class Journal implements Disposable {
  /** -1: closed. */
  #descriptor: number;
  #size: number;

  /** Opens the file, made (0600) when it is missing. Throws the file system's errors. */
  constructor(file: string) {
    this.#descriptor = openSync(file, 'a+', 0o600);
    fchmodSync(this.#descriptor, 0o600);
    this.#size = fstatSync(this.#descriptor).size;
  }

  leftover(): Leftover {
    if (this.#size > LARGEST) return { drafts: [], unreadable: 1 };
    const lines = readFileSync(this.#descriptor, 'utf8').split('\n');
    lines.pop();
    const drafts = lines.map(draftIn).filter((draft) => draft !== undefined);
    return { drafts, unreadable: lines.length - drafts.length };
  }

  /** All of them or none; durable against a process kill when it returns. Throws the file system's errors. */
  add(drafts: readonly EntryDraft[]): void {
    const bytes = Buffer.from(drafts.map(lineOf).join(''));
    if (this.#descriptor === -1) throw new Error('The journal is closed.');
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done);
    } catch (error) {
      // A full disk may have taken a part.
      ftruncateSync(this.#descriptor, this.#size);
      throw error;
    }
    this.#size += bytes.length;
  }

  /** The database has everything in it. */
  clear(): void {
    if (this.#size === 0 || this.#descriptor === -1) return;
    ftruncateSync(this.#descriptor, 0);
    this.#size = 0;
  }

  [Symbol.dispose](): void {
    if (this.#descriptor !== -1) closeSync(this.#descriptor);
    this.#descriptor = -1;
  }
}

function lineOf({ at, kind, callId, body, payload }: EntryDraft): string {
  return `${JSON.stringify([at, kind, callId, body, payload])}\n`;
}

function draftIn(line: string): EntryDraft | undefined {
  try {
    const [at, kind, callId, body, payload] = lineSchema.parse(JSON.parse(line));
    return { at, kind, callId, body, payload };
  } catch {
    return undefined;
  }
}
