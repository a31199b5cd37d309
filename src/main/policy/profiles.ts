/** policy.json: what each profile lets an app see and do. */
import { createHash } from 'node:crypto';
import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  type AnswerRow,
  answerRowSchema,
  builtInRuleSchema,
  type ConfigProblem,
  type LoopGuard,
  loopGuardSchema,
  type PolicyAnswer,
  policyAnswerSchema,
  policyRuleSchema,
  profileNameSchema,
  toolGlobSchema,
  toolTagSchema,
} from '@shared/contract/index.ts';
import { placeIn, plainValueOf, readJsonc, repeatedKeyIn } from '@shared/jsonc-text.ts';
import {
  type Effect,
  effectSchema,
  type Surface,
  serverNameSchema,
  surfaceSchema,
  toolIdSchema,
} from '@shared/words.ts';
import { findNodeAtLocation, type Node } from 'jsonc-parser';
import { z } from 'zod';
import type { GuardPolicy } from '../guards/index.ts';
import type { KeptState } from '../storage/index.ts';
import { type AcceptedPolicy, type ProfileSet, withinAccepted } from './accepted-policy.ts';
import { USUAL_ANSWERS } from './answers.ts';
import { loadJsonPaths, problemOfPath } from './argument-tests.ts';
import { USUAL_GUARDS } from './guard-widening.ts';
import { layerOf, NO_RULES, type RuleLayer, type RuleList, ruleListOf } from './rule-layers.ts';

/** What an app may see and do. */
export interface Profile {
  readonly name: string;
  readonly surface: Surface;
  /** Server names, or null for all. */
  readonly servers: readonly string[] | null;
  /** Ids of tools that the hybrid surface shows directly; it opens none that the rest of the profile does not. */
  readonly pinned: readonly string[];
  readonly effects: readonly Effect[];
  /** Answers for servers without a row in `perServer`: also those that are added later. */
  readonly others: AnswerRow;
  readonly perServer: Readonly<Record<string, AnswerRow>>;
  /** Tools with a row of their own, by id. */
  readonly tools: Readonly<Record<string, AnswerRow>>;
  /** What tags take away: the strictest that fits a tool counts. */
  readonly tagged: readonly TaggedAnswer[];
  readonly resources: PolicyAnswer;
  readonly prompts: PolicyAnswer;
  /** Calls per minute per app; null: no limit. */
  readonly callsPerMinute: number | null;
  readonly concurrentCalls: number | null;
  /** Calls per app from one local midnight to the next. */
  readonly callsPerDay: number | null;
  readonly loopGuard: LoopGuard | null;
  readonly guards: GuardPolicy;
}

export interface TaggedAnswer {
  readonly tag: string;
  /** A glob over tool ids. */
  readonly tool: string;
  readonly answer: PolicyAnswer;
}

/** What policy.json would allow beyond what a person agreed to. */
export interface HeldPolicy {
  /** Names exactly this content. */
  readonly id: string;
  /** One sentence each. */
  readonly wider: readonly string[];
}

/**
 * policy.json: hand-editable, hot-reloaded; invalid content keeps the last good state. An agent with a shell can edit it
 * too, so what an edit takes away holds at once, and what it gives waits until a person accepts it.
 */
export interface Profiles extends AsyncDisposable {
  get(name: string): Profile | undefined;
  all(): readonly Profile[];
  /** Rules in force. A call needs a yes of every layer: while an edit is held, of what was accepted and of the edit. */
  rules(): readonly RuleLayer[];
  /** The rules as the file has them. */
  fileRules(): RuleLayer;
  /** The file's text as it was read last; null: there is none. */
  text(): string | null;
  /** Reads the file now instead of at the next look. */
  refresh(): Promise<void>;
  problem(): ConfigProblem | null;
  /** What waits for a person; null when the file holds as it is. */
  held(): HeldPolicy | null;
  /** A person agreed to what is held. Throws when it is something else by now, or cannot be kept. */
  accept(id: string): void;
  onChange(listener: () => void): Disposable;
}

export interface ProfilesOptions {
  /** Path of policy.json. It may be missing: then the profile `default` is all there is. */
  readonly file: string;
  readonly log: { warn(facts: object, message: string): void };
  /** Remembers what a person accepted. */
  readonly kept: KeptState;
  /** `serve --cli-admin`: edits of the file need no person. */
  readonly trustsFile: boolean;
  /** Milliseconds between looks at the file. */
  readonly pollMs?: number;
}

/** Each pinned tool costs every agent the tokens of its definition. */
const MOST_PINNED = 200;

