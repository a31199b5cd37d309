/** A text as numbered words, made in one pass, so that rules about words take linear time. */
import { hiddenRuns } from '@shared/suspicious-characters.ts';
import { plainLetters } from './confusables.ts';

/** The words that rules speak of, numbered from 1. */
export class Vocabulary {
  readonly #ids = new Map<string, number>();
  /** One bit for the hash of every word: most words of a text need no look-up. */
  readonly #filter = new Uint32Array(FILTER_BITS / 32);

  idOf(word: string): number {
    const known = this.#ids.get(word);
    if (known !== undefined) return known;
    const id = this.#ids.size + 1;
    this.#ids.set(word, id);
    let hash = 0;
    for (let index = 0; index < word.length; index += 1) hash = nextHash(hash, word.charCodeAt(index));
    this.#filter[(hash & MASK) >>> 5] = (this.#filter[(hash & MASK) >>> 5] ?? 0) | (1 << (hash & 31));
    return id;
  }

  /** 0 for a word that no rule speaks of. */
  find(word: string): number {
    return this.#ids.get(word) ?? 0;
  }

  mayHave(hash: number): boolean {
    return ((this.#filter[(hash & MASK) >>> 5] ?? 0) & (1 << (hash & 31))) !== 0;
  }
}

const FILTER_BITS = 1 << 15;
const MASK = FILTER_BITS - 1;
const nextHash = (hash: number, code: number): number => (Math.imul(hash, 31) + code) | 0;

export interface Words {
  /** Ids of the vocabulary; 0: some other word. */
  readonly ids: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Number of the sentence each word is in. */
  readonly sentences: readonly number[];
}

/** 1: letter or digit, 2: ends a sentence when a blank or the end follows, 0: anything else. */
const kinds = new Uint8Array(128);
for (let code = 0; code < 128; code += 1) {
  const character = String.fromCharCode(code);
  if (/[A-Za-z0-9_]/.test(character)) kinds[code] = 1;
  else if (/[.!?]/.test(character)) kinds[code] = 2;
}
const APOSTROPHE = 0x27;

/** Letters written apart, "i g n o r e", count as one word from this many on. */
const SPELLED = 5;
/** Most letters of a word that any rule knows; also bounds what is looked up. */
const LONGEST_WORD = 40;

export function wordsOf(text: string, vocabulary: Vocabulary): Words {
  const ids: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const sentences: number[] = [];
  let sentence = 0;
  let spelled = 0;
  const { length } = text;
  const add = (id: number, start: number, end: number): void => {
    ids.push(id);
    starts.push(start);
    ends.push(end);
    sentences.push(sentence);
  };
  const endSpelling = (): void => {
    if (spelled >= SPELLED) {
      const from = starts.length - spelled;
      const start = starts[from] ?? 0;
      const end = ends.at(-1) ?? start;
      const id = vocabulary.find(plainLetters(text.slice(start, end).replace(/\s/g, '')));
      if (id !== 0) {
        for (const list of [ids, starts, ends, sentences]) list.length = from;
        add(id, start, end);
      }
    }
    spelled = 0;
  };
  let at = 0;
  while (at < length) {
    const code = text.charCodeAt(at);
    const kind = code < 128 ? kinds[code] : undefined;
    if (kind === 1 || (kind === undefined && isWordCharacter(text, at))) {
      const start = at;
      let hash = 0;
      let isAscii = true;
      while (at < length) {
        const next = text.charCodeAt(at);
        if (next < 128) {
          if (kinds[next] !== 1 && !(next === APOSTROPHE && isLetterAt(text, at + 1))) break;
          hash = nextHash(hash, next >= 65 && next <= 90 ? next + 32 : next);
        } else {
          if (!isWordCharacter(text, at) && !(next === 0x2019 && isLetterAt(text, at + 1))) break;
          isAscii = false;
        }
        at += 1;
      }
      let id = 0;
      if (at - start <= LONGEST_WORD * (isAscii ? 1 : 4)) {
        if (!isAscii) id = vocabulary.find(plainWord(text.slice(start, at)));
        else if (vocabulary.mayHave(hash)) id = vocabulary.find(text.slice(start, at).toLowerCase());
      }
      if (at - start === 1) {
        add(id, start, at);
        spelled += 1;
      } else {
        if (spelled > 0) endSpelling();
        add(id, start, at);
      }
      continue;
    }
    at += 1;
    if (code === 0x20) continue;
    if (kind === 2) {
      const next = at < length ? text.charCodeAt(at) : 0x20;
      if (next <= 0x20 || next === 0x22 || next === 0x27 || next === 0x29 || next === 0x3c) sentence += 1;
    } else if (code === 0x0a) {
      // An empty line, or a new point of a list.
      const next = text.charCodeAt(at);
      if (next === 0x0a || next === 0x2d || next === 0x2a) sentence += 1;
    } else if (code === 0x3002 || code === 0xff01 || code === 0xff1f) sentence += 1;
    if (spelled > 0 && code !== 0x0a) endSpelling();
  }
  endSpelling();
  return { ids, starts, ends, sentences };
}

function isLetterAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

/** Outside ASCII: letters, digits, marks, halves of pairs, and what draws nothing, so that it cannot part a word. */
function isWordCharacter(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 128) return kinds[code] === 1;
  if (code >= 0xd800 && code <= 0xdfff) return true;
  return /[\p{L}\p{N}\p{M}\p{Cf}\u115f\u1160\u3164\uffa0]/u.test(text.charAt(at));
}

function plainWord(word: string): string {
  let seen = '';
  let from = 0;
  for (const { start, end } of hiddenRuns(word)) {
    seen += word.slice(from, start);
    from = end;
  }
  return plainLetters((seen + word.slice(from)).replaceAll('\u2019', "'"));
}
