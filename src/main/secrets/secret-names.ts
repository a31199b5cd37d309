/** Secret names and the `${secret:NAME}` references that stand for them in servers.json. Pure. */
import { z } from 'zod';

/** 1 to 128 letters, digits, dots, dashes, underscores or slashes. */
export const secretNameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9._/-]{1,128}$/,
    'A secret name has 1 to 128 letters, digits, dots, dashes, underscores or slashes.',
  );

const reference = /\$\{secret:([A-Za-z0-9._/-]{1,128})\}/g;

/** The text that stands for a secret in a server's config. */
export function secretRefOf(name: string): string {
  return `\${secret:${secretNameSchema.parse(name)}}`;
}

/** Names of the secrets a text refers to, in order of appearance, each once. */
export function secretNamesIn(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(reference), ([, name = '']) => name))];
}

/**
 * Puts values in place of references. Values are not read again, so a secret cannot pull in another.
 * @throws Error naming the first secret `get` knows nothing of; never holding a value.
 */
export async function resolveSecretRefs(
  text: string,
  get: (name: string) => Promise<string | undefined>,
): Promise<string> {
  const values = new Map<string, string>();
  for (const name of secretNamesIn(text)) {
    const value = await get(name);
    if (value === undefined) {
      throw new Error(`The vault holds no secret named ${name}. Enter it again for the server that needs it.`);
    }
    values.set(name, value);
  }
  return text.replace(reference, (whole, name: string) => values.get(name) ?? whole);
}
