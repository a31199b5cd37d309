import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { withinAccepted } from '../../../src/main/policy/accepted-policy.ts';
import { answerFor } from '../../../src/main/policy/answers.ts';
import { loadJsonPaths } from '../../../src/main/policy/argument-tests.ts';
import { type Decision, decide, layerOf, type PolicySnapshot, type Profile } from '../../../src/main/policy/index.ts';
import type { RuleList } from '../../../src/main/policy/rule-layers.ts';
import { type PolicyRule, policyRuleSchema } from '../../../src/shared/contract/index.ts';
import { type Effect, splitOfferId } from '../../../src/shared/words.ts';
import { everything, toolRecord } from '../../doubles/rooms.ts';

const NOW = 1_000_000;
const clock = { now: NOW, micros: () => 0 };
const ann = { id: 'ann', name: 'Ann', profile: 'default' };
const openGate = { paused: false, since: null, until: null, by: null, apps: {}, cancelledCalls: 0 };

beforeAll(loadJsonPaths);

interface Tried {
  readonly tool: string;
  readonly effect: Effect;
  readonly args: unknown;
}

function outcome(
  profile: Profile,
  lists: readonly RuleList[],
  { tool, effect, args }: Tried,
  over: Partial<PolicySnapshot> = {},
): Decision {
  return decide(
    { id: 'c', app: ann, toolId: tool, claimedEffect: null, arguments: args },
    {
      gate: openGate,
      profile,
      tool: toolRecord(tool, effect),
      checkArguments: () => ({ verdict: 'valid' }),
      usage: { lastMinute: 0, inFlight: 0, freesInMs: 0 },
      guards: { secrets: [], flow: null },
      rules: lists.map(layerOf),
      home: '/home/ann',
      ...over,
    },
    clock,
  );
}
/** How much a decision lets through: 0 nothing, 1 after a question, 2 everything. */
const openness = ({ verdict }: Decision): number => (verdict === 'pass' ? 2 : verdict === 'ask' ? 1 : 0);

const list = (own: readonly PolicyRule[], tags: RuleList['tags'] = {}): RuleList => ({
  own,
  off: ['secret-folders', 'env-files'],
  tags,
});

const effects = ['read', 'write', 'destructive'] as const;
const answer = fc.constantFrom('allow' as const, 'ask' as const, 'hide' as const);
const row = fc.record({ read: answer, write: answer, destructive: answer });
const toolIds = ['notes:search', 'notes:delete', 'files:write', 'files:delete'];
const globs = ['notes:*', '*:delete', 'files:write', '*:*'];
const anyProfile: fc.Arbitrary<Profile> = fc
  .record({
    servers: fc.option(fc.subarray(['notes', 'files'])),
    effects: fc.subarray([...effects]),
    others: row,
    perServer: fc.dictionary(fc.constantFrom('notes', 'files'), row),
    tools: fc.dictionary(fc.constantFrom(...toolIds), row),
    tagged: fc.array(fc.record({ tag: fc.constant('t'), tool: fc.constantFrom(...globs), answer }), { maxLength: 3 }),
    resources: answer,
    prompts: answer,
  })
  .map((part) => ({ ...everything, ...part }));
const anyRule: fc.Arbitrary<PolicyRule> = fc
  .record(
    {
      verb: fc.constantFrom('allow', 'ask', 'deny'),
      apps: fc.constantFrom(['Ann'], ['Bob']),
      tools: fc.subarray(globs, { minLength: 1 }),
      effects: fc.subarray([...effects], { minLength: 1 }),
      arguments: fc.constantFrom([{ path: '$.path', inside: ['/srv'] }], [{ path: '$.n', equals: 1 }]),
    },
    { requiredKeys: ['verb'] },
  )
  .map((rule) => policyRuleSchema.parse(rule));
const anyRules = fc.array(anyRule, { maxLength: 5 });
const anyCall: fc.Arbitrary<Tried> = fc.record({
  tool: fc.constantFrom(...toolIds),
  effect: fc.constantFrom(...effects),
  args: fc.constantFrom<unknown>({}, { path: '/srv/a' }, { path: '/etc' }, { n: 1, path: '/srv/../etc' }, { n: 2 }),
});
const runs = { numRuns: 1_000 };