const guardsSchema = z.strictObject({
  secretsInArguments: z.enum(['ask', 'block', 'redact', 'allow']).default(USUAL_GUARDS.secretsInArguments),
  secretsInResults: z.enum(['allow', 'redact', 'block']).default(USUAL_GUARDS.secretsInResults),
  storedSecretsInResults: z.enum(['redact', 'block', 'allow']).default(USUAL_GUARDS.storedSecretsInResults),
  toxicFlow: z.enum(['ask', 'allow']).default(USUAL_GUARDS.toxicFlow),
});

const profileSchema = z.strictObject({
  surface: surfaceSchema.default('discover'),
  servers: z.array(serverNameSchema).nullable().default(null),
  pinned: z.array(toolIdSchema).max(MOST_PINNED).default([]),
  effects: z.array(effectSchema).default(['read', 'write', 'destructive']),
  callsPerMinute: z.number().int().positive().nullable().default(null),
  concurrentCalls: z.number().int().positive().nullable().default(256),
  guards: guardsSchema.prefault({}),
  callsPerDay: z.number().int().positive().nullable().default(null),
  loopGuard: loopGuardSchema.nullable().default(null),
  resources: policyAnswerSchema.default('allow'),
  prompts: policyAnswerSchema.default('allow'),
});

const partialRowSchema = answerRowSchema.partial();
/** A profile as a hand writes it: parts of rows, one answer for a tool, tags by name. */
const fileProfileSchema = profileSchema.extend({
  answers: partialRowSchema.default({}),
  perServer: z.record(serverNameSchema, partialRowSchema).default({}),
  tools: z.record(toolIdSchema, policyAnswerSchema).default({}),
  tags: z.record(toolTagSchema, policyAnswerSchema).default({}),
});

const MOST_RULES = 500;

const tagsSchema = z.record(toolTagSchema, z.array(toolGlobSchema).max(500));
const rulesSchema = z.array(policyRuleSchema).max(MOST_RULES);

// Strict on purpose: a misspelt key would otherwise widen what an app may do without a word.
export const policySchema = z
  .strictObject({
    $schema: z.string().optional(),
    profiles: z.record(profileNameSchema, fileProfileSchema).default({}),
    /** Names for groups of tools. */
    tags: tagsSchema.default({}),
    /** Built-in rules that are switched off have `false`. */
    builtIn: z.partialRecord(builtInRuleSchema, z.boolean()).default({}),
    rules: rulesSchema.default([]),
  })
  .superRefine(({ profiles, tags, rules }, context) => {
    for (const [name, profile] of Object.entries(profiles)) {
      for (const tag of Object.keys(profile.tags)) {
        if (!Object.hasOwn(tags, tag)) {
          context.addIssue({
            code: 'custom',
            path: ['profiles', name, 'tags', tag],
            message: `There is no tag ${tag}.`,
          });
        }
      }
    }
    for (const [at, rule] of rules.entries()) {
      const unknown = rule.tags?.find((tag) => !Object.hasOwn(tags, tag));
      if (unknown !== undefined) {
        context.addIssue({ code: 'custom', path: ['rules', at, 'tags'], message: `There is no tag ${unknown}.` });
      }
      for (const [place, test] of (rule.arguments ?? []).entries()) {
        const problem = problemOfPath(test.path);
        if (problem)
          context.addIssue({ code: 'custom', path: ['rules', at, 'arguments', place, 'path'], message: problem });
      }
    }
  });

const KEPT_NAME = 'policy';
// Earlier versions kept less. What they kept no answer for had the usual ones.
const keptProfileSchema = profileSchema.extend({
  name: profileNameSchema,
  others: answerRowSchema.default(USUAL_ANSWERS),
  perServer: z.record(serverNameSchema, answerRowSchema).default({}),
  tools: z.record(toolIdSchema, answerRowSchema).default({}),
  guards: guardsSchema.prefault({}),
  tagged: z.array(z.object({ tag: toolTagSchema, tool: z.string(), answer: policyAnswerSchema })).default([]),
});
const keptRulesSchema = z.object({
  own: rulesSchema,
  off: z.array(builtInRuleSchema),
  tags: tagsSchema,
});
const acceptedSchema = z.union([
  z.object({ profiles: z.array(keptProfileSchema), rules: z.array(keptRulesSchema) }),
  // Before there were rules.
  z.array(keptProfileSchema).transform((profiles) => ({ profiles, rules: [NO_RULES] })),
]);

const DEFAULT_PROFILE = 'default';
const LARGEST_FILE = 1024 * 1024;
/** Editors that move the old file away first leave none for a moment, which would read as "no restrictions". */
const LOOK_AGAIN_MS = 100;
const LOOKS_AGAIN = 5;

