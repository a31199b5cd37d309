import { oc } from '@orpc/contract';
import { z } from 'zod';
import { actorSchema, effectSchema, offerKindSchema } from '../words.ts';
import { adminErrors, widens } from './errors.ts';
import { gateStateSchema } from './gate.ts';

/** How far a yes reaches: this call; this tool in this session; this tool for 15 minutes; this tool with these arguments. */
export const askScopeSchema = z.enum(['once', 'session', '15m', 'always']);
export type AskScope = z.infer<typeof askScopeSchema>;

/** Why a call waits for a person. */
export const askReasonSchema = z.object({
  /** A rule of policy.json, the profile's answer for this effect, a secret in the arguments, or a flow of data outward. */
  kind: z.enum(['rule', 'effect', 'secret', 'flow']),
  /** One sentence for a person. Gatehouse's own words; what servers and agents said stands only in quotes. */
  text: z.string(),
  /** The rule's id; null where no rule is behind it. */
  rule: z.string().nullable(),
  /** What exactly it is about, e.g. a secret's digest or a flow's source; another one is asked about again. */
  about: z.string().nullable(),
  /** A warning about where the call may come from; allowing loses its ink. */
  serious: z.boolean(),
});
export type AskReason = z.infer<typeof askReasonSchema>;

/** What an ask is about, as long as anybody may want to know. */
const askedSchema = z.object({
  /** The id of the call that waits; in the log it has the same. */
  id: z.string(),
  /** When the call began to wait. Milliseconds since epoch, as every time here. */
  at: z.number(),
  app: z.object({ id: z.string(), name: z.string() }),
  server: z.string(),
  /** Id of the tool, or of the other offer. */
  offerId: z.string(),
  /** Its own name. Untrusted text, as everything that came from servers and agents. */
  name: z.string(),
  kind: offerKindSchema,
  effect: effectSchema,
});

/** One call that waits for a person. */
export const askSchema = askedSchema.extend({
  /** Without an answer until then it is denied. */
  deadline: z.number(),
  /** Calls of one group are one question: the same app, tool, definition and reasons. */
  group: z.string(),
  reasons: z.array(askReasonSchema),
  /** JSON text of the arguments; only its beginning when `argumentsTruncated`. Untrusted. */
  argumentsJson: z.string(),
  argumentsTruncated: z.boolean(),
  /** What the client calls itself; untrusted. */
  client: z.string().nullable(),
  /** Since when the session is open and how many calls the app made in it; null for a caller without sessions. */
  session: z.object({ since: z.number(), calls: z.number() }).nullable(),
  /** Calls of this app to this tool in the last seven days, and how many of them were refused. */
  before: z.object({ calls: z.number(), refused: z.number() }),
});
export type Ask = z.infer<typeof askSchema>;

/** How a question ended. */
export const askOutcomeSchema = z.enum([
  'allowed',
  'denied',
  'timeout',
  'paused',
  'cancelled',
  'app-removed',
  'stopping',
]);
export type AskOutcome = z.infer<typeof askOutcomeSchema>;

export const settledAskSchema = askedSchema.extend({
  outcome: askOutcomeSchema,
  settledAt: z.number(),
  /** Who answered; null when nobody did. */
  by: actorSchema.nullable(),
  /** Milliseconds it had waited. */
  waitedMs: z.number(),
});
export type SettledAsk = z.infer<typeof settledAskSchema>;

/** A yes that reaches further than one call. */
export const rememberedAnswerSchema = z.object({
  id: z.string(),
  /** `next`: one more call with the same arguments, after a question nobody answered in time. */
  scope: z.enum(['session', '15m', 'always', 'next']),
  at: z.number(),
  by: actorSchema,
  app: z.object({ id: z.string(), name: z.string() }),
  offerId: z.string(),
  effect: effectSchema,
  /** Why it was asked. */
  reasons: z.array(z.string()),
  /** The arguments it holds for, shortened; null: any. Untrusted. */
  argumentsJson: z.string().nullable(),
  /** When it ends by itself; null: with the session, or not at all. */
  until: z.number().nullable(),
});
export type RememberedAnswer = z.infer<typeof rememberedAnswerSchema>;

/** What became of an answer: two fronts may answer at once, and a call may be gone by then. The first answer counts. */
export const answeredSchema = z.object({
  answered: z.array(z.string()),
  /** Calls that no longer waited, with how their question ended; null: not known any more. */
  gone: z.array(z.object({ id: z.string(), outcome: askOutcomeSchema.nullable() })),
  /** What is remembered of this answer. */
  remembered: z.array(rememberedAnswerSchema),
});
export type Answered = z.infer<typeof answeredSchema>;

/** More than can wait at once. */
const askIdsSchema = z.array(z.string()).min(1).max(500);

export const asksContract = {
  /** Waiting: oldest first. Settled: newest first, of the last minutes. */
  list: oc.output(z.object({ waiting: z.array(askSchema), settled: z.array(settledAskSchema) })),
  /** One waiting call with its whole arguments. */
  get: oc
    .input(z.object({ id: z.string() }))
    .output(askSchema)
    .errors(adminErrors),
  allow: oc
    .meta(widens)
    .input(z.object({ ids: askIdsSchema, scope: askScopeSchema.default('once') }))
    .output(answeredSchema)
    .errors(adminErrors),
  /** `pause`: also pauses the apps that ask, which answers everything else of theirs with no. */
  deny: oc
    .input(z.object({ ids: askIdsSchema, pause: z.boolean().optional() }))
    .output(answeredSchema.extend({ gate: gateStateSchema }))
    .errors(adminErrors),
  /** After a question nobody answered: lets one call with the same arguments pass within 15 minutes. */
  allowNext: oc
    .meta(widens)
    .input(z.object({ id: z.string() }))
    .output(rememberedAnswerSchema)
    .errors(adminErrors),
  /** What is remembered, newest first. */
  answers: oc.output(z.array(rememberedAnswerSchema)),
  withdraw: oc
    .input(z.object({ id: z.string() }))
    .output(z.object({ withdrawn: z.boolean() }))
    .errors(adminErrors),
};
