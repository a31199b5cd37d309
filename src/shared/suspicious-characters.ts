export type TextPart = { kind: 'text'; text: string } | { kind: 'hidden'; count: number; names: string };

const named: Record<number, string> = {
  173: 'soft hyphen',
  8203: 'zero-width space',
  10240: 'blank braille pattern',
  8204: 'zero-width non-joiner',
  8205: 'zero-width joiner',
  8206: 'left-to-right mark',
  8207: 'right-to-left mark',
  8234: 'left-to-right embedding',
  8235: 'right-to-left embedding',
  8236: 'pop direction',
  8237: 'left-to-right override',
  8238: 'right-to-left override',
  8288: 'word joiner',
  8294: 'left-to-right isolate',
  8295: 'right-to-left isolate',
  8296: 'first strong isolate',
  8297: 'pop isolate',
  65279: 'byte order mark',
};

// Characters that draw nothing, move the cursor or turn the direction: C0 (but tab and line feed), DEL and C1, format
// and bidi controls, fillers, variation selectors, tags and noncharacters (Unicode TR36 §2.5, TR55).
const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
  /(?:[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb\u{13430}-\u{1345f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]|[\u180b-\u180f]|\u034f|[\ufe00-\ufe0f])+/gu;

function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const name = named[code];
  return name ? `${hex} ${name}` : hex;
}

/** A run of characters that draw nothing. Offsets in UTF-16 units; `end` is the first one after it. */
export interface HiddenRun {
  readonly start: number;
  readonly end: number;
}

// Scripts whose writing needs joiners and non-joiners inside words (Unicode §23.2, UAX 31 §2.3).
const joining =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Nko}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const pictograph = /\p{Extended_Pictographic}|\p{Emoji_Modifier}/u;
/** The three flags that are written with tags (UTS 51, RGI_Emoji_Tag_Sequence). */
const flagTags = new Set(['gbeng', 'gbsct', 'gbwls']);

/** Characters that draw nothing but belong to ordinary writing where they stand. */
function isOrdinary(run: string, before: string, after: string): boolean {
  // An emoji in its coloured or plain form, and keycaps such as 1️⃣.
  if (run === '\ufe0f' || run === '\ufe0e') {
    return pictograph.test(before) || (/[0-9#*]/.test(before) && after === '\u20e3');
  }
  if (run === '\u200d' || run === '\u200c') {
    if (joining.test(before) && joining.test(after)) return true;
  }
  // Emoji made of several: a family, a profession, a heart on fire.
  if (run === '\u200d' || run === '\ufe0f\u200d') {
    return pictograph.test(before) && /[\p{Extended_Pictographic}\u2640\u2642]/u.test(after);
  }
  if (before !== '\u{1f3f4}' || !run.endsWith('\u{e007f}')) return false;
  const letters = [...run].slice(0, -1).map((tag) => String.fromCharCode((tag.codePointAt(0) ?? 0) - 0xe0000));
  return flagTags.has(letters.join(''));
}

/** The code point that ends before, or begins at, a place in a text; empty at its ends. */
function characterBefore(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  return text.slice(low >= 0xdc00 && low <= 0xdfff ? at - 2 : at - 1, at);
}
function characterAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}

/** Every run of characters that a person cannot see, but those of ordinary writing and Windows line ends. */
export function hiddenRuns(text: string): HiddenRun[] {
  const runs: HiddenRun[] = [];
  for (const { 0: run, index } of text.matchAll(hidden)) {
    const end = index + run.length;
    if (isOrdinary(run, index === 0 ? '' : characterBefore(text, index), characterAt(text, end))) continue;
    const isLineEnd = run.endsWith('\r') && text.charCodeAt(end) === 0x0a;
    if (isLineEnd && run.length === 1) continue;
    runs.push({ start: index, end: isLineEnd ? end - 1 : end });
  }
  return runs;
}

/** Splits server text so that what a person cannot see can be drawn as a visible token. Loses no character. */
export function partsOf(source: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  const addText = (text: string): void => {
    if (text !== '') parts.push({ kind: 'text', text: text.replaceAll('\r\n', '\n') });
  };
  for (const { start, end } of hiddenRuns(source)) {
    addText(source.slice(from, start));
    const characters = [...source.slice(start, end)];
    parts.push({ kind: 'hidden', count: characters.length, names: [...new Set(characters.map(nameOf))].join(', ') });
    from = end;
  }
  addText(source.slice(from));
  return parts;
}

/** Whether any text in a JSON value, keys included, holds characters that a person cannot see. */
export function hidesText(value: unknown): boolean {
  if (typeof value === 'string') return hiddenRuns(value).length > 0;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => hidesText(key) || hidesText(inner));
}