describe('rules', () => {
  it('a rule that denies everything in front lets nothing pass', () => {
    fc.assert(
      fc.property(anyProfile, anyRules, anyCall, (profile, own, call) => {
        expect(openness(outcome(profile, [list([{ verb: 'deny' }, ...own])], call))).toBe(0);
      }),
      runs,
    );
  });

  it('a deny put anywhere, or an ask in front of no deny, never opens anything', () => {
    fc.assert(
      fc.property(anyProfile, anyRules, anyRule, fc.nat(5), anyCall, (profile, own, rule, at, call) => {
        fc.pre(rule.verb !== 'allow');
        const place = Math.min(at, own.length);
        fc.pre(rule.verb === 'deny' || !own.slice(place).some(({ verb }) => verb === 'deny'));
        const before = openness(outcome(profile, [list(own)], call));
        const after = openness(outcome(profile, [list(own.toSpliced(place, 0, rule))], call));
        expect(after).toBeLessThanOrEqual(before);
      }),
      runs,
    );
  });

  it('no rule opens what the profile hides', () => {
    fc.assert(
      fc.property(anyProfile, anyRules, anyCall, (profile, own, call) => {
        const { server = '' } = splitOfferId(call.tool) ?? {};
        const said = answerFor(profile, { id: call.tool, server, kind: 'tool', effect: call.effect });
        fc.pre(said === 'hide');
        expect(openness(outcome(profile, [list(own)], call))).toBe(0);
      }),
      runs,
    );
  });

  it('a paused gate refuses, whatever the rules allow', () => {
    fc.assert(
      fc.property(anyProfile, anyRules, anyCall, (profile, own, call) => {
        const decision = outcome(profile, [list([{ verb: 'allow' }, ...own])], call, {
          gate: { ...openGate, paused: true, since: 0 },
        });
        expect(decision).toMatchObject({ verdict: 'refuse', refusal: { code: 'paused' } });
      }),
    );
  });

  it('the first that fits decides, and an allow answers what the profile would ask', () => {
    const asks = { ...everything, others: { read: 'ask', write: 'ask', destructive: 'ask' } } as const;
    const call: Tried = { tool: 'files:delete', effect: 'destructive', args: { path: '/srv/a' } };
    const allow: PolicyRule = { verb: 'allow', tools: ['files:*'], arguments: [{ path: '$.path', inside: ['/srv'] }] };
    expect(outcome(asks, [list([])], call).verdict).toBe('ask');
    expect(outcome(asks, [list([allow, { verb: 'deny' }])], call).verdict).toBe('pass');
    expect(outcome(asks, [list([{ verb: 'ask' }, allow])], call).verdict).toBe('ask');
    expect(outcome(asks, [list([allow])], { ...call, args: { path: '/srv/../etc' } }).verdict).toBe('ask');
  });

  it('one that has ended, is switched off or means another app does not fit', () => {
    const call: Tried = { tool: 'notes:search', effect: 'read', args: {} };
    const denies = (rule: PolicyRule) => outcome(everything, [list([rule])], call).verdict === 'refuse';
    expect(denies({ verb: 'deny', until: new Date(NOW + 1).toISOString() })).toBe(true);
    expect(denies({ verb: 'deny', until: new Date(NOW).toISOString() })).toBe(false);
    expect(denies({ verb: 'deny', off: true })).toBe(false);
    expect(denies({ verb: 'deny', apps: ['bob'] })).toBe(false);
    expect(denies({ verb: 'deny', apps: ['ANN'] })).toBe(true);
  });

  it('arguments nobody can look at fit what takes away and not what gives', () => {
    const args = { all: new Array(300_000).fill(0) };
    const test = [{ path: '$..*', contains: 'x' }];
    const call: Tried = { tool: 'notes:search', effect: 'read', args };
    const asks: Profile = { ...everything, others: { ...everything.others, read: 'ask' } };
    expect(outcome(everything, [list([{ verb: 'deny', arguments: test }])], call).verdict).toBe('refuse');
    expect(outcome(asks, [list([{ verb: 'allow', arguments: test }])], call).verdict).toBe('ask');
  });

  it('a tag stands for the tools it names', () => {
    const rules = list([{ verb: 'deny', tags: ['money'] }], { money: ['bank:*'] });
    expect(outcome(everything, [rules], { tool: 'bank:pay', effect: 'write', args: {} }).verdict).toBe('refuse');
    expect(outcome(everything, [rules], { tool: 'notes:search', effect: 'read', args: {} }).verdict).toBe('pass');
  });

  it('the built-in ones keep keys and sign-ins to themselves', () => {
    const brought: RuleList = { own: [{ verb: 'allow' }], off: [], tags: {} };
    for (const args of [
      { path: '~/.ssh/id' },
      { command: 'cat /home/ann/.aws/credentials' },
      { files: [{ at: 'x/.env' }] },
    ]) {
      const decision = outcome(everything, [brought], { tool: 'files:write', effect: 'write', args });
      expect(decision).toMatchObject({ verdict: 'refuse', refusal: { code: 'denied_by_person', whoCanFix: 'person' } });
      expect(outcome(everything, [list([])], { tool: 'files:write', effect: 'write', args }).verdict).toBe('pass');
    }
    expect(
      outcome(everything, [brought], { tool: 'files:write', effect: 'write', args: { path: '/srv/a' } }).verdict,
    ).toBe('pass');
  });
});

