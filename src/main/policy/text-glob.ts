/** Globs over plain text: `*` is any number of characters, `?` one. No regular expression, so nothing can blow up. Pure. */

/** Steps one match may take; more than any honest pattern needs. A match that takes longer counts as none. */
const MOST_STEPS = 200_000;

/** True when the whole text fits. Goes back only to the last star, so the cost is at most pattern times text. */
export function fitsGlob(pattern: string, text: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let resume = 0;
  for (let steps = 0; place < text.length; steps++) {
    if (steps > MOST_STEPS) return false;
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at++;
      resume = place;
    } else if (wanted !== undefined && (wanted === '?' || wanted === text[place])) {
      at++;
      place++;
    } else if (star >= 0) {
      at = star + 1;
      place = ++resume;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
