import { describe, expect, it } from 'vitest';
import type { GuardFacts, GuardPolicy, SecretInCall } from '../../../src/main/guards/index.ts';
import { guardVerdict } from '../../../src/main/policy/guard-stage.ts';
import { stricterGuards, USUAL_GUARDS, widerGuards } from '../../../src/main/policy/guard-widening.ts';

const target = { tool: 'mail:send', server: 'mail', canRedact: true };
const secret = (over: Partial<SecretInCall> = {}): SecretInCall => ({
  rule: 'github-token',
  title: 'GitHub token',
  sureness: 'certain',
  mark: '#3fa9c2d1',
  stored: null,
  isKnownToServer: false,
  ...over,
});
const flow = {
  untrusted: [{ callId: 'a', tool: 'web:fetch', at: 0 }],
  private: [{ callId: 'b', tool: 'files:read', at: 60_000 }],
};
const verdict = (policy: Partial<GuardPolicy>, facts: Partial<GuardFacts>, over: Partial<typeof target> = {}) =>
  guardVerdict({ ...target, ...over }, { ...USUAL_GUARDS, ...policy }, { secrets: [], flow: null, ...facts }, 120_000);

const reasonsOf = (said: ReturnType<typeof guardVerdict>) => (said.kind === 'go' ? said.reasons : []);

describe('guardVerdict', () => {
  it('asks about a certain secret for a server that does not have it', () => {
    const said = verdict({}, { secrets: [secret()] });
    expect(said).toMatchObject({ kind: 'go', redacts: false });
    expect(reasonsOf(said)).toEqual([
      {
        kind: 'secret',
        text: 'The call would send a GitHub token #3fa9c2d1 to mail, which does not have it yet.',
        rule: 'github-token',
        about: '#3fa9c2d1',
        serious: false,
      },
    ]);
    const stored = secret({ stored: 'mail/KEY', rule: 'stored-secret' });
    expect(reasonsOf(verdict({}, { secrets: [stored] }))).toMatchObject([{ serious: true }]);
  });

  it.each([
    ['block', 'refuse', undefined],
    ['redact', 'go', true],
    ['allow', 'go', false],
  ] as const)('%s gives %s', (secretsInArguments, kind, redacts) => {
    expect(verdict({ secretsInArguments }, { secrets: [secret()] })).toMatchObject({
      kind,
      ...(redacts !== undefined && { redacts }),
    });
  });

  it('refuses what it should take out of something that cannot be sent without it', () => {
    expect(verdict({ secretsInArguments: 'redact' }, { secrets: [secret()] }, { canRedact: false }).kind).toBe(
      'refuse',
    );
  });

  it.each([
    ['only looks like a secret', { sureness: 'possible' as const }],
    ["is the server's own", { isKnownToServer: true }],
  ])('lets pass and notes what %s, also where secrets are blocked', (_what, over) => {
    const said = verdict({ secretsInArguments: 'block' }, { secrets: [secret(over)] });
    expect(said).toMatchObject({ kind: 'go', redacts: false, note: expect.stringContaining('#3fa9c2d1') });
    expect(reasonsOf(said)).toEqual([]);
  });

  it('asks about a flow outward and shows the chain', () => {
    expect(reasonsOf(verdict({}, { flow }))).toEqual([
      {
        kind: 'flow',
        text: 'This session read untrusted content (web:fetch, 2 minutes ago) and private data (files:read, a minute ago), and mail:send could carry it outward.',
        rule: null,
        about: 'web:fetch → files:read',
        serious: true,
      },
    ]);
    expect(reasonsOf(verdict({ toxicFlow: 'allow' }, { flow }))).toEqual([]);
  });

  it('asks about both, and about none when a secret is refused', () => {
    const kinds = reasonsOf(verdict({}, { flow, secrets: [secret()] })).map(({ kind }) => kind);
    expect(kinds).toEqual(['secret', 'flow']);
    expect(verdict({ secretsInArguments: 'block' }, { flow, secrets: [secret()] }).kind).toBe('refuse');
  });

  it('takes a secret out also of a call that a person let through for its flow', () => {
    const said = verdict({ secretsInArguments: 'redact' }, { flow, secrets: [secret()] });
    expect(said).toMatchObject({ kind: 'go', redacts: true, reasons: [{ kind: 'flow' }] });
  });
});

describe('loosened guards', () => {
  const strict: GuardPolicy = {
    secretsInArguments: 'block',
    secretsInResults: 'block',
    storedSecretsInResults: 'block',
    toxicFlow: 'ask',
  };
  const loose: GuardPolicy = {
    secretsInArguments: 'allow',
    secretsInResults: 'allow',
    storedSecretsInResults: 'allow',
    toxicFlow: 'allow',
  };

  it('count as widening, one by one, and never the other way round', () => {
    expect(widerGuards('work', loose, strict)).toHaveLength(4);
    expect(widerGuards('work', strict, loose)).toEqual([]);
    expect(widerGuards('work', strict, strict)).toEqual([]);
  });

  it('hold as strict as they were until a person agrees', () => {
    expect(stricterGuards(loose, strict)).toEqual(strict);
    expect(stricterGuards(strict, loose)).toEqual(strict);
  });
});
