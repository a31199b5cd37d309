/** Whether a list of rules lets through more than another. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { PolicyRule } from '@shared/contract/index.ts';
import { ruleText } from './rules.ts';

/**
 * One sentence for each change from `before` to `wanted` that could let more through; empty: surely none does. Narrowing are a new
 * deny or limit anywhere, a new ask that stands behind no deny of before it could soften, and an allow that is gone. Everything else
 * counts as widening, also where it happens to be none.
 */
export function widerRules(wanted: readonly PolicyRule[], before: readonly PolicyRule[]): string[] {
  const now = wanted.filter(isOn).map(bare);
  const was = before.filter(isOn).map(bare);
  const found: string[] = [];
  let place = 0;
  for (const rule of now) {
    const at = nextOf(was, place, rule);
    if (at !== undefined) {
      place = at + 1;
      continue;
    }
    if (rule.verb === 'allow') found.push(`A rule is new or stands elsewhere: ${ruleText(rule)}.`);
    if (rule.verb === 'ask' && was.slice(place).some(({ verb }) => verb === 'deny')) {
      found.push(`A rule would ask where a later one denies: ${ruleText(rule)}.`);
    }
  }
  for (const rule of was.slice(place)) {
    if (rule.verb !== 'allow') found.push(`A rule is gone, changed or stands elsewhere: ${ruleText(rule)}.`);
  }
  return found;
}

const isOn = (rule: PolicyRule): boolean => rule.off !== true;

/** What counts of a rule. */
function bare(rule: PolicyRule): PolicyRule {
  const { note: _note, off: _off, ...rest } = rule;
  return rest;
}

/** Where `rule` comes next, when nothing but allowing rules would be skipped to get there. */
function nextOf(rules: readonly PolicyRule[], from: number, rule: PolicyRule): number | undefined {
  for (let at = from; at < rules.length; at++) {
    const here = rules[at];
    if (isDeepStrictEqual(here, rule)) return at;
    if (here?.verb !== 'allow') return undefined;
  }
  return undefined;
}