export type PolicyReading =
  | { readonly ok: true; readonly profiles: ReadonlyMap<string, Profile>; readonly rules: RuleList }
  | { readonly ok: false; readonly problem: Omit<ConfigProblem, 'file'> };

/**
 * Reads the text of policy.json (JSON with comments and trailing commas). The profile `default` is always there: as the
 * text defines it, or with reads and writes allowed and everything destructive asked about. Line and column count from 1. Pure.
 */
export function readPolicy(text: string): PolicyReading {
  const read = readJsonc(text);
  if (!read.ok) return { ok: false, problem: { message: read.message, ...placeIn(text, read.offset) } };
  const { root } = read;
  if (!root) return { ok: false, problem: { message: 'The file is empty.', line: 1, column: 1 } };
  const twice = repeatedKeyIn(root);
  if (twice) {
    const message = `${JSON.stringify(twice.value)} is there twice. Keep one of them.`;
    return { ok: false, problem: { message, ...placeIn(text, twice.offset) } };
  }
  const parsed = policySchema.safeParse(plainValueOf(root));
  if (parsed.success) return { ok: true, profiles: profilesOf(parsed.data), rules: ruleListOf(parsed.data) };
  const [issue] = parsed.error.issues;
  const path = issue?.path ?? [];
  const where = path.length === 0 ? '' : `${path.join('.')}: `;
  const what = issue?.code === 'invalid_key' ? issue.issues[0]?.message : issue?.message;
  return {
    ok: false,
    problem: { message: `${where}${what ?? 'Not valid.'}`, ...placeIn(text, offsetOf(root, issue)) },
  };
}

type PolicyFile = z.infer<typeof policySchema>;
type FileProfile = PolicyFile['profiles'][string];

function profilesOf(policy: PolicyFile): ReadonlyMap<string, Profile> {
  const profiles = new Map<string, Profile>();
  const definitions = { [DEFAULT_PROFILE]: fileProfileSchema.parse({}), ...policy.profiles };
  for (const [name, profile] of Object.entries(definitions)) profiles.set(name, profileOf(name, profile, policy.tags));
  return profiles;
}

function profileOf(name: string, written: FileProfile, tags: PolicyFile['tags']): Profile {
  const { answers, perServer, tools, tags: tagAnswers, ...plain } = written;
  const others = { ...USUAL_ANSWERS, ...answers };
  return {
    name,
    ...plain,
    others,
    perServer: Object.fromEntries(Object.entries(perServer).map(([server, row]) => [server, { ...others, ...row }])),
    tools: Object.fromEntries(
      Object.entries(tools).map(([id, answer]) => [id, { read: answer, write: answer, destructive: answer }]),
    ),
    tagged: Object.entries(tagAnswers).flatMap(([tag, answer]) =>
      (tags[tag] ?? []).map((tool) => ({ tag, tool, answer })),
    ),
  };
}

