/** Longest picture and longest single value in it, in characters. */
const PICTURE_LENGTH = 120;
const VALUE_LENGTH = 60;
/** Arguments are only looked at this far: the first values say what a call is about. */
const LOOKED_AT = 8 * 1024;
const VALUES = 16;

const PLACES = new Set(
  'path file filepath filename uri url href repo repository directory dir folder source destination target table collection key id name'.split(
    ' ',
  ),
);
const QUERIES = new Set('query q search pattern needle term keywords text'.split(' '));

// A string (closed or cut off, be it within an escape), with the colon when it is a key; or a number standing alone.
// Every quote that opens a string ends it somewhere, so that no text is walked through twice.
const TOKEN = /"((?:[^"\\]|\\[\s\S])*)(?:"(\s*:)?|\\?$)|(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])/g;

interface Scalar {
  readonly key: string;
  readonly value: string;
  readonly isNumber: boolean;
}

/**
 * A short one-line picture of a call's arguments: `"retryBudget" in acme/atlas`, `~/code/atlas/src/retry.ts`.
 * Untrusted text, but without control and invisible characters and never longer than 120.
 * @param argumentsJson JSON text; need not be complete
 * @param home the person's home folder, shown as `~`
 */
export function onWhatOf(argumentsJson: string, home?: string): string {
  const scalars = scalarsOf(argumentsJson.slice(0, LOOKED_AT)).map((scalar) => ({
    ...scalar,
    value: short(plain(scalar.value, home)),
  }));
  const words = scalars.filter((scalar) => !scalar.isNumber && scalar.value !== '');
  const query = words.find((scalar) => QUERIES.has(scalar.key));
  const places = joinOwner(words.filter((scalar) => PLACES.has(scalar.key) || scalar.key === 'owner'));
  if (query) {
    const place = places[0];
    return cut(place === undefined ? query.value : `"${query.value}" in ${place}`, PICTURE_LENGTH);
  }
  const others = words.filter((scalar) => !PLACES.has(scalar.key) && scalar.key !== 'owner').map(({ value }) => value);
  const numbers = scalars
    .filter((scalar) => scalar.isNumber)
    .map(({ key, value }) => (key ? `${key} ${value}` : value));
  return cut([...places, ...others, ...numbers].slice(0, 3).join(', '), PICTURE_LENGTH);
}

function scalarsOf(text: string): Scalar[] {
  const scalars: Scalar[] = [];
  let key = '';
  for (const match of text.matchAll(TOKEN)) {
    const [whole, string, colon] = match;
    if (string !== undefined && colon !== undefined) key = unescaped(string).toLowerCase();
    else if (string !== undefined) scalars.push({ key, value: unescaped(string), isNumber: false });
    else scalars.push({ key, value: whole, isNumber: true });
    if (scalars.length >= VALUES) break;
  }
  return scalars;
}

/** `owner` and `repo` are one place: `acme/atlas`. */
function joinOwner(places: Scalar[]): string[] {
  const owner = places.find(({ key }) => key === 'owner')?.value;
  const rest = places.filter(({ key }) => key !== 'owner');
  if (owner === undefined) return rest.map(({ value }) => value);
  const repo = rest.find(({ key }) => key === 'repo' || key === 'repository');
  const joined = repo ? `${owner}/${repo.value}` : owner;
  return [joined, ...rest.filter((place) => place !== repo).map(({ value }) => value)];
}

function unescaped(escaped: string): string {
  if (!escaped.includes('\\')) return escaped;
  try {
    return String(JSON.parse(`"${escaped}"`));
  } catch {
    return escaped;
  }
}

/** One line: whitespace runs become a space; control, format and private characters go. */
function plain(value: string, home: string | undefined): string {
  const line = value
    .replace(/[\s\p{Z}]+/gu, ' ')
    .replace(/\p{C}/gu, '')
    .trim();
  return home !== undefined && home.length > 1 && line.startsWith(`${home}/`) ? `~${line.slice(home.length)}` : line;
}

const short = (value: string): string => cut(value, VALUE_LENGTH);

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;
}
