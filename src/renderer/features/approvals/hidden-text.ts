import { partsOf } from '@shared/suspicious-characters.ts';

/** The letters hidden in a text by characters that draw nothing; empty when they carry none that are known. */
export function decodeHidden(text: string): string {
  let decoded = '';
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    // Unicode tag characters repeat ASCII at U+E0000.
    if (code >= 0xe0020 && code <= 0xe007e) decoded += String.fromCharCode(code - 0xe0000);
    // Variation selectors are used to carry bytes: 16 at U+FE00, 240 at U+E0100.
    else if (code >= 0xe0100 && code <= 0xe01ef) bytes.push(code - 0xe0100 + 16);
    else if (code >= 0xfe00 && code <= 0xfe0f && bytes.length > 0) bytes.push(code - 0xfe00);
  }
  if (bytes.length > 3) decoded += new TextDecoder().decode(Uint8Array.from(bytes));
  return decoded;
}

/** How many characters of a text cannot be seen. */
export function hiddenCount(text: string): number {
  return partsOf(text).reduce((sum, part) => sum + (part.kind === 'hidden' ? part.count : 0), 0);
}

/** How many such characters a whole definition holds, names of fields included. */
export function hiddenIn(value: unknown): number {
  if (typeof value === 'string') return hiddenCount(value);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce((sum, [key, it]) => sum + hiddenCount(key) + hiddenIn(it), 0);
}

/** The text as a screen would show it. */
export function visiblePart(text: string): string {
  return partsOf(text)
    .map((part) => (part.kind === 'text' ? part.text : ''))
    .join('');
}
