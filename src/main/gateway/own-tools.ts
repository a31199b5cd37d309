/** What Gatehouse's own tools answer. Nothing here shows more than the pipeline would let through. */
import { z } from 'zod';
import type { Approvals, ToolRecord } from '../approvals/index.ts';
import type { Discovery } from '../discovery/index.ts';
import { heldRefusal, type Profile, type Refusal, shortName } from '../policy/index.ts';
import type { SettingsStore } from '../settings/index.ts';
import type { OwnTool } from './agent-menu.ts';
import type { OwnAnswer } from './pipeline.ts';
import type { JsonObject } from './protocol.ts';
import type { ResultStore } from './result-store.ts';
import { firstSentence, signatureOf } from './signature.ts';

export interface OwnToolsOptions {
  readonly approvals: Pick<Approvals, 'tool'>;
  readonly discovery: Pick<Discovery, 'search'>;
  readonly results: ResultStore;
  readonly settings: Pick<SettingsStore, 'get'>;
}

/** Answers one of Gatehouse's own tools for an app with this profile. */
export type AnswerOwn = (tool: OwnTool, args: unknown, app: string, profile: Profile) => Promise<OwnAnswer>;

export function createOwnTools(options: OwnToolsOptions): AnswerOwn {
  return (tool, args, app, profile) => {
    switch (tool) {
      case 'retrieve_tools':
        return retrieveTools(options, args, profile);
      case 'describe_tools':
        return describeTools(options, args, profile);
      case 'read_result':
        return readResult(options, args, app);
    }
  };
}

const textResult = (...texts: string[]): JsonObject => ({ content: texts.map((text) => ({ type: 'text', text })) });
const answer = (result: JsonObject, mayShorten = false): OwnAnswer => ({ kind: 'result', result, mayShorten });

/** True when this profile may find, read about and call the tool. */
export function isOpenTo(profile: Profile, tool: ToolRecord | undefined): tool is ToolRecord {
  return (
    tool?.state === 'approved' &&
    tool.effect !== null &&
    profile.effects.includes(tool.effect) &&
    (profile.servers === null || profile.servers.includes(tool.server))
  );
}

function invalid(tool: OwnTool, error: z.ZodError): OwnAnswer {
  const [issue] = error.issues;
  const where = issue?.path.join('.') ?? '';
  const refusal: Refusal = {
    code: 'invalid_arguments',
    message: `The arguments do not fit ${tool}: ${where ? `${where}: ` : ''}${issue?.message ?? 'not valid'}.`,
    retryable: false,
    whoCanFix: 'agent',
  };
  return { kind: 'refusal', refusal };
}

// --- retrieve_tools

const retrieveInput = z.object({
  query: z.string().trim().min(1).max(2000),
  limit: z.number().int().min(1).max(50).default(10),
  server: z.string().optional(),
});

/** Characters one line of an answer may have; ten of them stay under 900 tokens. */
const LONGEST_ENTRY = 270;
const LONGEST_SENTENCE = 110;

async function retrieveTools(
  { approvals, discovery }: OwnToolsOptions,
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

// --- describe_tools

const describeInput = z.object({ names: z.array(z.string().min(1).max(600)).min(1).max(20) });

async function describeTools({ approvals }: OwnToolsOptions, args: unknown, profile: Profile): Promise<OwnAnswer> {
  const input = describeInput.safeParse(args ?? {});
  if (!input.success) return invalid('describe_tools', input.error);
  const described = input.data.names.map((name) => {
    const tool = approvals.tool(name);
    if (!isOpenTo(profile, tool)) return { name: shortName(name), ...reasonFor(profile, name, tool) };
    const { name: _ownName, ...definition } = tool.definition;
    return { name: tool.id, effect: tool.effect, call_with: `call_tool_${tool.effect}`, ...definition };
  });
  return answer(textResult(JSON.stringify(described)), true);
}

/** Why a tool cannot be described, with the code a call would get and nothing the server said. */
function reasonFor(profile: Profile, name: string, tool: ToolRecord | undefined): { code: string; message: string } {
  const isHeld =
    tool && tool.state !== 'approved' && (profile.servers === null || profile.servers.includes(tool.server));
  if (isHeld) {
    const { code, message } = heldRefusal(tool);
    return { code, message };
  }
  return { code: 'not_in_profile', message: `No tool named ${shortName(name)} is available to this app.` };
}

// --- read_result

const readInput = z.object({
  handle: z.string().min(1).max(100),
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).optional(),
  search: z.string().min(1).max(200).optional(),
});

async function readResult({ results, settings }: OwnToolsOptions, args: unknown, app: string): Promise<OwnAnswer> {
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
