import type { ServerLogLine } from '@shared/contract/index.ts';

const MAX_LINES = 2_000;
const MAX_LINE_CHARACTERS = 4_000;
/** What one server may log in a second; the rest is counted and dropped, so that a flood costs neither memory nor time. */
const LINES_PER_SECOND = 1_000;
const BYTES_PER_SECOND = 512 * 1024;

/** Terminal sequences (CSI, OSC, and two-character escapes): a log must not move a reader's cursor or set a title. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
const TERMINAL_SEQUENCES = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[@-_]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** The last lines a server wrote, bounded in number and length. `seq` counts on over restarts. */
export class LogRing {
  readonly #now: () => number;
  readonly #onLine: (lastSeq: number) => void;
  readonly #lines: ServerLogLine[] = [];
  #seq = 0;
  #secondStartedAt = 0;
  #linesThisSecond = 0;
  #bytesThisSecond = 0;
  #droppedBytes = 0;
  #hidden: ReadonlyMap<string, string> = new Map();

  constructor(options: { readonly now: () => number; readonly onLine: (lastSeq: number) => void }) {
    this.#now = options.now;
    this.#onLine = options.onLine;
  }

  get lastSeq(): number {
    return this.#seq;
  }

  /** Values that are shown as their secret's name from now on. */
  hide(secrets: ReadonlyMap<string, string>): void {
    this.#hidden = secrets;
  }

  /** Adds a line of Gatehouse's own; never dropped. */
  note(text: string): void {
    this.#push('gatehouse', text);
  }

  /** Adds a line of the server's, unless this second's share is used up. */
  add(stream: 'stderr' | 'stdout', text: string): void {
    if (!this.hasRoom()) {
      this.drop(text.length);
      return;
    }
    this.#linesThisSecond += 1;
    this.#bytesThisSecond += text.length;
    this.#push(stream, text);
  }

  /** False while this second's share is used up; then callers need not even look at what arrives. */
  hasRoom(): boolean {
    const now = this.#now();
    if (now - this.#secondStartedAt >= 1_000 || now < this.#secondStartedAt) {
      this.#secondStartedAt = now;
      this.#linesThisSecond = 0;
      this.#bytesThisSecond = 0;
      this.#tellDropped();
    }
    return this.#linesThisSecond < LINES_PER_SECOND && this.#bytesThisSecond < BYTES_PER_SECOND;
  }

  drop(bytes: number): void {
    this.#droppedBytes += bytes;
  }

  /** Lines after a `seq`, oldest first; with a limit, the newest of them. */
  read(options: { readonly afterSeq?: number; readonly limit?: number } = {}): ServerLogLine[] {
    this.#tellDropped();
    const after = options.afterSeq ?? 0;
    const lines = this.#lines.filter((line) => line.seq > after);
    return options.limit === undefined ? lines : lines.slice(-options.limit);
  }

  /** The last words of the server itself after a `seq`, for a sentence about why it ended; null when it said nothing. */
  lastWords(afterSeq: number): string | null {
    const spoken = this.#lines.filter((line) => line.seq > afterSeq && line.stream !== 'gatehouse' && line.text.trim());
    const words = spoken
      .slice(-3)
      .map((line) => line.text.trim())
      .join(' / ');
    return words === '' ? null : words.slice(-500);
  }

  #tellDropped(): void {
    if (this.#droppedBytes === 0) return;
    const kilobytes = Math.ceil(this.#droppedBytes / 1024);
    this.#droppedBytes = 0;
    this.#push('gatehouse', `… ${kilobytes} KB of output were dropped: the server writes more than can be kept.`);
  }

  #push(stream: ServerLogLine['stream'], text: string): void {
    let shown = text;
    for (const [value, name] of this.#hidden) shown = shown.replaceAll(value, `[secret ${name}]`);
    shown = shown.replace(TERMINAL_SEQUENCES, '').replace(CONTROLS, '');
    if (shown.length > MAX_LINE_CHARACTERS) {
      shown = `${shown.slice(0, MAX_LINE_CHARACTERS)}… (${shown.length - MAX_LINE_CHARACTERS} more characters)`;
    }
    this.#seq += 1;
    this.#lines.push({ seq: this.#seq, at: this.#now(), stream, text: shown });
    // Cut in blocks: shifting one by one would cost a move of the whole ring for every line.
    if (this.#lines.length >= MAX_LINES * 2) this.#lines.splice(0, this.#lines.length - MAX_LINES);
    this.#onLine(this.#seq);
  }
}
