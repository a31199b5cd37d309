import type { AppSummary, GateState } from '@shared/contract/index.ts';
import type { StatusKind } from '../../components/icon/status-shape.tsx';
import { ago, plural } from '../../lib/format.ts';

export interface AppStatus {
  kind: StatusKind;
  text: string;
}

/** Paused by itself. The gate knows first; the app's own summary follows. */
export function isPaused(app: AppSummary, gate: GateState | undefined): boolean {
  return gate ? gate.apps[app.id] !== undefined : app.paused;
}

/** Where an app stands with the gate. A pause of everything counts for every app. */
export function appStatus(app: AppSummary, gate: GateState | undefined, now: number): AppStatus {
  if (app.revokedAt !== null) return { kind: 'blocked', text: `Token revoked ${ago(app.revokedAt, now)}` };
  if (isPaused(app, gate)) return { kind: 'paused', text: 'Paused. Its calls are refused' };
  if (gate?.paused) return { kind: 'paused', text: 'All apps are paused' };
  if (app.lastUsedAt === null) return { kind: 'off', text: 'Never connected' };
  if (app.sessions > 0) return { kind: 'ok', text: `Connected, ${plural(app.sessions, 'session')}` };
  return { kind: 'idle', text: `Last connected ${ago(app.lastUsedAt, now)}` };
}

/** One line of facts for the list. */
export function appFacts(app: AppSummary): string {
  if (app.revokedAt !== null) return 'Cannot connect';
  if (app.lastUsedAt === null) return 'Waits for its first call';
  const sessions = app.sessions > 0 ? `${plural(app.sessions, 'session')}, ` : '';
  return `${sessions}${plural(app.calls.lastHour, 'call')} last hour`;
}

/** Usable apps first, then revoked; by name. */
export function sortApps(apps: readonly AppSummary[]): AppSummary[] {
  return [...apps].sort(
    (a, b) => Number(a.revokedAt !== null) - Number(b.revokedAt !== null) || a.name.localeCompare(b.name),
  );
}
