import type { Actor } from '@shared/words.ts';
import type { Approvals } from '../approvals/index.ts';
import type { Apps } from '../apps/index.ts';
import type { Asking } from '../asking/index.ts';
import type { AuditLog } from '../audit/index.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Discovery } from '../discovery/index.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Intake } from '../intake/index.ts';
import type { Gate, Profiles } from '../policy/index.ts';
import type { Vault } from '../secrets/index.ts';
import type { SettingsStore } from '../settings/index.ts';
import type { ServerConfigs, SignIns, Upstreams } from '../upstreams/index.ts';
import type { Confirmations } from './confirmations.ts';
import type { EventHub } from './event-hub.ts';
import type { StatusSource } from './status-view.ts';
import type { Summaries } from './summaries.ts';

/** Every room the contract's procedures act on. Built once by the composition root. */
export interface Services {
  readonly approvals: Approvals;
  readonly apps: Apps;
  readonly asking: Asking;
  readonly audit: AuditLog;
  readonly catalog: Catalog;
  readonly configs: ServerConfigs;
  readonly confirmations: Confirmations;
  readonly discovery: Discovery;
  readonly events: EventHub;
  readonly gate: Gate;
  readonly intake: Intake;
  readonly profiles: Profiles;
  readonly settings: SettingsStore;
  readonly signIns: SignIns;
  readonly status: StatusSource;
  readonly summaries: Summaries;
  readonly upstreams: Upstreams;
  readonly vault: Vault;
  /** What would happen to a call, and what a profile's apps see: asked of the gateway itself. */
  readonly simulator: Pick<Gateway, 'explain' | 'sight'>;
  /** Path of policy.json. */
  readonly policyFile: string;
  /** Moves the agents' endpoint to another port; resolves when it listens. */
  readonly movePort: (port: number) => Promise<void>;
  /** The agents' endpoint, or null while it does not listen. */
  readonly endpoint: () => string | null;
  /** Makes a one-time console address, where there is a console. */
  readonly consoleLogin: () => string | null;
  readonly clock: () => number;
}

/** Who is at the other end of one connection; decides what may be widened without asking. */
export interface ConnectionContext {
  readonly actor: Actor;
  /** One object a connection, compared by identity: what one client asked for is not handed to another. */
  readonly connection?: object;
}
