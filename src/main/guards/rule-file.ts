/** The shape of the files in assets/guards: rules for secrets as data. */
import { z } from 'zod';

/** What a match has to pass besides the pattern; the code is in `checks.ts`. */
export const checkNameSchema = z.enum([
  'announced',
  'base62-crc32',
  'basic',
  'bech32',
  'connection',
  'discord',
  'iban',
  'jwt',
  'luhn',
  'password',
  'pem',
  'random',
]);
export type CheckName = z.infer<typeof checkNameSchema>;

/**
 * `certain`: the text has the shape only such a secret has, so a policy may act on it. `possible`: it looks like one (a word
 * announces it, a check digit fits), so it is kept out of the log and counted, and nothing else happens.
 */
export const surenessSchema = z.enum(['certain', 'possible']);
export type Sureness = z.infer<typeof surenessSchema>;

export const secretRuleSchema = z.strictObject({
  /** Names the rule in marks, trails and docs. */
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  /** Goes up with every change of what the rule finds. */
  version: z.number().int().positive(),
  /** What it is, in a sentence: "a GitHub token". */
  title: z.string().min(1),
  sureness: surenessSchema,
  /** The text has one of these wherever the rule can match; compared without case. None: the pattern looks for itself. */
  literals: z.array(z.string().min(2)),
  /**
   * Tried where a literal stands. The secret is the first group that took part, else the whole match. Every repetition is
   * bounded.
   */
  pattern: z.string().min(1),
  ignoreCase: z.boolean().optional(),
  /** The match may follow a letter or digit at once. */
  glued: z.boolean().optional(),
  /** Characters of the match that stand before the literal, and most that stand after its first. */
  back: z.number().int().positive().optional(),
  ahead: z.number().int().positive().optional(),
  check: checkNameSchema.optional(),
  /** Least Shannon entropy of the secret, in bits a character. */
  entropy: z.number().positive().optional(),
});
export type SecretRule = z.infer<typeof secretRuleSchema>;

export const ruleFileSchema = z.strictObject({
  version: z.number().int().positive(),
  rules: z.array(secretRuleSchema),
});