describe('what holds of an edit that a person has not seen', () => {
  const policy = fc.record({ profile: anyProfile, own: anyRules });
  const setOf = (profile: Profile) => new Map([['default', profile]]);

  it('never lets through what the accepted policy or the edit does not', () => {
    fc.assert(
      fc.property(policy, policy, anyCall, (was, wants, call) => {
        const { effective } = withinAccepted(
          { profiles: setOf(wants.profile), rules: list(wants.own) },
          { profiles: setOf(was.profile), rules: [list(was.own)] },
        );
        const held = effective.profiles.get('default');
        if (!held) throw new Error('The profile is gone.');
        const now = openness(outcome(held, effective.rules, call));
        expect(now).toBeLessThanOrEqual(openness(outcome(was.profile, [list(was.own)], call)));
        expect(now).toBeLessThanOrEqual(openness(outcome(wants.profile, [list(wants.own)], call)));
      }),
      runs,
    );
  });

  it('holds nothing back of an edit only if it opens nothing', () => {
    const edit = fc.record({ at: fc.nat(5), rule: anyRule, removes: fc.boolean() });
    let accepted = 0;
    fc.assert(
      fc.property(policy, fc.array(edit, { maxLength: 2 }), anyCall, (was, edits, call) => {
        let own = was.own;
        for (const { at, rule, removes } of edits) {
          own = removes ? own.toSpliced(at, 1) : own.toSpliced(Math.min(at, own.length), 0, rule);
        }
        const { wider } = withinAccepted(
          { profiles: setOf(was.profile), rules: list(own) },
          { profiles: setOf(was.profile), rules: [list(was.own)] },
        );
        if (wider.length > 0) return;
        accepted += 1;
        const before = openness(outcome(was.profile, [list(was.own)], call));
        expect(openness(outcome(was.profile, [list(own)], call))).toBeLessThanOrEqual(before);
      }),
      runs,
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('stays the same when the same file is read again', () => {
    fc.assert(
      fc.property(policy, (only) => {
        const wanted = { profiles: setOf(only.profile), rules: list(only.own) };
        const outcomeNow = withinAccepted(wanted, { profiles: wanted.profiles, rules: [wanted.rules] });
        expect(outcomeNow.wider).toEqual([]);
        expect(outcomeNow.effective.rules).toEqual([wanted.rules]);
      }),
    );
  });

  it('lets nothing out when edits without a yes pile up', () => {
    let accepted = withinAccepted(
      { profiles: setOf(everything), rules: list([{ verb: 'deny', tools: ['a:0'] }]) },
      { profiles: setOf(everything), rules: [list([{ verb: 'deny', tools: ['a:0'] }])] },
    ).effective;
    for (let edit = 1; edit < 12; edit++) {
      const rules = list([{ verb: 'deny', tools: [`a:${edit}`] }]);
      accepted = withinAccepted({ profiles: setOf(everything), rules }, accepted).effective;
      const first = outcome(everything, accepted.rules, { tool: 'a:0', effect: 'read', args: {} });
      expect(first.verdict).toBe('refuse');
    }
    expect(accepted.rules.length).toBeLessThanOrEqual(8);
  });
});
