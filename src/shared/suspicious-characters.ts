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

/** Splits server text so that what a person cannot see can be drawn as a visible token. Loses no character. */
export function partsOf(source: string): TextPart[] {
  const text = source.replaceAll('\r\n', '\n');
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(hidden)) {
    // The emoji presentation selector directly after a pictograph is ordinary writing.
    if (match[0] === '\ufe0f' && /\p{Extended_Pictographic}$/u.test(text.slice(from, match.index))) continue;
    if (match.index > from) parts.push({ kind: 'text', text: text.slice(from, match.index) });
    const characters = [...match[0]];
    parts.push({ kind: 'hidden', count: characters.length, names: [...new Set(characters.map(nameOf))].join(', ') });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) });
  return parts;
}

/** Whether any text in a JSON value, keys included, holds characters that a person cannot see. */
export function hidesText(value: unknown): boolean {
  if (typeof value === 'string') return partsOf(value).some((part) => part.kind === 'hidden');
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => hidesText(key) || hidesText(inner));
}
