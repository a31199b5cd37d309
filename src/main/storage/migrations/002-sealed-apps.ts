import type { Migration } from '../migrations.ts';

export const sealedApps: Migration = {
  name: 'sealed apps',
  sql: `
    -- Over id, name, profile, token hash and whether it was revoked, with a key from the vault. A token in a row without
    -- one opens nothing: a program that writes to this file could have put it there.
    ALTER TABLE apps ADD COLUMN seal TEXT;
  `,
};
