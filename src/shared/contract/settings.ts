import { oc } from '@orpc/contract';
import { z } from 'zod';
import { adminErrors, widens } from './errors.ts';

const fields = {
  theme: z.enum(['system', 'light', 'dark']),
  /** TCP port on 127.0.0.1. */
  port: z.number().int().min(0).max(65535),
  /** Characters a result may have before it is kept whole and paged with read_result. */
  resultLimit: z.number().int().min(1000).max(1_000_000),
  /** Milliseconds one call may take without progress. */
  callTimeoutMs: z.number().int().min(1000).max(3_600_000),
  /** Milliseconds a call waits for a person's answer; then it is denied. */
  askTimeoutMs: z.number().int().min(1000).max(3_600_000),
  startAtLogin: z.boolean(),
  startHidden: z.boolean(),
  singleKeyShortcuts: z.boolean(),
  /** True once the person was told that closing the window does not stop the gate. */
  closeNoticeShown: z.boolean(),
  /** Whether the installed desktop app looks for new versions by itself. */
  automaticUpdates: z.boolean(),
};

/** Preferences, kept in settings.json. Every field has a default, so an empty file is valid. */
export const settingsSchema = z.object({
  theme: fields.theme.default('system'),
  port: fields.port.default(4283),
  resultLimit: fields.resultLimit.default(20_000),
  callTimeoutMs: fields.callTimeoutMs.default(120_000),
  askTimeoutMs: fields.askTimeoutMs.default(60_000),
  startAtLogin: fields.startAtLogin.default(false),
  startHidden: fields.startHidden.default(false),
  singleKeyShortcuts: fields.singleKeyShortcuts.default(true),
  closeNoticeShown: fields.closeNoticeShown.default(false),
  automaticUpdates: fields.automaticUpdates.default(true),
});
export type Settings = z.infer<typeof settingsSchema>;

/**
 * What a person changes. Without defaults: `settingsSchema.partial()` would fill the fields nobody named with theirs
 * and so reset everything else.
 */
export const settingsPatchSchema = z.object(fields).partial();
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;

export const settingsContract = {
  get: oc.output(settingsSchema),
  set: oc.meta(widens).input(settingsPatchSchema).output(settingsSchema).errors(adminErrors),
};
