/** `tools/call` in both eras: what a name means on the surface, and the way to the pipeline. */
import { memberText, repeatedKey } from '@shared/json-text.ts';
import type { Approvals } from '../approvals/index.ts';
import type { AppIdentity, Profile, Refusal } from '../policy/index.ts';
import type { WrittenJson } from '../upstreams/index.ts';
import { CALL_TOOLS } from './agent-menu.ts';
import type { GivenLinks } from './given-links.ts';
import { objectOf } from './json-members.ts';
import { type Outcome, sendOutcome } from './outcome.ts';
import { isOpenTo } from './own-answers.ts';
import type { AnswerOwn } from './own-tools.ts';
import { mismatchedHeader } from './param-headers.ts';
import type { Pipeline } from './pipeline.ts';
import { errorFrame, isObject, type JsonObject, RPC } from './protocol.ts';
import { forwardedMembers, lineOf, type Request } from './request.ts';
import type { Meaning, Surfaces } from './surfaces.ts';

export interface ToolCallsOptions {
  readonly answerOwn: AnswerOwn;
  readonly approvals: Pick<Approvals, 'tool'>;
  readonly links: Pick<GivenLinks, 'note'>;
  readonly pipeline: Pipeline;
  readonly profileOf: (app: AppIdentity) => Profile | null;
  readonly surfaces: Surfaces;
}

/** Answers `tools/call` on the request's reply. */
export type CallTool = (request: Request) => Promise<void>;

export function createToolCalls(options: ToolCallsOptions): CallTool {
  const { answerOwn, approvals, links, pipeline, profileOf, surfaces } = options;

  const refuse = (request: Request, name: string, args: WrittenJson | undefined, message: string): Promise<Outcome> => {
    const refusal: Refusal = { code: 'invalid_arguments', message, retryable: false, whoCanFix: 'agent' };
    return pipeline.callOwn(request.caller, name, args, request, async () => ({ kind: 'refusal', refusal }));
  };

  const callOwn = (
    request: Request,
    tool: Extract<Meaning, { kind: 'own' }>['tool'],
    args: WrittenJson | undefined,
    profile: Profile | null,
  ): Promise<Outcome> =>
    pipeline.callOwn(request.caller, tool, args, request, async () => {
      // The pipeline let this app pass, so it has a profile.
      if (!profile) throw new Error(`${request.caller.app.id} passed without a profile`);
      return answerOwn(tool, args?.value, request.caller.app.id, profile);
    });

  const callServer = async (
    request: Request,
    name: string,
    params: WrittenParams,
    meaning: Extract<Meaning, { kind: 'tool' }>,
  ): Promise<Outcome> => {
    const { caller } = request;
    const { kind: _kind, ...use } = meaning;
    const isCallTool = CALL_TOOLS.has(name) && use.claimedEffect !== null;
    const shown = isCallTool ? (use.toolId ?? name) : name;
    const argumentsJson = isCallTool ? innerArguments(params.args, use.arguments) : params.args?.json;
    const { others } = params;
    const written = argumentsJson !== undefined && { argumentsJson };
    const outcome = await pipeline.callTool(
      caller,
      { ...use, ...written, others, name: shown, relaysErrors: !isCallTool },
      lineOf(request),
    );
    if (outcome?.kind === 'result' && outcome.server !== null && use.toolId !== null) {
      links.note(caller.app.id, outcome.server, use.toolId, outcome.result);
    }
    return outcome;
  };

  /** The header that contradicts the arguments of a tool this app may use; of any other tool nothing is told. */
  const mismatchIn = (
    { caller, headers }: Request,
    profile: Profile | null,
    { toolId, arguments: args }: ToolMeaning,
  ) => {
    if (caller.era !== 'modern' || !profile || toolId === null) return undefined;
    const tool = approvals.tool(toolId);
    return isOpenTo(profile, tool) ? mismatchedHeader(tool.definition, args, headers) : undefined;
  };

  return async (request) => {
    const { id, reply, params, caller, target } = request;
    const { name, arguments: args } = params;
    if (typeof name !== 'string' || (args !== undefined && !isObject(args))) {
      const message =
        typeof name === 'string' ? 'The arguments must be an object.' : 'tools/call needs the name of a tool.';
      reply.send(errorFrame(id, RPC.invalidParams, message));
      return;
    }
    const written = writtenParams(request, args);
    const profile = profileOf(caller.app);
    const meaning = surfaces.meaningOf(name, args, profile, target);
    const repeated = repeatedIn(written.args, meaning);
    if (repeated !== undefined) {
      const which = repeated.slice(0, 60).toWellFormed();
      const message = `The arguments have the key ${JSON.stringify(which)} twice in one object; programs differ in which of the two they read.`;
      sendOutcome(request, await refuse(request, name, written.args, message));
    } else if (meaning.kind === 'own')
      sendOutcome(request, await callOwn(request, meaning.tool, written.args, profile));
    else if (meaning.kind === 'incomplete')
      sendOutcome(request, await refuse(request, name, written.args, meaning.message));
    else {
      const mismatch = meaning.claimedEffect === null ? mismatchIn(request, profile, meaning) : undefined;
      if (mismatch) {
        const { header, problem } = mismatch;
        const message = `The headers and the body disagree: ${header} ${problem}.`;
        reply.send(errorFrame(id, RPC.headerMismatch, message, { mismatch: { header, body: problem } }), {}, 400);
      } else sendOutcome(request, await callServer(request, name, written, meaning));
    }
  };
}

type ToolMeaning = Extract<Meaning, { kind: 'tool' }>;

interface WrittenParams {
  readonly args: WrittenJson | undefined;
  readonly others: WrittenJson;
}

/** The params taken apart, each part as it was written. */
function writtenParams(request: Request, args: JsonObject | undefined): WrittenParams {
  const { value, members } = forwardedMembers(request);
  const { name: _name, arguments: _arguments, ...rest } = value;
  const argsJson = members.get('arguments');
  members.delete('name');
  members.delete('arguments');
  return {
    args: args && argsJson !== undefined ? { value: args, json: argsJson } : undefined,
    others: members.size === 0 ? NOTHING : { value: rest, json: objectOf(members) },
  };
}

const NOTHING: WrittenJson = { value: {}, json: '{}' };

/** Text of the arguments inside those of a call tool. Models often send them as JSON text; then that is what they meant. */
function innerArguments(outer: WrittenJson | undefined, meant: unknown): string | undefined {
  const given = outer?.value.arguments;
  if (outer === undefined || given === undefined) return undefined;
  return typeof given === 'string' && isObject(meant) ? given : memberText(outer.json, 'arguments');
}

function repeatedIn(args: WrittenJson | undefined, meaning: Meaning): string | undefined {
  if (!args) return undefined;
  const repeated = repeatedKey(args.json);
  if (repeated !== undefined || meaning.kind !== 'tool' || meaning.claimedEffect === null) return repeated;
  const inner = args.value.arguments;
  return typeof inner === 'string' && isObject(meaning.arguments) ? repeatedKey(inner) : undefined;
}
