/** Entry of the apps room: AI apps and their tokens. */
import type { AppSummary } from '@shared/contract/index.ts';
import type { AppIdentity } from '../policy/index.ts';

export type AppRecord = Pick<
  AppSummary,
  'id' | 'name' | 'profile' | 'createdAt' | 'lastUsedAt' | 'revokedAt' | 'tokenHint' | 'client'
>;

/**
 * Tokens are 256 random bits, shown once, stored as a SHA-256 hash, compared in constant time. Rows are sealed with a key
 * from the vault: an app put into the database, or given another profile there, is nobody.
 */
export interface Apps extends Disposable {
  list(): readonly AppRecord[];
  /** Names of apps whose stored row was not written by this Gatehouse: their tokens open nothing until a new one is issued. */
  unsealed(): readonly string[];
  /** Creates the app or replaces its token. */
  issueToken(name: string, profile?: string): { app: AppRecord; token: string };
  revoke(id: string): AppRecord | undefined;
  remove(id: string): boolean;
  /** Undefined for unknown and revoked tokens. */
  authenticate(token: string): AppIdentity | undefined;
  /** Notes use; `client` is what the client calls itself. Batched, never on the hot path. */
  touch(id: string, client?: string): void;
  onChange(listener: () => void): Disposable;
}

export { type AppsOptions, createApps } from './apps.ts';
