/** Shapes of the answers of Gatehouse's own tools, and what a profile may see. */
import type { z } from 'zod';
import type { ToolRecord } from '../approvals/index.ts';
import { answerFor, type Profile } from '../policy/index.ts';
import type { OwnTool } from './agent-menu.ts';
import type { OwnAnswer } from './pipeline.ts';
import type { JsonObject } from './protocol.ts';

/** A result of text blocks. */
export const textResult = (...texts: string[]): JsonObject => ({
  content: texts.map((text) => ({ type: 'text', text })),
});

/** An answer that is passed on; with `mayShorten`, a long one is kept and paged like any other result. */
export const answer = (result: JsonObject, mayShorten = false): OwnAnswer => ({ kind: 'result', result, mayShorten });

/** The refusal of arguments that do not fit one of Gatehouse's own tools. */
export function invalid(tool: OwnTool, error: z.ZodError): OwnAnswer {
  const [issue] = error.issues;
  const where = issue?.path.join('.') ?? '';
  return {
    kind: 'refusal',
    refusal: {
      code: 'invalid_arguments',
      message: `The arguments do not fit ${tool}: ${where ? `${where}: ` : ''}${issue?.message ?? 'not valid'}.`,
      retryable: false,
      whoCanFix: 'agent',
    },
  };
}

/** True when this profile may find, read about and use the tool, prompt, resource or template. */
export function isOpenTo(profile: Profile, offer: ToolRecord | undefined): offer is ToolRecord {
  if (offer?.state !== 'approved') return false;
  // Only tools can do something to the world.
  const effect = offer.kind === 'tool' ? offer.effect : 'read';
  return effect !== null && answerFor(profile, { ...offer, effect }) !== 'hide';
}
