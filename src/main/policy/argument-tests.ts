/** Tests of a rule against a call's arguments. Bounded in time whatever the arguments are. Pure. */
import type { ArgumentTest } from '@shared/contract/index.ts';
import type { JSONPathEnvironment, JSONPathQuery, JSONValue } from 'json-p3';
import { type Home, isInside, isNamed, type Reading } from './path-text.ts';
import { fitsGlob } from './text-glob.ts';

/** `unknown`: too large to look at. A rule that gives then does not fit; one that takes away does. */
export type TestOutcome = 'fits' | 'not' | 'unknown';

const MOST_VALUES = 200_000;
const DEEPEST = 100;
const MOST_PATHS = 500;

let environment: JSONPathEnvironment | undefined;
const compiled = new Map<string, JSONPathQuery | string>();

/**
 * Loads the path library, which a start without paths in its rules does not pay for (17 ms). Needed before a policy with other
 * paths than `$..*` is read.
 */
export async function loadJsonPaths(): Promise<void> {
  const { JSONPathEnvironment: Environment } = await import('json-p3');
  environment ??= new Environment({ maxRecursionDepth: DEEPEST + 2 });
}

/**
 * What is wrong with a path, or null. Filters and unions are left out on purpose: `match()` and `search()` bring regular
 * expressions, and unions or several `..` can multiply what a path finds without end.
 */
export function problemOfPath(path: string): string | null {
  if (path === EVERYTHING) return null;
  const query = queryOf(path);
  return typeof query === 'string' ? query : null;
}

function queryOf(path: string): JSONPathQuery | string {
  if (!environment) return 'The path library is not loaded.';
  const known = compiled.get(path);
  if (known !== undefined) return known;
  const made = compile(environment, path);
  if (compiled.size >= MOST_PATHS) compiled.clear();
  compiled.set(path, made);
  return made;
}

function compile(paths: JSONPathEnvironment, path: string): JSONPathQuery | string {
  if (/[?,]/.test(path)) return 'A path may have no filter (?) and no list of names (,).';
  if (path.split('..').length > 2) return 'A path may have ".." once.';
  try {
    return paths.compile(path);
  } catch (error) {
    return `This is no JSONPath: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** True when every test holds. Arguments are looked at as parsed JSON. */
export function testArguments(
  tests: readonly ArgumentTest[],
  args: unknown,
  reading: Reading,
  home: Home,
): TestOutcome {
  const everything = valuesIn(args ?? {});
  if (everything === null) return 'unknown';
  for (const test of tests) {
    if (test.path === EVERYTHING) {
      if (!everything.some((value) => holds(test, value, reading, home))) return 'not';
      continue;
    }
    const query = queryOf(test.path);
    if (typeof query === 'string') return 'unknown';
    const values = query.query(jsonOf(args)).values();
    if (!values.some((value) => holds(test, value, reading, home))) return 'not';
  }
  return 'fits';
}

/** Checked before: objects, arrays and scalars only, as JSON.parse gives them. */
const jsonOf = (args: unknown): JSONValue => (args ?? {}) as JSONValue;

/** The path of everything below the top, which is walked already. */
const EVERYTHING = '$..*';

/** All values below the top; null when they are too many or too deep. */
function valuesIn(args: unknown): readonly unknown[] | null {
  const values: unknown[] = [];
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: args, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    if (next.depth > DEEPEST || values.length > MOST_VALUES) return null;
    if (typeof next.value !== 'object' || next.value === null) continue;
    for (const value of Object.values(next.value)) {
      values.push(value);
      open.push({ value, depth: next.depth + 1 });
    }
  }
  return values;
}

function holds(test: ArgumentTest, value: unknown, reading: Reading, home: Home): boolean {
  if (test.equals !== undefined) return isSame(value, test.equals, reading);
  if (typeof value !== 'string') return false;
  const plain = reading === 'strict' ? (text: string) => text : foldedText;
  if (test.prefix !== undefined) return plain(value).startsWith(plain(test.prefix));
  if (test.contains !== undefined) return plain(value).includes(plain(test.contains));
  if (test.glob !== undefined) return fitsGlob(plain(test.glob), plain(value));
  if (test.inside !== undefined) return test.inside.some((folder) => isInside(value, folder, reading, home));
  if (test.named !== undefined) return test.named.some((name) => isNamed(value, name, reading));
  return false;
}

function isSame(value: unknown, wanted: ArgumentTest['equals'], reading: Reading): boolean {
  if (value === wanted) return true;
  if (reading === 'strict') return false;
  return typeof value === 'string' && typeof wanted === 'string' && foldedText(value) === foldedText(wanted);
}

/** For rules that take away: compatibility forms, case and invisible characters make no difference. */
const foldedText = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .toLowerCase();
