import { oc } from '@orpc/contract';
import { z } from 'zod';
import {
  effectSchema,
  offerIdSchema,
  refusalCodeSchema,
  serverNameSchema,
  surfaceSchema,
  toolIdSchema,
} from '../words.ts';
import { trailStepSchema } from './calls.ts';
import { adminErrors, widens } from './errors.ts';
import { configProblemSchema } from './servers.ts';

/** What happens when an app uses something: it goes through, a person is asked, or the app does not see it at all. */
export const policyAnswerSchema = z.enum(['allow', 'ask', 'hide']);
export type PolicyAnswer = z.infer<typeof policyAnswerSchema>;

/** One answer for each effect. */
export const answerRowSchema = z.strictObject({
  read: policyAnswerSchema,
  write: policyAnswerSchema,
  destructive: policyAnswerSchema,
});
export type AnswerRow = z.infer<typeof answerRowSchema>;

export const profileNameSchema = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/,
    'A profile name has 1 to 64 letters, digits, dots, dashes or underscores.',
  );

/** A name a person gives to a group of tools. */
export const toolTagSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'A tag has 1 to 32 small letters, digits or dashes.');

/** `server:tool` where `*` stands for any number of characters and `?` for one. */
export const toolGlobSchema = z
  .string()
  .max(256)
  .regex(/^[^:]+:[\s\S]+$/, 'Tools are named server:tool; * stands for anything, as in github:delete_*.');

/** One thing an argument has to be. Exactly one test besides `path`. */
const text = z.string().min(1).max(1024);
const texts = z.array(text).min(1).max(64);
export const argumentTestSchema = z
  .strictObject({
    /** RFC 9535 JSONPath into the arguments, without filters: `$.path`, `$.items[*].name`, `$..url`. */
    path: z.string().min(1).max(256),
    /** The value is exactly this. */
    equals: z.union([z.string().max(1024), z.number(), z.boolean(), z.null()]).optional(),
    /** The text begins with this. */
    prefix: text.optional(),
    /** The text holds this. */
    contains: text.optional(),
    /** The text as a whole fits, with `*` and `?`. */
    glob: text.max(256).optional(),
    /** The path lies in one of these folders. `~` is the home folder. */
    inside: texts.optional(),
    /** The file has one of these names, with `*` and `?`. */
    named: texts.optional(),
  })
  .refine(
    ({ path: _path, ...tests }) => Object.values(tests).filter((test) => test !== undefined).length === 1,
    'An argument needs exactly one of equals, prefix, contains, glob, inside, named.',
  );
export type ArgumentTest = z.infer<typeof argumentTestSchema>;

const most = z.number().int().positive().max(1_000_000);
const ruleFields = {
  /** Where in the list a person finds it again; shown, never compared. */
  note: z.string().max(200).optional(),
  /** Switched off: kept in the list, never fits. */
  off: z.boolean().optional(),
  /** Names or ids of apps; absent: any app. */
  apps: z.array(z.string().min(1).max(64)).min(1).max(64).optional(),
  servers: z.array(serverNameSchema).min(1).max(64).optional(),
  tools: z.array(toolGlobSchema).min(1).max(64).optional(),
  effects: z.array(effectSchema).min(1).optional(),
  /** The tool has one of these tags. */
  tags: z.array(toolTagSchema).min(1).max(16).optional(),
  /** All of these hold. */
  arguments: z.array(argumentTestSchema).min(1).max(8).optional(),
  /** The rule ends then. ISO 8601 with a time zone. */
  until: z.iso.datetime({ offset: true }).optional(),
} as const;

/** Decides: the first that fits counts. `allow` never opens what the profile hides. */
const decidingRuleSchema = z.strictObject({ verb: z.enum(['allow', 'ask', 'deny']), ...ruleFields });

/** Limits: every one that fits counts, and none of them ends the search. */
const limitRuleSchema = z
  .strictObject({
    verb: z.literal('limit'),
    ...ruleFields,
    /** What has a count of its own. */
    per: z.enum(['app', 'server', 'tool']).default('app'),
    callsPerMinute: most.optional(),
    callsPerDay: most.optional(),
    concurrentCalls: most.optional(),
    /** Seconds without a sign of life. */
    timeoutSeconds: z.number().int().positive().max(86_400).optional(),
    /** Seconds altogether, whatever the progress. */
    maxSeconds: z.number().int().positive().max(86_400).optional(),
  })
  .refine(
    (rule) =>
      [rule.callsPerMinute, rule.callsPerDay, rule.concurrentCalls, rule.timeoutSeconds, rule.maxSeconds].some(
        (limit) => limit !== undefined,
      ),
    'A limit needs callsPerMinute, callsPerDay, concurrentCalls, timeoutSeconds or maxSeconds.',
  );

export const policyRuleSchema = z.discriminatedUnion('verb', [decidingRuleSchema, limitRuleSchema]);
export type PolicyRule = z.infer<typeof policyRuleSchema>;
export type LimitRule = Extract<PolicyRule, { verb: 'limit' }>;

/** Rules Gatehouse brings; each can be switched off. */
export const builtInRuleSchema = z.enum(['secret-folders', 'env-files']);
export type BuiltInRule = z.infer<typeof builtInRuleSchema>;

export const loopGuardSchema = z.strictObject({
  /** So many times the same call with the same result is a loop. */
  repeats: z.number().int().min(2).max(200).default(20),
  /** So many calls that go back and forth between two others, with nothing new coming back. */
  pingPong: z.number().int().min(4).max(200).default(20),
  windowSeconds: z.number().int().min(1).max(3600).default(60),
});
export type LoopGuard = z.infer<typeof loopGuardSchema>;

