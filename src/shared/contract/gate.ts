import { oc } from '@orpc/contract';
import { z } from 'zod';
import { actorSchema } from '../words.ts';
import { adminErrors, widens } from './errors.ts';

/** Open or paused, for everyone and per app. A pause may end by itself. */
export const gateStateSchema = z.object({
  paused: z.boolean(),
  /** Milliseconds since epoch; null when open. */
  since: z.number().nullable(),
  /** When the gate opens by itself; null: only by a person. */
  until: z.number().nullable(),
  by: actorSchema.nullable(),
  /** Apps paused one by one, keyed by app id. */
  apps: z.record(z.string(), z.object({ since: z.number(), until: z.number().nullable(), by: actorSchema })),
  /** Calls that were cancelled when the gate was paused last. */
  cancelledCalls: z.number(),
});
export type GateState = z.infer<typeof gateStateSchema>;

export const gateContract = {
  get: oc.output(gateStateSchema),
  pause: oc
    .input(
      z
        .object({
          app: z.string().optional(),
          /** Milliseconds until the gate opens by itself. */
          forMs: z.number().int().positive().optional(),
        })
        .optional(),
    )
    .output(gateStateSchema)
    .errors(adminErrors),
  resume: oc
    .meta(widens)
    .input(z.object({ app: z.string().optional() }).optional())
    .output(gateStateSchema)
    .errors(adminErrors),
};
