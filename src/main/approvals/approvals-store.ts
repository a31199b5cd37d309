import { createSecretKey } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { createDecisionRows } from './decision-rows.ts';
import { createOfferRows } from './offer-rows.ts';
import { createServerRows } from './server-rows.ts';

/** Servers, offers and decisions in gatehouse.db. */
export type ApprovalsStore = ReturnType<typeof createApprovalsStore>;

export function createApprovalsStore(options: {
  readonly db: Database;
  readonly sealKey: Buffer;
  readonly warn: (facts: object, message: string) => void;
}) {
  const { db, warn } = options;
  // Made once: thousands of seals are checked at start, and a plain buffer would be made into a key for each.
  const sealKey = createSecretKey(options.sealKey);
  return {
    servers: createServerRows({ db, sealKey, warn }),
    offers: createOfferRows({ db, sealKey, warn }),
    decisions: createDecisionRows(db),
    /** All or nothing. A database that cannot be written is an error of the caller's choosing. */
    together: (work: () => void): void => db.transaction(work)(),
  };
}
