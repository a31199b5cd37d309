import { oc } from '@orpc/contract';
import { z } from 'zod';
import { adminErrors, widens } from './errors.ts';

/** An AI app's name: shown to people, kept in every call. */
export const appNameSchema = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u, 'An app name has 1 to 64 letters, digits, spaces, dots or dashes.');

export const appSummarySchema = z.object({
  /** Stable id, a slug of the name. */
  id: z.string(),
  name: z.string(),
  profile: z.string(),
  createdAt: z.number(),
  lastUsedAt: z.number().nullable(),
  revokedAt: z.number().nullable(),
  /** Last four characters of the token, to tell two apart. */
  tokenHint: z.string(),
  /** What the client called itself when it last connected; untrusted. */
  client: z.string().nullable(),
  sessions: z.number(),
  paused: z.boolean(),
  calls: z.object({ lastHour: z.number(), today: z.number(), refusedToday: z.number() }),
});
export type AppSummary = z.infer<typeof appSummarySchema>;

export const issuedTokenSchema = z.object({
  app: appSummarySchema,
  /** Shown once, stored only as a hash. */
  token: z.string(),
  endpoint: z.string(),
});

export const appsContract = {
  list: oc.output(z.array(appSummarySchema)),
  /** Creates the app or, when it exists, gives it a new token and ends the old one. */
  issueToken: oc
    .meta(widens)
    .input(z.object({ name: appNameSchema, profile: z.string().optional() }))
    .output(issuedTokenSchema)
    .errors(adminErrors),
  revoke: oc
    .input(z.object({ id: z.string() }))
    .output(appSummarySchema)
    .errors(adminErrors),
  remove: oc
    .input(z.object({ id: z.string() }))
    .output(z.object({ removed: z.boolean() }))
    .errors(adminErrors),
};
