import { describe, expect, it } from 'vitest';
import { createLogins, loginLifetimeMs } from '../../../src/main/console/logins.ts';

function setUp() {
  let now = 1000;
  let count = 0;
  const logins = createLogins({ clock: () => now, randomToken: () => `random-${++count}` });
  return { logins, pass: (ms: number) => (now += ms) };
}

describe('a login token', () => {
  it('opens one session and is then used up', () => {
    const { logins } = setUp();
    const token = logins.issue();
    const session = logins.redeem(token);
    expect(session && logins.hasSession(session.cookie, session.pageKey)).toBe(true);
    expect(logins.redeem(token)).toBeUndefined();
  });

  it('is too old after 15 minutes', () => {
    const { logins, pass } = setUp();
    const token = logins.issue();
    pass(loginLifetimeMs + 1);
    expect(logins.redeem(token)).toBeUndefined();
  });

  it('that nobody issued opens nothing', () => {
    expect(setUp().logins.redeem('random-1')).toBeUndefined();
  });

  it('stops working when very many newer ones were asked for', () => {
    const { logins } = setUp();
    const first = logins.issue();
    for (let i = 0; i < 30; i++) logins.issue();
    expect(logins.redeem(first)).toBeUndefined();
  });
});

describe('a session', () => {
  const signIn = () => {
    const made = setUp();
    const session = made.logins.redeem(made.logins.issue());
    if (!session) throw new Error('no session');
    return { ...made, session };
  };

  it('needs both the cookie and the page key, and those of the same session', () => {
    const { logins, session } = signIn();
    const other = logins.redeem(logins.issue());
    expect(logins.hasSession(session.cookie, undefined)).toBe(false);
    expect(logins.hasSession(undefined, session.pageKey)).toBe(false);
    expect(logins.hasSession(session.cookie, other?.pageKey)).toBe(false);
    expect(logins.hasCookie(session.cookie)).toBe(true);
  });

  it('ends after a week without use, and lives while it is used', () => {
    const { logins, pass, session } = signIn();
    const day = 24 * 60 * 60_000;
    for (let i = 0; i < 10; i++) {
      pass(day);
      expect(logins.hasCookie(session.cookie)).toBe(true);
    }
    pass(8 * day);
    expect(logins.hasCookie(session.cookie)).toBe(false);
  });
});
