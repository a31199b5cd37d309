import { hash } from 'node:crypto';
import type { CallFilter } from '@shared/contract/index.ts';
import type { CallFacts } from './call-facts.ts';

/** Characters of arguments and of a result that the search reads. Longer texts are found by their beginning. */
const SEARCHED_CHARACTERS = 4 * 1024;

/**
 * Filters are words of the same index, so that any combination of filters and search is one intersection. They start
 * with a private-use character, which is taken out of all text: no argument can pretend to be a filter.
 */
const MARK = '\ue000';
const marked = (field: string, value: string): string => `${MARK}${field}${hash('sha256', value).slice(0, 16)}`;

// JSON escapes would glue their letter to the next word ("\nfoo" → "nfoo").
const ESCAPES_AND_MARKS = /\\u([0-9a-fA-F]{4})|\\[\s\S]|[\ue000-\uf8ff]/g;

function searchable(json: string): string {
  return json
    .slice(0, SEARCHED_CHARACTERS)
    .replace(ESCAPES_AND_MARKS, (_, code: string | undefined) => {
      const character = code === undefined ? ' ' : String.fromCharCode(Number.parseInt(code, 16));
      return character >= '\ue000' && character <= '\uf8ff' ? ' ' : character;
    })
    .toWellFormed();
}

/** The text the index holds for a call. */
export function wordsOf(call: CallFacts, argumentsText: string, resultText: string): string {
  const { begin, end } = call;
  const words = [
    searchable([begin.app, begin.server, begin.tool, begin.method].filter((word) => word !== null).join(' ')),
    searchable(argumentsText),
    searchable(resultText),
  ];
  if (end?.facts.refusal) words.push(searchable(end.facts.refusal));
  if (begin.app !== null) words.push(marked('a', begin.app));
  if (begin.server !== null) words.push(marked('s', begin.server));
  if (begin.tool !== null) words.push(marked('t', begin.tool));
  if (begin.effect === 'write' || begin.effect === 'destructive') words.push(`${MARK}changes`);
  const status = end?.facts.status ?? 'running';
  if (status === 'refused' || status === 'running') words.push(MARK + status);
  if (status === 'failed' || status === 'interrupted') words.push(`${MARK}failed`);
  return words.join(' ');
}

/** What the index of words is asked for a filter. */
export type WordQuery =
  /** The filter needs no index of words. */
  | { readonly kind: 'none' }
  /** No call can match. */
  | { readonly kind: 'nothing' }
  /**
   * FTS5 expressions: every word must occur. `begun` takes the last word as the beginning of one; it reads every
   * occurrence of all such words, so it is only for when no call has the whole word. Null: the word is too short.
   */
  | { readonly kind: 'words'; readonly whole: string; readonly begun: string | null };

/** Shorter beginnings of words would match a large part of the log. */
const SHORTEST_BEGINNING = 3;
const MOST_WORDS = 16;

export function wordQueryOf(filter: CallFilter): WordQuery {
  const search = filter.search?.trim() ?? '';
  const words = (search.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).slice(0, MOST_WORDS);
  if (search !== '' && words.length === 0) return { kind: 'nothing' };
  const filters = [
    filter.app !== undefined ? marked('a', filter.app) : '',
    filter.server !== undefined ? marked('s', filter.server) : '',
    filter.tool !== undefined ? marked('t', filter.tool) : '',
    filter.kind !== undefined && filter.kind !== 'all' ? MARK + filter.kind : '',
  ].filter((word) => word !== '');
  // One filter alone has an ordinary index, which is faster.
  if (words.length === 0 && filters.length < 2) return { kind: 'none' };
  const terms = [...filters, ...words].map((word) => `"${word}"`);
  const last = words.at(-1) ?? '';
  return {
    kind: 'words',
    whole: terms.join(' AND '),
    begun: last.length >= SHORTEST_BEGINNING ? `${terms.join(' AND ')} *` : null,
  };
}
