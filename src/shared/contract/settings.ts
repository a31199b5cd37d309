import { oc } from '@orpc/contract';
import { z } from 'zod';
import { adminErrors, widens } from './errors.ts';

/** Preferences, kept in settings.json. Every field has a default, so an empty file is valid. */
export const settingsSchema = z.object({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** TCP port on 127.0.0.1. */
  port: z.number().int().min(0).max(65535).default(4283),
  /** Characters a result may have before it is kept whole and paged with read_result. */
  resultLimit: z.number().int().min(1000).max(1_000_000).default(20_000),
  /** Milliseconds one call may take without progress. */
  callTimeoutMs: z.number().int().min(1000).max(3_600_000).default(120_000),
  startAtLogin: z.boolean().default(false),
  startHidden: z.boolean().default(false),
  singleKeyShortcuts: z.boolean().default(true),
  /** True once the person was told that closing the window does not stop the gate. */
  closeNoticeShown: z.boolean().default(false),
});
export type Settings = z.infer<typeof settingsSchema>;

export const settingsContract = {
  get: oc.output(settingsSchema),
  set: oc.meta(widens).input(settingsSchema.partial()).output(settingsSchema).errors(adminErrors),
};
