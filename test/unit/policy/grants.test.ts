import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AskReason, type Grant, grantFor, keyOf } from '../../../src/main/policy/index.ts';

const reason: AskReason = { kind: 'effect', text: 'It deletes.', rule: null, about: null, serious: false };
const call = {
  callId: 'call-1',
  appId: 'cursor',
  sessionId: 'session-1',
  offerId: 'files:delete',
  fingerprint: 'f1',
  effect: 'destructive',
  argumentsDigest: () => 'digest-1',
  now: 1_000,
} as const;
const grant = (over: Partial<Grant> = {}): Grant => ({
  id: 'g1',
  scope: 'once',
  appId: 'cursor',
  offerId: 'files:delete',
  fingerprint: 'f1',
  effect: 'destructive',
  reasons: [keyOf(reason)],
  callId: 'call-1',
  sessionId: null,
  argumentsDigest: null,
  until: null,
  ...over,
});
const covers = (over: Partial<Grant>, asked = call, reasons: readonly AskReason[] = [reason]): boolean =>
  grantFor(asked, reasons, [grant(over)]) !== undefined;

describe('an answer of the person', () => {
  it('covers the call it was given for and no other', () => {
    expect(covers({})).toBe(true);
    expect(covers({ callId: 'call-2' })).toBe(false);
    expect(covers({ callId: null })).toBe(false);
  });

  it('for a session covers that session, and never callers without one', () => {
    const session = { scope: 'session', callId: null, sessionId: 'session-1' } as const;
    expect(covers(session)).toBe(true);
    expect(covers({ ...session, sessionId: 'session-2' })).toBe(false);
    expect(grantFor({ ...call, sessionId: null }, [reason], [grant({ ...session, sessionId: null })])).toBeUndefined();
  });

  it('for 15 minutes ends on the millisecond, and is none without an end', () => {
    expect(covers({ scope: '15m', callId: null, until: 1_001 })).toBe(true);
    expect(covers({ scope: '15m', callId: null, until: 1_000 })).toBe(false);
    expect(covers({ scope: '15m', callId: null, until: null })).toBe(false);
  });

  it('for arguments covers exactly those', () => {
    expect(covers({ scope: 'always', callId: null, argumentsDigest: 'digest-1' })).toBe(true);
    expect(covers({ scope: 'always', callId: null, argumentsDigest: 'digest-2' })).toBe(false);
    expect(covers({ scope: 'always', callId: null, argumentsDigest: null })).toBe(false);
  });

  it('covers no reason it was not given for', () => {
    const flow: AskReason = { kind: 'flow', text: 'It read the web.', rule: 'flow', about: 'call-0', serious: true };
    expect(covers({}, call, [reason, flow])).toBe(false);
    expect(covers({ reasons: [keyOf(reason), keyOf(flow)] }, call, [reason, flow])).toBe(true);
    expect(covers({ reasons: [keyOf(flow)] }, call, [{ ...flow, about: 'call-9' }])).toBe(false);
  });

  it('never covers another app, tool, definition or effect, whatever its scope', () => {
    const scoped = fc.constantFrom<Partial<Grant>>(
      {},
      { scope: 'session', callId: null, sessionId: 'session-1' },
      { scope: '15m', callId: null, until: 9_000 },
      { scope: 'always', callId: null, argumentsDigest: 'digest-1' },
    );
    const other = fc.constantFrom<Partial<Grant>>(
      { appId: 'claude' },
      { offerId: 'files:read' },
      { fingerprint: 'f2' },
      { effect: 'write' },
      { reasons: [] },
    );
    fc.assert(
      fc.property(scoped, other, (scope, different) => {
        expect(covers(scope)).toBe(true);
        expect(covers({ ...scope, ...different })).toBe(false);
      }),
    );
  });
});
