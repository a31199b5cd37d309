/** Levels of nesting that are looked at: more than any honest schema has, too few to exhaust the stack. */
export const DEEPEST = 200;

/** Thrown for values nested too deeply to be looked at. */
export class TooDeepError extends Error {
  override readonly name = 'TooDeepError';
}

/**
 * Canonical JSON (RFC 8785): keys sorted by UTF-16 code units, no spaces, numbers and strings as ECMAScript writes
 * them. Two values give the same text exactly when they are the same JSON. Properties that are `undefined` are left
 * out, as JSON.stringify does; raw JSON stands as it is. Throws `TooDeepError` beyond 200 levels.
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > DEEPEST) throw new TooDeepError(`The value is nested more than ${DEEPEST} levels deep.`);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null, depth + 1)).join(',')}]`;
  if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) return JSON.stringify(value) ?? 'null';
  const members: string[] = [];
  // Entries, not an index by key: a property named __proto__ is data like any other.
  for (const [key, member] of Object.entries(value).sort(byKey)) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member, depth + 1)}`);
  }
  return `{${members.join(',')}}`;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
