/** The rules in assets/scanner/*.json: their shape, and all of them, checked once. */
import { findingClassSchema, findingSeveritySchema } from '@shared/contract/findings.ts';
import { z } from 'zod';
import checks from '../../../assets/scanner/checks.json' with { type: 'json' };
import patterns from '../../../assets/scanner/patterns.json' with { type: 'json' };
import phrases from '../../../assets/scanner/phrases.json' with { type: 'json' };
import { placeSchema } from './places.ts';

const ruleFields = {
  id: z.string().regex(/^[a-z-]+\.[a-z-]+$/),
  /** Counts up whenever what the rule finds changes. */
  version: z.number().int().positive(),
  class: findingClassSchema,
  severity: findingSeveritySchema,
  title: z.string(),
  explanation: z.string(),
};

const textRuleFields = {
  ...ruleFields,
  /** Where it looks; default: in every text. */
  places: z.array(placeSchema).optional(),
  /** Also looks at results of calls, with the severity it has there. */
  live: findingSeveritySchema.optional(),
};

/** Looks for words in an order, see `compilePhrase`. */
const phraseRuleSchema = z.strictObject({ ...textRuleFields, phrases: z.array(z.string()).min(1) });
export type PhraseRule = z.infer<typeof phraseRuleSchema>;

/** Looks for regular expressions (flags `gi`), each of which takes linear time. */
const patternRuleSchema = z.strictObject({
  ...textRuleFields,
  patterns: z.array(z.string()),
  /** One after the other on a line, at most `within` units apart: an expression with such a gap would not be linear. */
  pairs: z
    .array(z.strictObject({ first: z.string(), second: z.string(), within: z.number().int().positive().max(400) }))
    .optional(),
});
export type PatternRule = z.infer<typeof patternRuleSchema>;

/** What code looks for; the data says how it is called, how it weighs, and the words it needs. */
const checkRuleSchema = z.strictObject({
  ...ruleFields,
  live: findingSeveritySchema.optional(),
  words: z.array(z.string()).optional(),
});
export type CheckRule = z.infer<typeof checkRuleSchema>;

const fileOf = <T extends z.ZodType>(rule: T) => z.strictObject({ version: z.literal(1), rules: z.array(rule) });

export const phraseRules = fileOf(phraseRuleSchema).parse(phrases).rules;
export const patternRules = fileOf(patternRuleSchema).parse(patterns).rules;
export const checkRules = fileOf(checkRuleSchema).parse(checks).rules;

export type Rule = PhraseRule | PatternRule | CheckRule;
export const allRules: readonly Rule[] = [...phraseRules, ...patternRules, ...checkRules];

/** The rule a check in code stands for. Throws when the data does not have it, which only a broken build can meet. */
export function checkRule(id: string): CheckRule {
  const rule = checkRules.find((one) => one.id === id);
  if (!rule) throw new Error(`assets/scanner/checks.json has no rule ${id}`);
  return rule;
}
