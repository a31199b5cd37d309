/**
 * What crosses the border between the main thread and the index worker. The main thread checks both directions: what
 * it is asked before it sends it on, and every reply, because the worker is where hostile texts are taken apart. The
 * worker itself loads no zod, which would cost it a third of its memory (12 MB); it imports types only from here.
 */
import { z } from 'zod';
import { effectSchema } from '../../shared/words.ts';
import type { ToolText } from './tool-text.ts';

export const searchQuerySchema = z.object({
  query: z.string(),
  limit: z.number().int().min(1).max(100),
  servers: z.array(z.string()).readonly().nullable(),
  effects: z.array(effectSchema).readonly().nullable(),
});

/** The whole new content of one server. */
export interface ServerTools {
  readonly server: string;
  readonly tools: readonly ToolText[];
}

/** To the worker. `number` ties the answer to the question. */
export type Request =
  | { readonly type: 'update'; readonly number: number; readonly servers: readonly ServerTools[] }
  | { readonly type: 'search'; readonly number: number; readonly query: z.infer<typeof searchQuerySchema> };

/** From the worker. */
export const replySchema = z.discriminatedUnion('type', [
  /** The new index is in use. */
  z.object({ type: z.literal('updated'), number: z.number(), tools: z.number(), buildMs: z.number() }),
  z.object({
    type: z.literal('found'),
    number: z.number(),
    hits: z.array(z.object({ id: z.string(), score: z.number() })),
  }),
  z.object({ type: z.literal('failed'), number: z.number(), message: z.string() }),
]);
export type Reply = z.infer<typeof replySchema>;
