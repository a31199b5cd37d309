import { z } from 'zod';

/** How much a finding weighs. `note`: worth a look. `serious`: there is hardly an honest reason for it. */
export const findingSeveritySchema = z.enum(['note', 'serious']);
export type FindingSeverity = z.infer<typeof findingSeveritySchema>;

/** What a rule looks for. */
export const findingClassSchema = z.enum([
  'hidden-text',
  'encoded',
  'instruction',
  'concealment',
  'shadowing',
  'secrets',
  'mismatch',
  'schema',
  'exfiltration',
  'terminal',
  'layout',
  'limit',
]);
export type FindingClass = z.infer<typeof findingClassSchema>;

/** Something the scanner found in what a server says. */
export const findingSchema = z.object({
  /** Rule id, e.g. `hidden.tag-characters`; docs/scanner.md describes each. */
  rule: z.string(),
  /** Version of the rule that found it. */
  version: z.number().int().positive(),
  class: findingClassSchema,
  severity: findingSeveritySchema,
  /** A few words: what it is. */
  title: z.string(),
  /** One or two sentences for a person. */
  explanation: z.string(),
  /** JSON Pointer (RFC 6901) into the definition; of the member when `inKey`. */
  pointer: z.string(),
  /** True when the span is in the member's name and not in its value. */
  inKey: z.boolean(),
  /** UTF-16 units in that string: from `start` up to, and without, `end`. Both 0 where the value is no string. */
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  /** What was matched, at most 160 units. Untrusted. */
  text: z.string(),
  /** What an encoded or hidden text says, at most 400 units; null when nothing was decoded. Untrusted. */
  decoded: z.string().nullable(),
});
export type Finding = z.infer<typeof findingSchema>;

export const findingCountsSchema = z.object({
  serious: z.number().int().nonnegative(),
  note: z.number().int().nonnegative(),
});
export type FindingCounts = z.infer<typeof findingCountsSchema>;
