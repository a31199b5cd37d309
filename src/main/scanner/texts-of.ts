/** Takes a definition apart into the strings in it, each with its place. */
import type { Place } from './places.ts';

export interface ScannedText {
  /** JSON Pointer into the definition. */
  readonly pointer: string;
  /** The text is the member's name, not its value. */
  readonly inKey: boolean;
  readonly place: Place;
  readonly text: string;
}

export interface TextsOf {
  readonly texts: readonly ScannedText[];
  /** Null when everything was taken; else how many units were. */
  readonly cutAt: number | null;
}

/** Strings of one definition; more are not looked at. */
const MOST_TEXTS = 20_000;
const DEEPEST = 64;

/** Members of a schema whose members are named by the server's author. */
const NAMING = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
const VALUES = new Set(['default', 'const', 'enum', 'examples', 'example']);
const PROSE = new Set(['description', 'title', '$comment']);
const URIS = new Set(['uri', 'uriTemplate', 'url', 'src', 'websiteUrl', '$id', '$ref', '$schema']);

interface Context {
  readonly pointer: string;
  readonly place: Place;
  /** In a schema: whether the members of this object are named by the author. */
  readonly role: 'plain' | 'schema' | 'names';
  readonly depth: number;
}

/**
 * Strings in the order of the definition, at most `budget` UTF-16 units of them; the string at the limit is cut there.
 * Names of members count as texts where the author chooses them.
 */
export function textsOf(value: unknown, budget: number, place: Place = 'other'): TextsOf {
  const texts: ScannedText[] = [];
  let taken = 0;
  let isCut = false;
  const take = (pointer: string, inKey: boolean, where: Place, text: string): void => {
    if (text === '') return;
    if (taken >= budget || texts.length >= MOST_TEXTS) {
      isCut = true;
      return;
    }
    const left = budget - taken;
    if (text.length > left) isCut = true;
    const kept = text.length > left ? text.slice(0, left) : text;
    taken += kept.length;
    texts.push({ pointer, inKey, place: where, text: kept });
  };
  const walk = (one: unknown, context: Context): void => {
    if (typeof one === 'string') {
      take(context.pointer, false, context.place, one);
      return;
    }
    if (typeof one !== 'object' || one === null || isCut) return;
    if (context.depth >= DEEPEST) {
      isCut = true;
      return;
    }
    const isList = Array.isArray(one);
    for (const [key, inner] of Object.entries(one)) {
      if (isCut) return;
      const pointer = `${context.pointer}/${isList ? key : stepOf(key)}`;
      if (!isList && (context.role === 'names' || !KNOWN_KEY.test(key))) {
        take(pointer, true, context.role === 'names' ? 'parameter' : 'other', key);
      }
      walk(inner, isList ? { ...context, pointer, depth: context.depth + 1 } : memberOf(context, key, pointer));
    }
  };
  walk(value, { pointer: '', place, role: 'plain', depth: 0 });
  return { texts, cutAt: isCut ? taken : null };
}

/** Short plain words name members everywhere; whatever else stands there was put there. */
const KNOWN_KEY = /^[$_A-Za-z][A-Za-z0-9_$./-]{0,39}$/;

function memberOf(context: Context, key: string, pointer: string): Context {
  const depth = context.depth + 1;
  const next = (place: Place, role: Context['role'] = context.role): Context => ({ pointer, place, role, depth });
  if (context.place === 'result') return next('result');
  if (context.role === 'names') return next('other', 'schema');
  if (context.place === 'value') return next('value');
  if (PROSE.has(key)) return next('text');
  if (URIS.has(key)) return next('uri');
  if (context.role === 'schema') {
    if (NAMING.has(key)) return next('other', 'names');
    if (VALUES.has(key)) return next('value');
    return next('other');
  }
  if (key === 'inputSchema' || key === 'outputSchema') return next('other', 'schema');
  if (key === 'name') return next(context.pointer === '' ? 'name' : 'parameter');
  return next('other');
}

const stepOf = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
