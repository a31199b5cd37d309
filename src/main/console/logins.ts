/** One-time login tokens and the browser sessions they open. In memory only: the end of the process ends them all. */
import { createHash } from 'node:crypto';

/** How long a printed address works, if nobody opens it. */
export const loginLifetimeMs = 15 * 60_000;
/** How long a browser stays signed in without being used. */
const sessionIdleMs = 7 * 24 * 60 * 60_000;
/** Addresses that may be open at once; more means something asks in a loop, and the oldest stops working. */
const mostLogins = 20;
const mostSessions = 100;

/**
 * What a signed-in browser holds. The cookie alone is not enough: browsers send cookies to every port of a host, so any
 * local web page could collect it. The page key stays in the page's own storage, which is kept apart by port.
 */
export interface BrowserSession {
  readonly cookie: string;
  readonly pageKey: string;
}

export interface Logins {
  /** A new token that works once, within 15 minutes. */
  issue(): string;
  /** Trades a token for a session; undefined when it is unknown, used or too old. */
  redeem(token: string): BrowserSession | undefined;
  hasCookie(cookie: string | undefined): boolean;
  /** True when both belong to the same session. */
  hasSession(cookie: string | undefined, pageKey: string | undefined): boolean;
}

export function createLogins(options: { readonly clock: () => number; readonly randomToken: () => string }): Logins {
  // Keyed by hash, so that looking one up tells nothing about the others through timing.
  const tokens = new Map<string, number>();
  const sessions = new Map<string, { readonly pageKeyHash: string; usedAt: number }>();

  const session = (cookie: string | undefined) => {
    if (cookie === undefined) return undefined;
    const id = hashOf(cookie);
    const found = sessions.get(id);
    if (found && options.clock() - found.usedAt > sessionIdleMs) {
      sessions.delete(id);
      return undefined;
    }
    if (found) found.usedAt = options.clock();
    return found;
  };

  return {
    issue() {
      const token = options.randomToken();
      tokens.set(hashOf(token), options.clock());
      dropOldest(tokens, mostLogins);
      return token;
    },
    redeem(token) {
      const id = hashOf(token);
      const issuedAt = tokens.get(id);
      tokens.delete(id);
      if (issuedAt === undefined || options.clock() - issuedAt > loginLifetimeMs) return undefined;
      const opened = { cookie: options.randomToken(), pageKey: options.randomToken() };
      sessions.set(hashOf(opened.cookie), { pageKeyHash: hashOf(opened.pageKey), usedAt: options.clock() });
      dropOldest(sessions, mostSessions);
      return opened;
    },
    hasCookie: (cookie) => session(cookie) !== undefined,
    hasSession: (cookie, pageKey) => pageKey !== undefined && session(cookie)?.pageKeyHash === hashOf(pageKey),
  };
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** A Map keeps the order of insertion, so its first key is the oldest. */
function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
