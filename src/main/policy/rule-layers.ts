/** The rules of one policy.json, as they are kept and as they are run. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { BuiltInRule, PolicyRule } from '@shared/contract/index.ts';
import type { Home } from './path-text.ts';
import { widerRules } from './rule-widening.ts';
import { type FittingLimit, firstRule, limitsFor, type PlacedRule, placedRules, type RuledCall } from './rules.ts';
import { fitsGlob } from './text-glob.ts';

export type ToolTags = Readonly<Record<string, readonly string[]>>;

export interface RuleList {
  /** Rules of the file, in order. */
  readonly own: readonly PolicyRule[];
  /** Built-in rules that are switched off. */
  readonly off: readonly BuiltInRule[];
  /** Globs over tool ids, by tag. */
  readonly tags: ToolTags;
}

export interface RuleLayer extends RuleList {
  readonly placed: readonly PlacedRule[];
}

/** What holds without a file: the built-in rules alone. */
export const NO_RULES: RuleList = { own: [], off: [], tags: {} };
export const DENY_ALL: RuleList = { own: [{ verb: 'deny' }], off: [], tags: {} };

export function ruleListOf(policy: {
  readonly rules: readonly PolicyRule[];
  readonly builtIn: Readonly<Partial<Record<BuiltInRule, boolean>>>;
  readonly tags: ToolTags;
}): RuleList {
  const off = (Object.keys(policy.builtIn) as BuiltInRule[]).filter((name) => policy.builtIn[name] === false);
  return { own: policy.rules, off: off.sort(), tags: policy.tags };
}

export function layerOf({ own, off, tags }: RuleList): RuleLayer {
  return { own, off, tags, placed: placedRules(own, new Set(off)) };
}

/** One sentence for each way in which `wanted` could let more through than `before`. */
export function widerList(wanted: RuleList, before: RuleList): string[] {
  const lists = [layerOf(wanted).placed, layerOf(before).placed].map((placed) => placed.map(({ rule }) => rule));
  const [now = [], was = []] = lists;
  const used = new Set([...now, ...was].flatMap((rule) => (rule.off === true ? [] : (rule.tags ?? []))));
  const changed = [...used].filter((tag) => !isDeepStrictEqual(wanted.tags[tag], before.tags[tag]));
  return [...widerRules(now, was), ...changed.map((tag) => `The tag ${tag}, which a rule names, means other tools.`)];
}

export interface RuleSays {
  /** Strictest over the layers; null: no rule decides. */
  readonly verb: 'allow' | 'ask' | 'deny' | null;
  /** The rule behind it. */
  readonly by: PlacedRule | null;
  readonly limits: readonly FittingLimit[];
}

/** `profileAsks`: what a layer says in which no rule decides. */
export function rulesSay(
  layers: readonly RuleLayer[],
  call: Omit<RuledCall, 'tags'>,
  home: Home,
  profileAsks: boolean,
): RuleSays {
  let strictest: Omit<RuleSays, 'limits'> = { verb: null, by: null };
  let isFirst = true;
  const limits = new Map<string, FittingLimit>();
  for (const layer of layers) {
    const tagged = { ...call, tags: tagsOf(layer.tags, call.id) };
    const by = firstRule(layer.placed, tagged, home) ?? null;
    const verb = by === null || by.rule.verb === 'limit' ? null : by.rule.verb;
    if (isFirst || rankOf(verb, profileAsks) > rankOf(strictest.verb, profileAsks)) strictest = { verb, by };
    isFirst = false;
    for (const limit of limitsFor(layer.placed, tagged, home)) limits.set(limit.key, limit);
  }
  return { ...strictest, limits: [...limits.values()] };
}

/** 2 denies, 1 asks, 0 lets through. */
function rankOf(verb: RuleSays['verb'], profileAsks: boolean): number {
  if (verb === 'deny') return 2;
  return verb === 'ask' || (verb === null && profileAsks) ? 1 : 0;
}

const tagsOf = (tags: ToolTags, id: string): readonly string[] =>
  Object.keys(tags).filter((tag) => tags[tag]?.some((glob) => fitsGlob(glob, id)));
