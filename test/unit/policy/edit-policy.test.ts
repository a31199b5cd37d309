import { describe, expect, it } from 'vitest';
import { editedPolicy } from '../../../src/main/policy/edit-policy.ts';
import { answerFor, type Profile, readPolicy } from '../../../src/main/policy/index.ts';
import type { PolicyEdit } from '../../../src/shared/contract/index.ts';

const parts = (text: string | null) => {
  const reading = readPolicy(text ?? '{}');
  if (!reading.ok) throw new Error(reading.problem.message);
  return reading;
};
const edited = (text: string | null, edit: PolicyEdit, servers: readonly string[] = ['github', 'files']): string => {
  const { profiles, rules } = parts(text);
  const profile = 'profile' in edit ? profiles.get(edit.profile) : undefined;
  return editedPolicy(text, edit, { profile, servers, rules: rules.own });
};
const profileIn = (text: string, name = 'default'): Profile => {
  const profile = parts(text).profiles.get(name);
  if (!profile) throw new Error(`No profile ${name}.`);
  return profile;
};
const says = (text: string, server: string, effect: 'read' | 'write' | 'destructive', name = 'default') =>
  answerFor(profileIn(text, name), { id: `${server}:x`, server, kind: 'tool', effect });

describe('an edit of policy.json', () => {
  it('keeps comments and everything it is not about', () => {
    const text = '{\n  // mine\n  "profiles": {\n    "work": { "pinned": ["a:b"] } // pinned\n  }\n}\n';
    const after = edited(text, { kind: 'answer', profile: 'work', server: 'github', effect: 'write', answer: 'ask' });
    expect(after).toContain('// mine');
    expect(after).toContain('// pinned');
    expect(profileIn(after, 'work').pinned).toEqual(['a:b']);
    expect(says(after, 'github', 'write', 'work')).toBe('ask');
    expect(says(after, 'files', 'write', 'work')).toBe('allow');
  });

  it('makes a file where there is none', () => {
    const after = edited(null, {
      kind: 'answer',
      profile: 'default',
      server: 'files',
      effect: 'destructive',
      answer: 'hide',
    });
    expect(says(after, 'files', 'destructive')).toBe('hide');
    expect(says(after, 'github', 'destructive')).toBe('ask');
  });

  it('changes only later servers when their row is changed', () => {
    const after = edited(null, { kind: 'answer', profile: 'default', server: null, effect: 'read', answer: 'hide' });
    expect(says(after, 'github', 'read')).toBe('allow');
    expect(says(after, 'another', 'read')).toBe('hide');
  });

  it('spells out the older lists without opening anything else', () => {
    const text = '{"profiles": {"work": {"servers": ["github"], "effects": ["read"]}}}';
    const after = edited(text, { kind: 'answer', profile: 'work', server: 'files', effect: 'write', answer: 'ask' });
    const all = ['github', 'files', 'another'].flatMap((server) =>
      (['read', 'write', 'destructive'] as const).map((effect) => says(after, server, effect, 'work')),
    );
    expect(all).toEqual(['allow', 'hide', 'hide', 'hide', 'ask', 'hide', 'hide', 'hide', 'hide']);
  });

  it('makes a new profile that hides everything', () => {
    const after = edited('{}', { kind: 'new-profile', profile: 'guest' });
    expect(says(after, 'github', 'read', 'guest')).toBe('hide');
    expect(() => edited(after, { kind: 'new-profile', profile: 'guest' })).toThrow('already');
  });

  it('adds, switches, moves and removes rules', () => {
    const deny = { verb: 'deny', tools: ['a:*'] } as const;
    const ask = { verb: 'ask', tools: ['b:*'] } as const;
    let text = edited('{}', { kind: 'add-rule', rule: { ...deny, tools: [...deny.tools] } });
    text = edited(text, { kind: 'add-rule', rule: { ...ask, tools: [...ask.tools] } });
    text = edited(text, { kind: 'move-rule', from: 1, to: 0 });
    expect(parts(text).rules.own.map(({ verb }) => verb)).toEqual(['ask', 'deny']);
    text = edited(text, { kind: 'switch-rule', at: 1, on: false });
    expect(parts(text).rules.own[1]?.off).toBe(true);
    text = edited(text, { kind: 'remove-rule', at: 0 });
    expect(parts(text).rules.own.map(({ verb }) => verb)).toEqual(['deny']);
    text = edited(text, { kind: 'built-in', rule: 'env-files', on: false });
    expect(parts(text).rules.off).toEqual(['env-files']);
    expect(() => edited(text, { kind: 'remove-rule', at: 7 })).toThrow('no rule 8');
  });
});
