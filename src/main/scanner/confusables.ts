/** Letters that look like others (Unicode TR39), as far as they look like ASCII ones. */
import table from 'unhomoglyph/data.json' with { type: 'json' };

let lookAlikes: ReadonlyMap<string, string> | undefined;

/** By character outside ASCII: the ASCII text it looks like. Made when the first such character is met. */
function looksLike(): ReadonlyMap<string, string> {
  lookAlikes ??= new Map(
    Object.entries(table).filter(([from, to]) => !/^[\x20-\x7e]/.test(from) && /^[\x20-\x7e]{1,3}$/.test(to)),
  );
  return lookAlikes;
}

/** Longest text that a skeleton is made of; names and words are shorter. */
const LONGEST = 256;

/**
 * The text with look-alikes as the ASCII letters they look like, compatibility forms (fullwidth, bold, circled letters)
 * taken back, and without accents; in lower case. ASCII text only changes its case.
 */
export function plainLetters(text: string): string {
  const short = text.slice(0, LONGEST);
  if (/^[\x20-\x7e]*$/.test(short)) return short.toLowerCase();
  const map = looksLike();
  let plain = '';
  for (const character of short.normalize('NFKD')) plain += map.get(character) ?? character;
  return plain.replace(/\p{Mn}/gu, '').toLowerCase();
}

/** What a name looks like at a glance: names with the same skeleton are easily taken for one another. */
export function skeletonOf(name: string): string {
  return plainLetters(name)
    .replaceAll(/[-_.\s]/g, '')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll(/[1|i]/g, 'l')
    .replaceAll('0', 'o');
}

/** Scripts with letters that are drawn like Latin ones. */
const LOOK_ALIKE_SCRIPT = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Cherokee}\p{Script=Armenian}]/u;
const LATIN = /\p{Script=Latin}/u;

/** True for a word that mixes Latin letters with ones of another script that look like Latin ones. */
export function mixesScripts(word: string): boolean {
  if (!LATIN.test(word) || !LOOK_ALIKE_SCRIPT.test(word)) return false;
  const others = [...word].filter((character) => LOOK_ALIKE_SCRIPT.test(character));
  return others.every((character) => looksLike().has(character));
}

/** True for a word without Latin letters that is drawn as if it were written in ASCII. */
export function passesForAscii(word: string): boolean {
  return LOOK_ALIKE_SCRIPT.test(word) && !LATIN.test(word) && /^[\x20-\x7e]+$/.test(plainLetters(word));
}
