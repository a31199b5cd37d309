import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { actorSchema } from '../words.ts';
import { callSummarySchema } from './calls.ts';
import { adminErrors, widens } from './errors.ts';
import { gateStateSchema } from './gate.ts';
import { configProblemSchema, serverSummarySchema } from './servers.ts';
import { settingsSchema } from './settings.ts';

/** Something broken that the person should know, with one next step. */
export const problemSchema = z.object({
  id: z.string(),
  severity: z.enum(['broken', 'limited']),
  title: z.string(),
  detail: z.string(),
  nextStep: z.string(),
});
export type Problem = z.infer<typeof problemSchema>;

export const statusSchema = z.object({
  version: z.string(),
  pid: z.number(),
  mode: z.enum(['desktop', 'headless']),
  platform: z.string(),
  dataDir: z.string(),
  startedAt: z.number(),
  /** Null while the endpoint is not listening; `problems` says why. */
  endpoint: z.string().nullable(),
  port: z.number().nullable(),
  console: z.string().nullable(),
  cliAdmin: z.boolean(),
  gate: gateStateSchema,
  servers: z.object({ total: z.number(), ready: z.number(), failing: z.number(), held: z.number() }),
  tools: z.object({ total: z.number(), approved: z.number(), waiting: z.number(), blocked: z.number() }),
  /** Everything Approvals lists: held launches, offers of all kinds of servers that are not held, and instructions. */
  waiting: z.number(),
  apps: z.object({ total: z.number(), active: z.number() }),
  log: z.object({ entries: z.number(), intact: z.boolean().nullable(), checkedAt: z.number().nullable() }),
  config: configProblemSchema.nullable(),
  problems: z.array(problemSchema),
});
export type Status = z.infer<typeof statusSchema>;

/** An action asked for from the command line or a file that waits for a person. */
export const confirmationSchema = z.object({
  id: z.string(),
  at: z.number(),
  by: actorSchema,
  /** The procedure, e.g. `servers.add`. */
  action: z.string(),
  /** One sentence: what will happen when confirmed. */
  summary: z.string(),
  /** Exact facts to look at, e.g. the full command line. */
  facts: z.array(z.object({ label: z.string(), value: z.string() })),
  state: z.enum(['waiting', 'confirmed', 'denied', 'failed']),
  error: z.string().nullable(),
});
export type Confirmation = z.infer<typeof confirmationSchema>;

/** Pushed to every front; nothing is polled. */
export const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('status'), status: statusSchema }),
  z.object({ type: z.literal('gate'), gate: gateStateSchema }),
  z.object({ type: z.literal('server'), server: serverSummarySchema }),
  z.object({ type: z.literal('server-removed'), name: z.string() }),
  /** Tools of a server were listed, approved, blocked or changed. */
  z.object({ type: z.literal('tools'), server: z.string() }),
  z.object({ type: z.literal('apps') }),
  /** A call began to wait for a person or no longer does, or a remembered answer came or went. Bursts come as one. */
  z.object({ type: z.literal('asks') }),
  /** A call began or ended. At most 60 batches a second. */
  z.object({ type: z.literal('calls'), calls: z.array(callSummarySchema) }),
  z.object({ type: z.literal('settings'), settings: settingsSchema }),
  z.object({ type: z.literal('confirmation'), confirmation: confirmationSchema }),
  z.object({ type: z.literal('server-log'), name: z.string(), lastSeq: z.number() }),
]);
export type GatehouseEvent = z.infer<typeof eventSchema>;

export const consoleLoginSchema = z.object({ url: z.string() });

export const systemContract = {
  status: oc.output(statusSchema),
  /** Starts with one `status` event. */
  events: oc.output(eventIterator(eventSchema)),
  doctor: oc.output(
    z.array(
      z.object({
        id: z.string(),
        ok: z.boolean(),
        title: z.string(),
        detail: z.string(),
        nextStep: z.string().nullable(),
      }),
    ),
  ),
  /** A fresh one-time console address; headless only. */
  consoleLogin: oc.meta(widens).output(consoleLoginSchema).errors(adminErrors),
  /** Moves the endpoint to another port and remembers it. */
  movePort: oc
    .meta(widens)
    .input(z.object({ port: z.number().int().min(0).max(65535) }))
    .output(statusSchema)
    .errors(adminErrors),
};

export const confirmationsContract = {
  list: oc.output(z.array(confirmationSchema)),
  /** Only a person's front may call these two. */
  confirm: oc
    .meta(widens)
    .input(z.object({ id: z.string() }))
    .output(confirmationSchema)
    .errors(adminErrors),
  deny: oc
    .input(z.object({ id: z.string() }))
    .output(confirmationSchema)
    .errors(adminErrors),
  /** Resolves when the confirmation is no longer waiting; `result` is what the action gave. */
  wait: oc
    .input(z.object({ id: z.string() }))
    .output(z.object({ confirmation: confirmationSchema, result: z.unknown() }))
    .errors(adminErrors),
};
