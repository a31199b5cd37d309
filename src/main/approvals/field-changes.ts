import type { FieldChange } from '@shared/contract/index.ts';
import { canonicalJson } from './canonical-json.ts';

/** Differences a person can look through; and characters of one side of a difference. */
const MOST_CHANGES = 500;
const LONGEST_SIDE = 20_000;

/**
 * Where two JSON values differ, by JSON Pointer (RFC 6901). Objects are compared member by member, lists of equal
 * length item by item, everything else as a whole. At most 500 differences are given.
 */
export function fieldChanges(before: unknown, after: unknown, path = ''): FieldChange[] {
  const changes: FieldChange[] = [];
  collect(before, after, path, changes);
  return changes;
}

function collect(before: unknown, after: unknown, path: string, changes: FieldChange[]): void {
  if (changes.length >= MOST_CHANGES || same(before, after)) return;
  if (isObject(before) && isObject(after)) {
    const members = new Map(Object.entries(after));
    for (const [key, value] of Object.entries(before)) {
      collect(value, members.get(key), `${path}/${escaped(key)}`, changes);
      members.delete(key);
    }
    for (const [key, value] of members) collect(undefined, value, `${path}/${escaped(key)}`, changes);
    return;
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length && before.some(isObject)) {
    for (const [index, value] of before.entries()) collect(value, after[index], `${path}/${index}`, changes);
    return;
  }
  if (before === undefined) changes.push({ path, kind: 'added', before: null, after: shown(after) });
  else if (after === undefined) changes.push({ path, kind: 'removed', before: shown(before), after: null });
  else changes.push({ path, kind: 'changed', before: shown(before), after: shown(after) });
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  // Objects are compared by their members further down; only lists and raw numbers need the whole text here.
  const isWhole = (Array.isArray(a) && Array.isArray(b)) || (JSON.isRawJSON(a) && JSON.isRawJSON(b));
  return isWhole && canonicalJson(a) === canonicalJson(b);
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return text.length <= LONGEST_SIDE ? text : `${text.slice(0, LONGEST_SIDE).toWellFormed()}…`;
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