export const profileViewSchema = z.object({
  name: z.string(),
  surface: surfaceSchema,
  /** For servers without a row of their own: also those that are added later. */
  others: answerRowSchema,
  /** A row for each known server, also where it follows `others`. */
  servers: z.array(
    z.object({
      server: z.string(),
      answers: answerRowSchema,
      /** How many approved tools there are of each effect. */
      tools: z.object({ read: z.number(), write: z.number(), destructive: z.number() }),
    }),
  ),
  /** Tools with an answer of their own. */
  tools: z.array(z.object({ id: z.string(), answer: policyAnswerSchema })),
  tags: z.array(z.object({ tag: z.string(), answer: policyAnswerSchema })),
  resources: policyAnswerSchema,
  prompts: policyAnswerSchema,
  callsPerMinute: z.number().nullable(),
  concurrentCalls: z.number().nullable(),
  callsPerDay: z.number().nullable(),
  loopGuard: loopGuardSchema.nullable(),
  /** Apps that have this profile. */
  apps: z.array(z.object({ id: z.string(), name: z.string() })),
  sees: z.object({ read: z.number(), write: z.number(), destructive: z.number(), asked: z.number() }),
});
export type ProfileView = z.infer<typeof profileViewSchema>;

export const ruleViewSchema = z.object({
  /** 1 is the first. */
  place: z.number(),
  rule: policyRuleSchema,
  builtIn: builtInRuleSchema.nullable(),
  /** "Any app touching …", for a person. */
  text: z.string(),
});
export type RuleView = z.infer<typeof ruleViewSchema>;

export const policyViewSchema = z.object({
  file: z.string(),
  /** Names exactly this text of policy.json; an edit is refused when the file is another by now. */
  revision: z.string(),
  problem: configProblemSchema.nullable(),
  /** What waits for a person; each one sentence. */
  held: z.array(z.string()),
  profiles: z.array(profileViewSchema),
  rules: z.array(ruleViewSchema),
  tags: z.array(z.object({ tag: z.string(), tools: z.array(z.string()) })),
});
export type PolicyView = z.infer<typeof policyViewSchema>;

/** One change of policy.json. */
export const policyEditSchema = z.discriminatedUnion('kind', [
  /** Null as server: the row for servers without one of their own. */
  z.object({
    kind: z.literal('answer'),
    profile: profileNameSchema,
    server: serverNameSchema.nullable(),
    effect: effectSchema,
    answer: policyAnswerSchema,
  }),
  /** Null: the tool follows its server's row again. */
  z.object({
    kind: z.literal('tool'),
    profile: profileNameSchema,
    tool: toolIdSchema,
    answer: policyAnswerSchema.nullable(),
  }),
  z.object({ kind: z.literal('surface'), profile: profileNameSchema, surface: surfaceSchema }),
  z.object({
    kind: z.literal('profile-limit'),
    profile: profileNameSchema,
    limit: z.enum(['callsPerMinute', 'concurrentCalls', 'callsPerDay']),
    value: most.nullable(),
  }),
  /** A new profile hides everything until it is told otherwise. */
  z.object({ kind: z.literal('new-profile'), profile: profileNameSchema }),
  z.object({ kind: z.literal('remove-profile'), profile: profileNameSchema }),
  z.object({ kind: z.literal('built-in'), rule: builtInRuleSchema, on: z.boolean() }),
  /** Places are those of the file's own rules, from 0. */
  z.object({ kind: z.literal('add-rule'), rule: policyRuleSchema }),
  z.object({ kind: z.literal('remove-rule'), at: z.number().int().min(0) }),
  z.object({ kind: z.literal('switch-rule'), at: z.number().int().min(0), on: z.boolean() }),
  z.object({ kind: z.literal('move-rule'), from: z.number().int().min(0), to: z.number().int().min(0) }),
]);
export type PolicyEdit = z.infer<typeof policyEditSchema>;

export const explanationSchema = z.object({
  app: z.string(),
  profile: z.string(),
  tool: z.string(),
  verdict: z.enum(['pass', 'ask', 'refuse']),
  code: refusalCodeSchema.nullable(),
  /** What the agent would be told, or why a person is asked; null when it passes. */
  message: z.string().nullable(),
  trail: z.array(trailStepSchema),
});
export type Explanation = z.infer<typeof explanationSchema>;

export const sightSchema = z.object({
  app: z.string(),
  profile: z.string(),
  surface: surfaceSchema,
  /** What is approved at all. */
  approved: z.number(),
  /** Characters of the tool list this app gets, and of all its tools listed in full. */
  menuChars: z.number(),
  fullChars: z.number(),
  servers: z.array(
    z.object({
      server: z.string(),
      tools: z.array(z.object({ id: z.string(), effect: effectSchema, answer: policyAnswerSchema.exclude(['hide']) })),
      prompts: z.number(),
      resources: z.number(),
    }),
  ),
});
export type Sight = z.infer<typeof sightSchema>;

export const policyContract = {
  get: oc.output(policyViewSchema),
  /** Writes policy.json, with a backup, and keeps its comments. A person's own edit holds at once. */
  edit: oc
    .meta(widens)
    .input(z.object({ revision: z.string(), edit: policyEditSchema }))
    .output(policyViewSchema)
    .errors(adminErrors),
  /** What would happen to a call. Nothing is sent, counted or recorded. `app` is a name or id. */
  explain: oc
    .input(z.object({ app: z.string(), tool: offerIdSchema, arguments: z.record(z.string(), z.unknown()).default({}) }))
    .output(explanationSchema)
    .errors(adminErrors),
  /** What an app sees. */
  sees: oc
    .input(z.object({ app: z.string() }))
    .output(sightSchema)
    .errors(adminErrors),
};
