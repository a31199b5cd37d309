import type { Database } from 'better-sqlite3';
import { firstTables } from './migrations/001-first-tables.ts';
import { sealedApps } from './migrations/002-sealed-apps.ts';
import { allOffers } from './migrations/003-all-offers.ts';
import { flowLabels } from './migrations/004-flow-labels.ts';
import { rememberedAnswers } from './migrations/005-remembered-answers.ts';
import { isDamage, isDiskFull, StorageError } from './storage-error.ts';

/** One step of the schema. Steps are never edited after a release; a change is a new step. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** In order; the number of a step is its place, and `user_version` counts the steps done. */
export const migrations: readonly Migration[] = [firstTables, sealedApps, allOffers, flowLabels, rememberedAnswers];

/** The newest schema this Gatehouse knows. */
export const schemaVersion = migrations.length;

/** Which step the database stands at. */
export function versionOf(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/** Runs the missing steps, each in one transaction, so that a crash leaves the state before or after a step. */
export function migrate(db: Database, file: string): void {
  for (let version = versionOf(db); version < migrations.length; version += 1) {
    const step = migrations[version];
    if (!step) break;
    try {
      db.transaction(() => {
        db.exec(step.sql);
        db.pragma(`user_version = ${version + 1}`);
      }).immediate();
    } catch (error) {
      if (isDiskFull(error) || isDamage(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new StorageError(
        'migration-failed',
        `${file} could not be brought to the newest form (step ${version + 1}, ${step.name}): ${reason}.`,
        'Nothing was changed. Move the file away to start with an empty one, and keep it for a bug report.',
        error,
      );
    }
  }
}
