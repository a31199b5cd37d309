/** A leading sign narrows the palette: `>` commands, `@` apps, `#` servers, `:` call number. */
export type PaletteScope = 'everything' | 'commands' | 'apps' | 'servers' | 'call';

const signs: Record<string, PaletteScope> = { '>': 'commands', '@': 'apps', '#': 'servers', ':': 'call' };

export interface PaletteQuery {
  scope: PaletteScope;
  text: string;
}

export function parseQuery(input: string): PaletteQuery {
  const typed = input.trimStart();
  const scope = signs[typed.charAt(0)];
  return scope ? { scope, text: typed.slice(1).trim() } : { scope: 'everything', text: typed.trim() };
}

/** Where the words were found in the label, or null when they are not all there. Words may come in any order. */
export function matchOf(label: string, text: string): { from: number; to: number } | null {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const haystack = label.toLowerCase();
  if (!words.every((word) => haystack.includes(word))) return null;
  const [first] = words;
  if (first === undefined) return { from: 0, to: 0 };
  const from = haystack.indexOf(first);
  return { from, to: from + first.length };
}
