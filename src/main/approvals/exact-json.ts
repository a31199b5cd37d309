/**
 * Numbers that parsing would change. JSON may write any number, a double holds about 16 digits: two definitions that
 * differ only beyond that must not look the same to a person's approval.
 */

declare global {
  /** ECMAScript "JSON.parse source text access", in every Node this runs on, not yet in TypeScript's libraries. */
  interface JSON {
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown;
    rawJSON(text: string): unknown;
    isRawJSON(value: unknown): boolean;
  }
}

/**
 * Whether the text may hold a number that a double cannot: at most 15 digits and an exponent of two always fit. Cheap, and
 * sometimes wrong about text in strings, which only costs a second look.
 */
export function mayHoldLongNumbers(text: string): boolean {
  return /[\d.]{16}|\d[eE][+-]?\d{3}/.test(text);
}

/**
 * Like `JSON.parse`, but a number that a double would change stays as raw JSON in one normal form (`JSON.rawJSON`):
 * `JSON.stringify` writes it out, and no string or object of a server can pass for it.
 */
export function parseExactly(text: string): unknown {
  return JSON.parse(text, (_key, value, { source }) => {
    if (typeof value !== 'number' || source === undefined) return value;
    const exact = plainDecimal(source);
    return exact === plainDecimal(String(value)) ? value : JSON.rawJSON(exact);
  });
}

/** Digits without zeros at either end, and the power of ten: the same text exactly for the same number. */
function plainDecimal(number: string): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const digits = trimZeros(whole + fraction);
  if (digits.text === '') return whole === '' ? number : '0';
  // Beyond this the exponent itself is no exact double; another spelling of it then counts as another number.
  if (power.length > 15) return number;
  return `${sign}${digits.text}e${Number(power) - fraction.length + digits.after}`;
}

/** By hand: a pattern for zeros at the end takes quadratic time on hostile digits. */
function trimZeros(digits: string): { readonly text: string; readonly after: number } {
  let start = 0;
  let end = digits.length;
  while (start < end && digits[start] === '0') start += 1;
  while (end > start && digits[end - 1] === '0') end -= 1;
  return { text: digits.slice(start, end), after: digits.length - end };
}
