/** Settings out of whatever settings.json holds: valid fields count, the others fall back to their defaults. Pure. */
import { type Settings, settingsSchema } from '@shared/contract/settings.ts';

/** What is wrong with settings.json, in a person's words. */
export interface SettingsProblem {
  /** The field, or null when the whole file cannot be read. */
  readonly field: string | null;
  readonly message: string;
}

export interface ReadSettings {
  readonly settings: Settings;
  readonly problems: readonly SettingsProblem[];
}

/** Reads the content of settings.json. Fields nobody knows are left alone: a newer Gatehouse may have written them. */
export function readSettings(content: unknown): ReadSettings {
  const problems: SettingsProblem[] = [];
  const valid: Record<string, unknown> = {};
  if (!isRecord(content)) {
    return { settings: settingsSchema.parse({}), problems: [{ field: null, message: 'It is not a JSON object.' }] };
  }
  for (const [field, schema] of Object.entries(settingsSchema.shape)) {
    const value = Object.hasOwn(content, field) ? content[field] : undefined;
    const checked = schema.safeParse(value);
    if (checked.success) {
      valid[field] = checked.data;
      continue;
    }
    const reason = checked.error.issues[0]?.message ?? 'it is not valid';
    problems.push({ field, message: `"${field}" is not used, its default is: ${reason}.` });
  }
  return { settings: settingsSchema.parse(valid), problems };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
