/** The same stages for what is read and never called: prompts, resources, templates. */
import { describe, expect, it } from 'vitest';
import type { ToolRecord } from '../../../src/main/approvals/index.ts';
import { type CallAttempt, type Decision, decide, type PolicySnapshot } from '../../../src/main/policy/index.ts';
import type { OfferKind } from '../../../src/shared/words.ts';
import { everything, promptRecord, resourceRecord, templateRecord, toolRecord } from '../../doubles/rooms.ts';

const app = { id: 'ann', name: 'Ann', profile: 'default' };
const openGate = { paused: false, since: null, until: null, by: null, apps: {}, cancelledCalls: 0 };

function decided(kind: OfferKind, tool: ToolRecord | undefined, over: Partial<PolicySnapshot> = {}): Decision {
  const call: CallAttempt = { id: 'c', app, toolId: tool?.id ?? 'note://9', kind, claimedEffect: null, arguments: {} };
  const snapshot: PolicySnapshot = {
    gate: openGate,
    profile: everything,
    tool,
    checkArguments: () => ({ verdict: 'invalid', problem: 'no schema applies to these' }),
    guards: { secrets: [], flow: null },
    usage: { lastMinute: 0, inFlight: 0, freesInMs: 0 },
    ...over,
  };
  return decide(call, snapshot, { now: 1, micros: () => 1 });
}
const refusalOf = (decision: Decision) => (decision.verdict === 'refuse' ? decision.refusal : undefined);

const offers: [OfferKind, ToolRecord][] = [
  ['prompt', promptRecord('notes', 'greet')],
  ['resource', resourceRecord('notes', 'note://1')],
  ['template', templateRecord('notes', 'note://{id}')],
];

describe('what is read', () => {
  it.each(offers)('passes as a read when the %s is approved, whatever effect stands beside it', (kind, offer) => {
    for (const effect of ['read', 'write', null] as const) {
      expect(decided(kind, { ...offer, effect })).toMatchObject({ verdict: 'pass', effect: 'read' });
    }
  });

  it.each(offers)('is refused by its own name while the %s is not approved', (kind, offer) => {
    const refusal = refusalOf(decided(kind, { ...offer, state: 'changed' }));
    expect(refusal).toMatchObject({ code: 'changed', whoCanFix: 'person' });
    expect(refusal?.message).toContain(`${offer.name} of notes changed since`);
    const held = refusalOf(decided(kind, { ...offer, state: 'pending', heldByServer: true }));
    expect(held?.message).toMatch(/^The server notes of /);
  });

  it.each(offers)('needs a profile that may read for a %s', (kind, offer) => {
    const refusal = refusalOf(decided(kind, offer, { profile: { ...everything, effects: ['write'] } }));
    expect(refusal).toMatchObject({ code: 'not_in_profile', whoCanFix: 'person' });
  });

  it('that means nothing, or is of a server outside the profile, does not exist', () => {
    const elsewhere = { ...everything, servers: ['files'] };
    const [, prompt] = offers[0] ?? [];
    expect(refusalOf(decided('resource', undefined))?.message).toBe(
      'No resource named note://9 is available to this app.',
    );
    expect(refusalOf(decided('prompt', prompt, { profile: elsewhere }))?.message).toBe(
      'No prompt named greet is available to this app.',
    );
  });

  it('may be covered by a tool that writes, which has to be approved with an effect', () => {
    const tool = toolRecord('notes:board', 'write');
    expect(decided('resource', tool)).toMatchObject({ verdict: 'pass', effect: 'read' });
    expect(refusalOf(decided('resource', { ...tool, effect: null }))).toMatchObject({ code: 'quarantined' });
    expect(refusalOf(decided('resource', { ...tool, state: 'blocked' }))).toMatchObject({ code: 'blocked' });
  });

  it('never opens a tool: the same record asked for as a tool keeps its own effect', () => {
    const tool = toolRecord('notes:wipe', 'destructive');
    expect(decided('tool', tool, { checkArguments: () => ({ verdict: 'valid' }) })).toMatchObject({
      verdict: 'pass',
      effect: 'destructive',
    });
  });
});
