import type { Migration } from '../migrations.ts';

export const flowLabels: Migration = {
  name: 'flow labels',
  sql: `
    -- What a person said an offer means for a session's flow of data, joined by commas; null: as suggested. Sealed with the
    -- decision.
    ALTER TABLE tools ADD COLUMN labels TEXT;
  `,
};
