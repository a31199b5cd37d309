/** Shortens a result that is too long for one answer and keeps it whole for read_result. */
import { memberText, withMember } from '@shared/json-text.ts';
import { cutPage } from './paging.ts';
import { isObject, type JsonObject } from './protocol.ts';
import type { ResultStore } from './result-store.ts';

const RESULT_KEY = 'gatehouse/result';

/** JSON characters beside a single text block up to which they are repeated in the shortened answer. */
const SMALL_REST = 1000;

export interface Shortened {
  readonly resultJson: string;
  /** For the trail. */
  readonly note: string;
}

/**
 * The answer as it is when it has at most `limit` characters of JSON; else its beginning and a handle. What is kept: for
 * one text block the text itself, for anything else the JSON text of the whole result.
 */
export async function shortenResult(
  result: JsonObject,
  resultJson: string,
  limit: number,
  keep: { readonly store: ResultStore; readonly app: string },
): Promise<Shortened> {
  if (resultJson.length <= limit) return { resultJson, note: 'Passed on unchanged.' };
  const single = singleText(result, resultJson);
  // Only its JSON escapes make it longer than the limit; nothing would be left for a second page.
  if (single && single.text.length <= limit) return { resultJson, note: 'Passed on unchanged.' };
  const whole = single?.text ?? resultJson;
  const { end } = cutPage(whole, 0, limit);
  const handle = await keep.store.keep(keep.app, whole).catch(() => null);
  const rest = single?.rest ?? (result.isError === undefined ? '{}' : `{"isError":${JSON.stringify(result.isError)}}`);
  const facts = { handle, total: whole.length, shown: end, kind: single ? 'text' : 'json' };
  const content = [
    { type: 'text', text: whole.slice(0, end) },
    { type: 'text', text: noticeOf(handle, end, whole.length) },
  ];
  const written = memberText(rest, '_meta');
  const meta = withMember(written?.startsWith('{') ? written : '{}', RESULT_KEY, JSON.stringify(facts));
  return {
    resultJson: withMember(withMember(rest, 'content', JSON.stringify(content)), '_meta', meta),
    note: `${whole.length} characters, the first ${end} passed on${handle ? ' and the whole kept for an hour' : ''}.`,
  };
}

function noticeOf(handle: string | null, shown: number, total: number): string {
  const size = `[Gatehouse: the first ${shown} of ${total} characters.`;
  if (handle === null) return `${size} The rest could not be kept; ask the tool for less at a time.]`;
  return `${size} Read on with read_result(handle: "${handle}", offset: ${shown}) or find words with read_result(handle, search). Kept for one hour.]`;
}

/** The text of a result that is one plain text block, and the rest of it as written; undefined for any other. */
function singleText(result: JsonObject, resultJson: string): { text: string; rest: string } | undefined {
  const { content } = result;
  if (!Array.isArray(content) || content.length !== 1) return undefined;
  const block: unknown = content[0];
  if (!isObject(block) || block.type !== 'text' || typeof block.text !== 'string') return undefined;
  if (Object.keys(block).length > 2) return undefined;
  const rest = withMember(resultJson, 'content', null);
  return rest.length <= SMALL_REST ? { text: block.text, rest } : undefined;
}
