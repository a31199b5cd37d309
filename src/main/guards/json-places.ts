/** Reads JSON text as the programs behind it will, and finds the way back to the places in the text as written. Pure. */
import type { Span } from './secret-rules.ts';

const CODE = /^[0-9a-fA-F]{4}$/;
const SHORT: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** JSON text without its escapes. */
export interface ReadText {
  readonly text: string;
  /** The same place in the text as written. */
  toWritten(span: Span): Span;
}

/** `\u0067hp_…` reads as `ghp_…`: what hides behind escapes is found like everything else. */
export function withoutEscapes(written: string): ReadText {
  if (!written.includes('\\')) return { text: written, toWritten: (span) => span };
  // For each escape: its offset in the text as read, and how much longer all escapes up to it are as written.
  const places: number[] = [];
  const longer: number[] = [];
  let extra = 0;
  const parts: string[] = [];
  let from = 0;
  for (let at = written.indexOf('\\'); at !== -1; at = written.indexOf('\\', from)) {
    const short = written.charAt(at + 1);
    const code = short === 'u' ? written.slice(at + 2, at + 6) : '';
    const isCode = CODE.test(code);
    const length = isCode ? 6 : 2;
    const unit = isCode ? String.fromCharCode(Number.parseInt(code, 16)) : (SHORT[short] ?? short);
    parts.push(written.slice(from, at), unit);
    places.push(at - extra);
    extra += length - 1;
    longer.push(extra);
    from = at + length;
  }
  parts.push(written.slice(from));
  const text = parts.join('');
  const offset = (at: number): number => {
    let low = 0;
    let high = places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((places[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return at + (low === 0 ? 0 : (longer[low - 1] ?? 0));
  };
  return { text, toWritten: ({ start, end }) => ({ start: offset(start), end: offset(end) }) };
}

/** A part of JSON text that can be replaced: inside a string, or a number as a whole. */
export interface JsonPiece extends Span {
  readonly isInString: boolean;
}

/**
 * Cuts a span of JSON text at the quotes of its strings, so that replacing the pieces leaves JSON. Spans must come in order:
 * the text is walked through once for all of them.
 */
export class JsonPieces {
  readonly #json: string;
  #at = 0;
  #isInString = false;
  /** A quote of the text with none between `#at` and it, so that a long string is searched through once. */
  #quote = -1;

  constructor(json: string) {
    this.#json = json;
  }

  of({ start, end }: Span): JsonPiece[] {
    this.#walkTo(start);
    if (!this.#isInString) {
      const number = this.#numberAround(start);
      if (number) return [{ ...number, isInString: false }];
    }
    const pieces: JsonPiece[] = [];
    while (this.#at < end) {
      const from = this.#at;
      const quote = this.#nextQuote(end);
      const until = quote ?? end;
      if (this.#isInString && until > from) pieces.push({ start: from, end: until, isInString: true });
      this.#at = until;
      if (quote === undefined) break;
      this.#isInString = !this.#isInString;
      this.#at = quote + 1;
    }
    return pieces;
  }

  #walkTo(place: number): void {
    for (let quote = this.#nextQuote(place); quote !== undefined; quote = this.#nextQuote(place)) {
      this.#isInString = !this.#isInString;
      this.#at = quote + 1;
    }
    this.#at = Math.max(this.#at, place);
  }

  /** Offset of the next quote before `end` that opens or closes a string. */
  #nextQuote(end: number): number | undefined {
    for (let from = this.#at; ; from = this.#quote + 1) {
      if (this.#quote < from) this.#quote = indexOrEnd(this.#json, from);
      if (this.#quote >= end) return undefined;
      if (!this.#isInString || !this.#isEscaped(this.#quote)) return this.#quote;
    }
  }

  #isEscaped(quote: number): boolean {
    let slashes = 0;
    while (this.#json.charCodeAt(quote - 1 - slashes) === 92) slashes += 1;
    return slashes % 2 === 1;
  }

  #numberAround(place: number): Span | undefined {
    const isPart = (at: number): boolean => /[0-9A-Za-z+.-]/.test(this.#json.charAt(at));
    if (!isPart(place)) return undefined;
    let start = place;
    while (start > 0 && isPart(start - 1)) start -= 1;
    let end = place;
    while (end < this.#json.length && isPart(end)) end += 1;
    this.#at = end;
    return { start, end };
  }
}

const indexOrEnd = (text: string, from: number): number => {
  const quote = text.indexOf('"', from);
  return quote === -1 ? text.length : quote;
};
