import { type Actor, actorSchema } from '@shared/words.ts';

/** Undefined for text that is not JSON; every use is followed by a schema. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Who decided; `system` for a row that does not say. */
export function actorOf(text: string | null): Actor {
  const actor = actorSchema.safeParse(text);
  return actor.success ? actor.data : 'system';
}
