/**
 * Places in JSON text, so that what must not change is passed on as it was written: numbers beyond 2^53, key order,
 * spacing. Every function takes text that `JSON.parse` has accepted; on other text the result means nothing, but each ends.
 */

/** A member of an object: its key as a program reads it, and where its value stands. */
export interface Member {
  readonly key: string;
  /** Offset of the key's opening quote. */
  readonly keyStart: number;
  /** Offset of the value's first character. */
  readonly start: number;
  /** Offset after the value's last character. */
  readonly end: number;
}

const QUOTE = 34;
const COMMA = 44;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Skips spaces, tabs and line ends. */
function skipSpace(text: string, at: number): number {
  let index = at;
  for (; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return index;
  }
  return index;
}

/** Offset after the string that opens at `at`. */
function endOfString(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

/** Offset after the value that begins at `at`, whatever its depth. */
function endOfValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return endOfString(text, at);
  let index = at;
  if (first !== OPEN_OBJECT && first !== OPEN_LIST) {
    for (; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code === COMMA || code === CLOSE_OBJECT || code === CLOSE_LIST || code <= 32) return index;
    }
    return index;
  }
  let depth = 0;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      index = endOfString(text, index);
      continue;
    }
    index += 1;
    if (code === OPEN_OBJECT || code === OPEN_LIST) depth += 1;
    else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return index;
}

/** The members of the object that begins at `at`, in the order written, repeated keys included; none for another value. */
export function membersOf(text: string, at = 0): Member[] {
  const members: Member[] = [];
  let index = skipSpace(text, at);
  if (text.charCodeAt(index) !== OPEN_OBJECT) return members;
  index = skipSpace(text, index + 1);
  while (text.charCodeAt(index) === QUOTE) {
    const keyStart = index;
    const keyEnd = endOfString(text, keyStart);
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = endOfValue(text, start);
    members.push({ key: keyOf(text, keyStart, keyEnd), keyStart, start, end });
    index = skipSpace(text, end);
    if (text.charCodeAt(index) !== COMMA) break;
    index = skipSpace(text, index + 1);
  }
  return members;
}

function keyOf(text: string, start: number, end: number): string {
  const plain = text.slice(start + 1, end - 1);
  return plain.includes('\\') ? String(JSON.parse(text.slice(start, end))) : plain;
}

/** Text of a member's value; of a repeated key the last one, as `JSON.parse` has it. Undefined when there is none. */
export function memberText(text: string, key: string, at = 0): string | undefined {
  const member = membersOf(text, at).findLast((one) => one.key === key);
  return member && text.slice(member.start, member.end);
}

/** Text of each element of the list that begins at `at`; none for another value. */
export function elementsOf(text: string, at = 0): string[] {
  const elements: string[] = [];
  let index = skipSpace(text, at);
  if (text.charCodeAt(index) !== OPEN_LIST) return elements;
  index = skipSpace(text, index + 1);
  while (index < text.length && text.charCodeAt(index) !== CLOSE_LIST) {
    const end = endOfValue(text, index);
    elements.push(text.slice(index, end));
    index = skipSpace(text, end);
    if (text.charCodeAt(index) !== COMMA) break;
    index = skipSpace(text, index + 1);
  }
  return elements;
}

/** The text of an object made of members, each as written. */
export function objectText(members: readonly (readonly [key: string, valueText: string])[]): string {
  return `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
}

/**
 * The object's text with one top-level member replaced where it stands, added at the end, or (`null`) taken out; the rest
 * stays as written. Of a repeated key only the new one is left.
 */
export function withMember(text: string, key: string, valueText: string | null): string {
  const members = membersOf(text);
  const found = members.filter((member) => member.key === key);
  const [only] = found;
  if (found.length === 1 && only && valueText !== null) {
    return `${text.slice(0, only.start)}${valueText}${text.slice(only.end)}`;
  }
  if (found.length === 0) {
    if (valueText === null) return text;
    const close = text.lastIndexOf('}');
    return `${text.slice(0, close)}${members.length > 0 ? ',' : ''}${JSON.stringify(key)}:${valueText}${text.slice(close)}`;
  }
  const kept = members.filter((member) => member.key !== key).map((member) => text.slice(member.keyStart, member.end));
  if (valueText !== null) kept.push(`${JSON.stringify(key)}:${valueText}`);
  return `{${kept.join(',')}}`;
}

/**
 * A key that some object in the text has twice, at any depth; undefined when there is none. Programs differ in which of
 * the two they read, so what was checked could be another value than what is used.
 */
export function repeatedKey(text: string): string | undefined {
  const open: (Set<string> | null)[] = [];
  let expectsKey = false;
  let index = 0;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      const end = endOfString(text, index);
      const keys = open.at(-1);
      if (keys && expectsKey) {
        const key = keyOf(text, index, end);
        if (keys.has(key)) return key;
        keys.add(key);
        expectsKey = false;
      }
      index = end;
      continue;
    }
    if (code === OPEN_OBJECT) {
      open.push(new Set());
      expectsKey = true;
    } else if (code === OPEN_LIST) {
      open.push(null);
      expectsKey = false;
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
      open.pop();
      expectsKey = false;
    } else if (code === COMMA) expectsKey = open.at(-1) !== null;
    index += 1;
  }
  return undefined;
}