/** Watches and reads policy.json. A file that is wrong at the very start gives no app anything until it is corrected. */
export async function createProfiles(options: ProfilesOptions): Promise<Profiles> {
  const { file, log, kept, trustsFile, pollMs = 500 } = options;
  const listeners = new Set<() => void>();
  let profiles: ReadonlyMap<string, Profile> = new Map();
  let problem: ConfigProblem | null = null;
  /** Undefined until the first valid content of a new installation, which is taken as it is. */
  let accepted = acceptedBefore(kept, log);
  if (accepted?.rules.some(({ own }) => own.some((rule) => rule.arguments))) await loadJsonPaths();
  let wanted: { readonly profiles: ProfileSet; readonly rules: RuleList } = { profiles: new Map(), rules: NO_RULES };
  let layers: readonly RuleLayer[] = [layerOf(NO_RULES)];
  let held: HeldPolicy | null = null;
  /** Undefined when the file was not read, or could not be. */
  let lastText: string | null | undefined;
  let isReady = false;
  let reading: Promise<void> = Promise.resolve();

  const keep = (next: AcceptedPolicy): void => {
    const before = accepted;
    accepted = next;
    if (isDeepStrictEqual(before, next)) return;
    kept.write(KEPT_NAME, { profiles: [...next.profiles.values()], rules: next.rules });
  };
  const hold = (next: AcceptedPolicy): void => {
    profiles = next.profiles;
    layers = next.rules.map(layerOf);
  };

  const take = (read: typeof wanted): void => {
    wanted = read;
    const asItIs: AcceptedPolicy = { profiles: wanted.profiles, rules: [wanted.rules] };
    const { effective, wider } = withinAccepted(wanted, trustsFile ? asItIs : (accepted ?? asItIs));
    hold(effective);
    held = wider.length === 0 ? null : { id: idOf(wanted), wider };
    if (held) log.warn({ file, wider }, 'policy.json allows more than a person accepted; that part is held');
    try {
      keep(effective);
    } catch (error) {
      // It holds now; after a restart the file is compared with what was accepted before.
      log.warn({ error: textOfError(error) }, 'What is accepted of policy.json could not be kept');
    }
  };

  const read = async (): Promise<void> => {
    let text = await textOf(file);
    for (let look = 0; text === null && typeof lastText === 'string' && look < LOOKS_AGAIN; look += 1) {
      await delay(LOOK_AGAIN_MS);
      text = await textOf(file);
    }
    if (text === lastText) return;
    lastText = text;
    if (text?.includes('"path"')) await loadJsonPaths();
    const outcome = text === null ? readPolicy('{}') : readPolicy(text);
    if (outcome.ok) {
      take(outcome);
      problem = null;
    } else {
      problem = { file, ...outcome.problem };
      log.warn({ ...problem }, 'policy.json is not valid; the last good profiles stay');
    }
    if (isReady) for (const listener of [...listeners]) listener();
  };
  const refresh = (): Promise<void> => {
    reading = reading.then(read).catch((error: unknown) => {
      const message = `The file cannot be read: ${textOfError(error)}`;
      if (problem?.message === message) return;
      problem = { file, message, line: 1, column: 1 };
      lastText = undefined;
      for (const listener of [...listeners]) listener();
    });
    return reading;
  };

  // One stat twice a second. A watch would cover the whole folder while the file is missing, and every call writes to the
  // database in that folder (measured with chokidar: 23 ms for each write beside 2,000 files).
  const look = (): void => void refresh();
  watchFile(file, { interval: pollMs, persistent: false }, look);
  await refresh();
  // Only what the very first start found is taken as it is; what comes later is for a person to accept.
  if (accepted === undefined) take({ profiles: new Map(), rules: NO_RULES });
  isReady = true;

  return {
    get: (name) => profiles.get(name),
    all: () => [...profiles.values()],
    rules: () => layers,
    fileRules: () => layerOf(wanted.rules),
    text: () => lastText ?? null,
    refresh,
    problem: () => problem,
    held: () => held,
    accept(id) {
      if (held?.id !== id) {
        throw new Error('policy.json has changed since this was asked. Look at what it asks for now.');
      }
      const before = accepted;
      try {
        keep({ profiles: wanted.profiles, rules: [wanted.rules] });
      } catch (error) {
        accepted = before;
        throw error;
      }
      hold({ profiles: wanted.profiles, rules: [wanted.rules] });
      held = null;
      for (const listener of [...listeners]) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async [Symbol.asyncDispose]() {
      unwatchFile(file, look);
      await reading;
      listeners.clear();
    },
  };
}

/** Undefined for a new installation; nothing when what was kept was changed by another program. */
function acceptedBefore(kept: KeptState, log: ProfilesOptions['log']): AcceptedPolicy | undefined {
  const found = kept.read(KEPT_NAME);
  if (found.kind === 'new') return undefined;
  const parsed = found.kind === 'kept' ? acceptedSchema.safeParse(found.value) : undefined;
  if (parsed?.success) {
    const { profiles, rules } = parsed.data;
    return { profiles: new Map(profiles.map((profile) => [profile.name, profile])), rules };
  }
  log.warn({}, 'What was accepted of policy.json is gone or was changed by another program, so all of it is held');
  return { profiles: new Map(), rules: [NO_RULES] };
}

const idOf = ({ profiles, rules }: { readonly profiles: ProfileSet; readonly rules: RuleList }): string =>
  createHash('sha256')
    .update(JSON.stringify([[...profiles.values()], rules]))
    .digest('hex');

const textOfError = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The file's text, or null when there is no file. */
async function textOf(file: string): Promise<string | null> {
  try {
    const bytes = await readFile(file);
    if (bytes.byteLength > LARGEST_FILE) throw new Error('it is larger than 1 MiB');
    return bytes.toString('utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function offsetOf(tree: Node, issue: z.core.$ZodIssue | undefined): number {
  const path = (issue?.path ?? []).filter((key) => typeof key !== 'symbol');
  const unknownKey = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  if (unknownKey !== undefined) {
    // The value's parent is the property, which starts at the misspelt key itself.
    const property = findNodeAtLocation(tree, [...path, unknownKey])?.parent;
    if (property) return property.offset;
  }
  for (let length = path.length; length >= 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node) return node.offset;
  }
  return 0;
}
