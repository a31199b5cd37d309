/** read_result: pages of a result that was too long for one answer. */
import { z } from 'zod';
import type { Refusal } from '../policy/index.ts';
import { answer, invalid, textResult } from './own-answers.ts';
import type { OwnToolsOptions } from './own-tools.ts';
import type { OwnAnswer } from './pipeline.ts';

const readInput = z.object({
  handle: z.string().min(1).max(100),
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).optional(),
  search: z.string().min(1).max(200).optional(),
});

/** Answers with one page, or with the places where words occur. */
export async function readResult(
  { results, settings }: Pick<OwnToolsOptions, 'results' | 'settings'>,
  args: unknown,
  app: string,
): Promise<OwnAnswer> {
  const input = readInput.safeParse(args ?? {});
  if (!input.success) return invalid('read_result', input.error);
  const { handle, offset, search } = input.data;
  const longest = settings.get().resultLimit;
  const kept = results.find(app, handle);
  if (!kept) return { kind: 'refusal', refusal: NOT_KEPT };
  if (search !== undefined) {
    const { matches, more } = await kept.search(search, offset);
    const last = matches.at(-1);
    const summary = last
      ? `${matches.length} places${more ? `, more from offset ${last.offset + 1}` : ''}; ${kept.total} characters in all.`
      : `"${search}" does not occur from character ${offset} on; ${kept.total} characters in all.`;
    return answer({
      content: [
        {
          type: 'text',
          text: [summary, ...matches.map((match) => `${match.offset}: ${oneLine(match.context)}`)].join('\n'),
        },
      ],
      _meta: { 'gatehouse/matches': { offsets: matches.map((match) => match.offset), more, total: kept.total } },
    });
  }
  const page = await kept.page(offset, Math.min(input.data.limit ?? longest, longest));
  const nextOffset = page.end < page.total ? page.end : null;
  const where = `[Gatehouse: characters ${page.start} to ${page.end} of ${page.total}.${nextOffset === null ? ' This is the end.' : ` Next: offset ${nextOffset}.`}]`;
  return answer({
    ...textResult(page.text, where),
    _meta: { 'gatehouse/page': { offset: page.start, nextOffset, total: page.total } },
  });
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');

const NOT_KEPT: Refusal = {
  code: 'invalid_arguments',
  message: 'No result is kept under this handle. Results are kept for one hour; call the tool again.',
  retryable: false,
  whoCanFix: 'agent',
};
