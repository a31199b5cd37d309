import type { LaunchIdentity } from '@shared/contract/index.ts';
import type { Actor, ApprovalState } from '@shared/words.ts';
import { launchFingerprintOf, serverFingerprintOf } from './fingerprint.ts';
import type { ServerRecord } from './index.ts';

/** What a server last said about itself, apart from its tools. */
export interface SelfDescription {
  readonly at: number;
  readonly instructions: string | null;
  readonly serverInfo: Readonly<Record<string, unknown>> | null;
  readonly protocolVersion: string | null;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly counts: ServerRecord['counts'];
}

/** A person's decision about what a server runs. */
export interface ServerVerdict {
  readonly kind: 'approved' | 'blocked';
  readonly launch: LaunchIdentity;
  /** Null until the server was listed under the approval; then the instructions it had. */
  readonly baseline: { readonly instructions: string | null } | null;
  readonly at: number;
  readonly by: Actor;
  readonly seal: string;
  readonly sealIntact: boolean;
}

export interface KnownServer {
  readonly name: string;
  readonly launch: LaunchIdentity;
  readonly verdict: ServerVerdict | null;
  readonly described: SelfDescription | null;
  readonly addedAt: number;
}

/** A server is held when what runs or what it tells agents is not what the person decided about. */
export function stateOfServer({ launch, verdict, described }: KnownServer): ApprovalState {
  if (verdict === null) return 'pending';
  if (verdict.kind === 'blocked') return 'blocked';
  const sameLaunch = launchFingerprintOf(launch) === launchFingerprintOf(verdict.launch);
  const sameInstructions =
    verdict.baseline === null || described === null || described.instructions === verdict.baseline.instructions;
  return verdict.sealIntact && sameLaunch && sameInstructions ? 'approved' : 'changed';
}

export function recordOfServer(server: KnownServer): ServerRecord {
  const { verdict, described } = server;
  return {
    name: server.name,
    state: stateOfServer(server),
    launch: server.launch,
    launchFingerprint: launchFingerprintOf(server.launch),
    fingerprint: serverFingerprintOf(server.launch, described?.instructions ?? null),
    approvedLaunch: verdict?.kind === 'approved' ? verdict.launch : null,
    approvedInstructions: verdict?.kind === 'approved' ? (verdict.baseline?.instructions ?? null) : null,
    instructions: described?.instructions ?? null,
    serverInfo: described?.serverInfo ?? null,
    protocolVersion: described?.protocolVersion ?? null,
    capabilities: described?.capabilities ?? {},
    counts: described?.counts ?? { resources: 0, resourceTemplates: 0, prompts: 0 },
    listedAt: described?.at ?? null,
    addedAt: server.addedAt,
    decidedAt: verdict?.at ?? null,
    decidedBy: verdict?.by ?? null,
  };
}
