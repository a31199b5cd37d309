import { z } from 'zod';

/** How far a yes reaches: this call; this tool in this session; this tool for 15 minutes; this tool with these arguments. */
export const askScopeSchema = z.enum(['once', 'session', '15m', 'always']);
export type AskScope = z.infer<typeof askScopeSchema>;

/** Why a call waits for a person. */
export const askReasonSchema = z.object({
  /** A rule of policy.json, the profile's answer for this effect, a secret in the arguments, or a flow of data outward. */
  kind: z.enum(['rule', 'effect', 'secret', 'flow']),
  /** One sentence for a person. Gatehouse's own words; what servers and agents said stands only in quotes. */
  text: z.string(),
  /** The rule's id; null where no rule is behind it. */
  rule: z.string().nullable(),
  /** What exactly it is about, e.g. a secret's digest or a flow's source; another one is asked about again. */
  about: z.string().nullable(),
  /** A warning about where the call may come from; allowing loses its ink. */
  serious: z.boolean(),
});
export type AskReason = z.infer<typeof askReasonSchema>;
