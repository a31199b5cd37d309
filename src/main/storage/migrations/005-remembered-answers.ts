import type { Migration } from '../migrations.ts';

export const rememberedAnswers: Migration = {
  name: 'remembered answers',
  sql: `
    -- What a person allowed beyond one call. The body is JSON and counts only with its seal.
    CREATE TABLE remembered_answers (
      id TEXT PRIMARY KEY,
      body TEXT NOT NULL,
      seal TEXT NOT NULL
    ) STRICT;
  `,
};
