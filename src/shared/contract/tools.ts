import { oc } from '@orpc/contract';
import { z } from 'zod';
import {
  actorSchema,
  approvalStateSchema,
  effectSchema,
  flowLabelSchema,
  offerIdSchema,
  offerKindSchema,
} from '../words.ts';
import { adminErrors, widens } from './errors.ts';
import { findingCountsSchema, findingSchema } from './findings.ts';

/** Hints a server gives about its tool. Claims, not proof. */
export const annotationsSchema = z
  .object({
    title: z.string().optional(),
    readOnlyHint: z.boolean().optional(),
    destructiveHint: z.boolean().optional(),
    idempotentHint: z.boolean().optional(),
    openWorldHint: z.boolean().optional(),
  })
  .loose();

/** A tool, or another thing a server offers: a prompt, a resource, a resource template. */
export const toolSummarySchema = z.object({
  /** `server:tool`; for the other kinds see `offerIdOf`. */
  id: z.string(),
  kind: offerKindSchema,
  server: z.string(),
  name: z.string(),
  title: z.string().nullable(),
  /** First 240 characters of what the server says; untrusted text. */
  description: z.string(),
  /** What a call would meet: the tool's own state, or its server's when the server is held. */
  state: approvalStateSchema,
  /** True when the state comes from the server's held launch, not from the tool. */
  heldByServer: z.boolean(),
  /** Fixed at approval; null before. */
  effect: effectSchema.nullable(),
  suggestedEffect: effectSchema,
  /** What a person said it means for a session's flow of data; null: nobody did, so the suggestions count. */
  labels: z.array(flowLabelSchema).nullable(),
  /** Somewhere in the definition are characters that a person cannot see. */
  hidesText: z.boolean(),
  /** How many things the scanner found in the definition. */
  findingCounts: findingCountsSchema,
  fingerprint: z.string(),
  approvedFingerprint: z.string().nullable(),
  firstSeenAt: z.number(),
  changedAt: z.number().nullable(),
  decidedAt: z.number().nullable(),
  decidedBy: actorSchema.nullable(),
});
export type ToolSummary = z.infer<typeof toolSummarySchema>;

/** The full definition, exactly as the server sent it. Untrusted. */
export const toolDefinitionSchema = z
  .object({
    name: z.string(),
    title: z.string().optional(),
    description: z.string().optional(),
    inputSchema: z.record(z.string(), z.unknown()).optional(),
    outputSchema: z.record(z.string(), z.unknown()).optional(),
    annotations: annotationsSchema.optional(),
  })
  .loose();
export type ToolDefinition = z.infer<typeof toolDefinitionSchema>;

/** One field that differs between the approved definition and what the server says now. */
export const fieldChangeSchema = z.object({
  /** JSON Pointer into the definition, e.g. `/inputSchema/properties/path`. */
  path: z.string(),
  kind: z.enum(['added', 'removed', 'changed']),
  /** Pretty JSON or plain text; null when absent on that side. */
  before: z.string().nullable(),
  after: z.string().nullable(),
});
export type FieldChange = z.infer<typeof fieldChangeSchema>;

/** A run of words that is the same, only in the approved text, or only in the new one. */
export const textDiffPartSchema = z.object({ kind: z.enum(['same', 'added', 'removed']), text: z.string() });
export type TextDiffPart = z.infer<typeof textDiffPartSchema>;

export const toolDiffSchema = z.object({
  id: z.string(),
  description: z.array(textDiffPartSchema),
  fields: z.array(fieldChangeSchema),
  /** Plain sentences, most important first: "A new required input, path." */
  inShort: z.array(z.object({ tone: z.enum(['brick', 'brass', 'moss']), text: z.string() })),
});
export type ToolDiff = z.infer<typeof toolDiffSchema>;

export const toolDecisionSchema = z.object({
  at: z.number(),
  by: actorSchema,
  decision: z.enum(['approved', 'blocked', 'seen', 'changed', 'removed']),
  effect: effectSchema.nullable(),
  fingerprint: z.string(),
});

export const toolDetailSchema = toolSummarySchema.extend({
  definition: toolDefinitionSchema,
  approvedDefinition: toolDefinitionSchema.nullable(),
  /** Null unless the state is `changed`. */
  diff: toolDiffSchema.nullable(),
  suggestionReason: z.string(),
  /** In words.ts' order; each with one sentence about what it rests on. `ifItWrites`: not when it is approved as `read`. */
  suggestedLabels: z.array(z.object({ label: flowLabelSchema, reason: z.string(), ifItWrites: z.boolean() })),
  history: z.array(toolDecisionSchema),
  refusedSinceHeld: z.number(),
  /** What the scanner found, serious ones first. */
  findings: z.array(findingSchema),
});
export type ToolDetail = z.infer<typeof toolDetailSchema>;

export const decidedSchema = z.object({
  changed: z.array(toolSummarySchema),
  /** Ids that were left as they are, with the reason. */
  skipped: z.array(z.object({ id: z.string(), reason: z.string() })),
});

export const allDecidedSchema = decidedSchema.extend({
  /** True when instructions of the server that waited were approved with the rest. */
  instructions: z.boolean(),
});

export const toolsContract = {
  list: oc
    .input(
      z
        .object({
          state: approvalStateSchema.optional(),
          server: z.string().optional(),
          /** Default: all kinds. */
          kind: offerKindSchema.optional(),
        })
        .optional(),
    )
    .output(z.array(toolSummarySchema)),
  get: oc
    .input(z.object({ id: offerIdSchema }))
    .output(toolDetailSchema)
    .errors(adminErrors),
  diff: oc
    .input(z.object({ id: offerIdSchema }))
    .output(toolDiffSchema)
    .errors(adminErrors),
  approve: oc
    .meta(widens)
    .input(
      z.object({
        ids: z.array(offerIdSchema).min(1),
        effect: effectSchema.optional(),
        /** Absent: as chosen before, else as suggested. */
        labels: z.array(flowLabelSchema).optional(),
        /** What the person looked at; a definition that changed since is not approved. Keyed by id. */
        fingerprints: z.record(z.string(), z.string()).optional(),
      }),
    )
    .output(decidedSchema)
    .errors(adminErrors),
  /**
   * Approves everything of a server that waits: offers of all kinds, each tool with its suggested effect unless one is
   * given, and the instructions.
   */
  approveAll: oc
    .meta(widens)
    .input(
      z.object({
        server: z.string(),
        effect: effectSchema.optional(),
        fingerprints: z.record(z.string(), z.string()).optional(),
        /** The server's fingerprint with the instructions that were looked at; given `fingerprints`, needed for them. */
        serverFingerprint: z.string().optional(),
      }),
    )
    .output(allDecidedSchema)
    .errors(adminErrors),
  block: oc
    .input(z.object({ ids: z.array(offerIdSchema).min(1) }))
    .output(decidedSchema)
    .errors(adminErrors),
  /** The agents' own search, for a person: what would `retrieve_tools` find? */
  search: oc
    .input(z.object({ query: z.string(), limit: z.number().int().min(1).max(50).optional() }))
    .output(z.array(z.object({ tool: toolSummarySchema, score: z.number() }))),
};
