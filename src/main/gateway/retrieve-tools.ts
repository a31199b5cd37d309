/** retrieve_tools: finds tools for a task, one short line each. */
import { z } from 'zod';
import type { ToolRecord } from '../approvals/index.ts';
import type { Profile } from '../policy/index.ts';
import { answer, invalid, isOpenTo, textResult } from './own-answers.ts';
import type { OwnToolsOptions } from './own-tools.ts';
import type { OwnAnswer } from './pipeline.ts';
import { firstSentence, signatureOf } from './signature.ts';

const retrieveInput = z.object({
  query: z.string().trim().min(1).max(2000),
  limit: z.number().int().min(1).max(50).default(10),
  server: z.string().optional(),
});

/** Characters one line of an answer may have; ten of them stay under 900 tokens. */
const LONGEST_ENTRY = 270;
const LONGEST_SENTENCE = 110;

/** Answers with approved tools this profile may call, best first; says so when nothing fits. */
export async function retrieveTools(
  { approvals, discovery }: Pick<OwnToolsOptions, 'approvals' | 'discovery'>,
  args: unknown,
  profile: Profile,
): Promise<OwnAnswer> {
  const input = retrieveInput.safeParse(args ?? {});
  if (!input.success) return invalid('retrieve_tools', input.error);
  const { query, limit, server } = input.data;
  const servers =
    server === undefined ? profile.servers : [server].filter((one) => profile.servers?.includes(one) ?? true);
  const hits = await discovery.search({ query, limit, servers, effects: profile.effects });
  const lines: string[] = [];
  for (const hit of hits) {
    // The index may be a moment behind; what counts is what the person approved now.
    const tool = approvals.tool(hit.id);
    if (isOpenTo(profile, tool)) lines.push(entryOf(tool, hit.score));
  }
  if (lines.length === 0) {
    return answer(
      textResult(
        'No available tool fits. Try other words, or tell the person which tool is missing; they add and approve servers in Gatehouse.',
      ),
    );
  }
  return answer(textResult(`name [effect, score] signature — purpose\n${lines.join('\n')}`));
}

function entryOf(tool: ToolRecord, score: number): string {
  const { description, inputSchema, title } = tool.definition;
  const head = `${tool.id} [${tool.effect}, ${score.toFixed(2)}] `;
  const sentence = firstSentence(description ?? title ?? '', LONGEST_SENTENCE);
  const room = Math.max(LONGEST_ENTRY - head.length - sentence.length - 3, 60);
  const signature = signatureOf(tool.name, inputSchema, room);
  return sentence ? `${head}${signature} — ${sentence}` : `${head}${signature}`;
}
