import { oc } from '@orpc/contract';
import { z } from 'zod';
import { effectSchema, eraSchema, refusalCodeSchema } from '../words.ts';
import { adminErrors } from './errors.ts';

/** `interrupted`: the record was begun and never completed, because Gatehouse ended in between. */
export const callStatusSchema = z.enum(['running', 'done', 'refused', 'failed', 'cancelled', 'interrupted']);
export type CallStatus = z.infer<typeof callStatusSchema>;

/** One stage of the pipeline and what it said. */
export const trailStepSchema = z.object({
  stage: z.string(),
  verdict: z.enum(['pass', 'refuse', 'ask', 'skip']),
  /** One sentence for a person. */
  note: z.string(),
  /** Microseconds since the call arrived. */
  atMicros: z.number(),
});
export type TrailStep = z.infer<typeof trailStepSchema>;

export const callSummarySchema = z.object({
  id: z.string(),
  /** Position in the log's hash chain. */
  seq: z.number(),
  /** Milliseconds since epoch. */
  at: z.number(),
  /** The AI app's name at the time of the call. */
  app: z.string().nullable(),
  sessionId: z.string().nullable(),
  /** The MCP method, e.g. `tools/call`. */
  method: z.string(),
  server: z.string().nullable(),
  /** The tool's own name; for Gatehouse's own tools (`retrieve_tools` …) server is null. */
  tool: z.string().nullable(),
  effect: effectSchema.nullable(),
  status: callStatusSchema,
  code: refusalCodeSchema.nullable(),
  durationMs: z.number().nullable(),
  argumentBytes: z.number(),
  resultBytes: z.number().nullable(),
  /** A short one-line picture of the arguments; untrusted text. */
  onWhat: z.string(),
});
export type CallSummary = z.infer<typeof callSummarySchema>;

export const callDetailSchema = callSummarySchema.extend({
  era: eraSchema.nullable(),
  client: z.string().nullable(),
  trail: z.array(trailStepSchema),
  /** JSON text, possibly shortened for storage (then `…Truncated` is true). Untrusted. */
  argumentsJson: z.string(),
  argumentsTruncated: z.boolean(),
  resultJson: z.string().nullable(),
  resultTruncated: z.boolean(),
  refusal: z.string().nullable(),
  /** Milliseconds spent: deciding, waiting for the server to start, in the server. */
  timing: z.object({ decideMs: z.number(), startMs: z.number(), serverMs: z.number() }).nullable(),
  fingerprint: z.string().nullable(),
  hash: z.string(),
  previousHash: z.string(),
});
export type CallDetail = z.infer<typeof callDetailSchema>;

export const callFilterSchema = z.object({
  /** Words searched in app, server, tool, arguments and result. */
  search: z.string().optional(),
  app: z.string().optional(),
  server: z.string().optional(),
  tool: z.string().optional(),
  /** The tabs of Activity. `changes`: write and destructive calls. */
  kind: z.enum(['all', 'changes', 'refused', 'failed', 'running']).optional(),
  /** Milliseconds since epoch, inclusive. */
  since: z.number().optional(),
  until: z.number().optional(),
});
export type CallFilter = z.infer<typeof callFilterSchema>;

export const logVerificationSchema = z.object({
  ok: z.boolean(),
  /** Entries read. */
  entries: z.number(),
  calls: z.number(),
  interrupted: z.number(),
  firstBadSeq: z.number().nullable(),
  problem: z.string().nullable(),
  headHash: z.string(),
  durationMs: z.number(),
});
export type LogVerification = z.infer<typeof logVerificationSchema>;

export const callsContract = {
  /** Newest first. `before` is a `seq` cursor. */
  list: oc
    .input(
      callFilterSchema.extend({ before: z.number().optional(), limit: z.number().int().min(1).max(500).optional() }),
    )
    .output(z.object({ calls: z.array(callSummarySchema), nextBefore: z.number().nullable() })),
  counts: oc
    .input(callFilterSchema.omit({ kind: true }))
    .output(
      z.object({ all: z.number(), changes: z.number(), refused: z.number(), failed: z.number(), running: z.number() }),
    ),
  /** Calls per bucket between since and until. */
  histogram: oc
    .input(callFilterSchema.extend({ since: z.number(), until: z.number(), buckets: z.number().int().min(1).max(200) }))
    .output(z.array(z.object({ at: z.number(), passed: z.number(), asked: z.number(), refused: z.number() }))),
  get: oc
    .input(z.object({ id: z.string() }))
    .output(callDetailSchema)
    .errors(adminErrors),
  verify: oc.output(logVerificationSchema),
  /** Rows for an export, oldest first; the caller writes the file. `after` is a `seq` cursor. */
  export: oc
    .input(
      callFilterSchema.extend({ after: z.number().optional(), limit: z.number().int().min(1).max(5000).optional() }),
    )
    .output(z.object({ calls: z.array(callDetailSchema), nextAfter: z.number().nullable() })),
};
