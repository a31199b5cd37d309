/** Cuts text into pages by characters (UTF-16 units, as JavaScript and JSON offsets count) without splitting one in two. */

export interface Cut {
  readonly start: number;
  /** Offset after the last character; the next page starts here. */
  readonly end: number;
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** True when the offset lies between the two halves of one character. */
function splitsPair(text: string, offset: number): boolean {
  return offset > 0 && offset < text.length && isHigh(text.charCodeAt(offset - 1)) && isLow(text.charCodeAt(offset));
}

/**
 * Where a page of at most `limit` characters from `offset` starts and ends. Pages that follow each other's `end` give
 * exactly the text. A start inside a character moves back to its beginning; a page is never empty before the text's end.
 */
export function cutPage(text: string, offset: number, limit: number): Cut {
  const wanted = Math.min(Math.max(offset, 0), text.length);
  const start = splitsPair(text, wanted) ? wanted - 1 : wanted;
  const end = Math.min(start + limit, text.length);
  if (!splitsPair(text, end)) return { start, end };
  return { start, end: end - 1 > start ? end - 1 : end + 1 };
}
