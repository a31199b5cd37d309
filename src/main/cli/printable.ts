/**
 * Makes text from servers, apps and files safe to print on a terminal: escape sequences could move the cursor, retitle
 * the window or rewrite what is on screen, and direction overrides could show a command backwards. Pure.
 */

// C0 and C1 controls with DEL; direction marks, embeddings, overrides and isolates; zero-width and line separators.
const unsafe =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

const shortNames: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line; everything that could act on the terminal is shown as an escape such as `\n` or `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(unsafe, (character) => shortNames[character] ?? escapeOf(character));
}

/** The same for text with several lines: line feeds and tabs are kept. */
export function printableBlock(text: string): string {
  return text.replace(unsafe, (character) =>
    character === '\n' || character === '\t' ? character : (shortNames[character] ?? escapeOf(character)),
  );
}

function escapeOf(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** JSON text that is the same value for a parser and harmless on a terminal. */
export function printableJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, null, indent) ?? 'null';
  // Line feeds of the indentation are the only unsafe characters that JSON.stringify leaves on purpose.
  return json.replace(unsafe, (character) => {
    if (character === '\n') return character;
    return Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join('');
  });
}
