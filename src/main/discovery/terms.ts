/**
 * Text to index terms: words and identifiers split, lower-cased, filler dropped, stemmed (Porter2). The same function
 * reads tools and queries, so both always meet in the same terms.
 */
import stem from 'wink-nlp-utils/src/string-stem.js';

/** Longer "words" are hashes, tokens and attacks; nobody searches for them. Also bounds the stemmer's work. */
const longestWord = 40;
/** Distinct words remembered with their stem; past it the memory starts anew. */
const rememberedStems = 40_000;

/** Function words and the words every tool description and every request shares; they tell tools apart never. */
const fillerWords = new Set(
  `a about above all also am an and any are as at be because been before being both but by can could did do does doing
  down each else etc for from further had has have having he her here hers him his how i if in into is it its itself just
  let me more most my myself no nor not of off on once only or other our ours out over own per please same she should so
  some such than that the their theirs them then there these they this those through to too under until up upon us very
  was we were what when where which while who whom why will with within without would you your yours
  tool tools use used using uses via want need needs help like able`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

const wordPattern = /[\p{L}\p{N}\p{M}]+/gu;
const lowerThenUpper = /([\p{Ll}\p{N}])(\p{Lu})/gu;
const acronymThenWord = /(\p{Lu})(\p{Lu}\p{Ll})/gu;
const letterThenDigit = /(\p{L})(\p{N})/gu;
const digitThenLetter = /(\p{N})(\p{L})/gu;
const combiningMarks = /\p{M}+/gu;
const unspacedScript = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

const stems = new Map<string, string>();
/** One string object per term: an index holds each term thousands of times. */
const interned = new Map<string, string>();

/**
 * Terms of running text in order, repeated as often as they occur. `limit` bounds how many are read, so a hostile text
 * of a million words costs no more than an honest one.
 */
export function termsOf(text: string, limit: number): string[] {
  const terms: string[] = [];
  for (const match of text.normalize('NFKC').matchAll(wordPattern)) {
    if (terms.length >= limit) break;
    pushWord(match[0], terms);
  }
  if (terms.length > limit) terms.length = limit;
  return terms;
}

/**
 * Terms of an identifier such as `createIssue`, `create_issue` or `s3-list2`: its parts, and the whole written as one
 * word (`git_hub` is found as `github`).
 */
export function identifierTermsOf(identifier: string, limit: number): string[] {
  const terms = termsOf(identifier, limit);
  const joined = joinedOf(identifier);
  if (joined !== undefined && !terms.includes(joined)) terms.push(joined);
  return terms;
}

/** Letters and digits of a text run together and stemmed; undefined when it is one word anyway or too long. */
export function joinedOf(text: string): string | undefined {
  const words = text.normalize('NFKC').match(wordPattern) ?? [];
  if (words.length < 2) return undefined;
  const joined = words.join('');
  return joined.length <= longestWord ? stemOf(plain(joined)) : undefined;
}

/** The words of a text, split like identifiers and nothing dropped or stemmed, in one spaced line: the form exact names are compared in. */
export function spacedWordsOf(text: string): string {
  const words = text.normalize('NFKC').match(wordPattern) ?? [];
  return words.flatMap((word) => partsOf(word).map(plain)).join(' ');
}

function pushWord(word: string, terms: string[]): void {
  if (unspacedScript.test(word)) {
    pushPairs(word, terms);
    return;
  }
  if (word.length > longestWord) return;
  const parts = partsOf(word);
  if (parts.length > 1) for (const part of parts) pushTerm(plain(part), terms);
  pushTerm(plain(word), terms);
}

/** Scripts written without spaces are indexed as overlapping pairs of characters. */
function pushPairs(word: string, terms: string[]): void {
  const characters = [...word.slice(0, longestWord * 4)];
  if (characters.length === 1) terms.push(word);
  for (let at = 0; at + 1 < characters.length; at += 1)
    terms.push(`${characters[at]}${characters[at + 1]}`.toLowerCase());
}

function pushTerm(word: string, terms: string[]): void {
  if (word !== '' && !fillerWords.has(word)) terms.push(stemOf(word));
}

function partsOf(word: string): string[] {
  return word
    .replace(lowerThenUpper, '$1 $2')
    .replace(acronymThenWord, '$1 $2')
    .replace(letterThenDigit, '$1 $2')
    .replace(digitThenLetter, '$1 $2')
    .split(' ');
}

function plain(word: string): string {
  return word.toLowerCase().normalize('NFD').replace(combiningMarks, '');
}

function stemOf(word: string): string {
  const known = stems.get(word);
  if (known !== undefined) return known;
  if (stems.size >= rememberedStems) {
    stems.clear();
    interned.clear();
  }
  const stemmed = stem(word);
  const term = interned.get(stemmed) ?? stemmed;
  interned.set(term, term);
  stems.set(word, term);
  return term;
}
