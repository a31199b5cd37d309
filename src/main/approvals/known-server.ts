import type { LaunchIdentity } from '@shared/contract/index.ts';
import type { Actor, ApprovalState } from '@shared/words.ts';
import { launchFingerprintOf, serverFingerprintOf } from './fingerprint.ts';
import type { ServerRecord } from './index.ts';

/** What a server last said about itself, apart from what it offers. */
export interface SelfDescription {
  readonly at: number;
  readonly instructions: string | null;
  readonly serverInfo: Readonly<Record<string, unknown>> | null;
  readonly protocolVersion: string | null;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly counts: ServerRecord['counts'];
}

/** A person's decision about what a server runs and tells agents. */
export interface ServerVerdict {
  readonly kind: 'approved' | 'blocked';
  readonly launch: LaunchIdentity;
  /** The instructions that were decided about with the launch; null: none were known. */
  readonly instructions: string | null;
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

/**
 * A server is held when what runs is not what the person decided about, or when it tells agents something else than they
 * approved. Instructions nobody approved hold nothing, because agents do not get them; no instructions need no approval.
 */
export function stateOfServer({ launch, verdict, described }: KnownServer): ApprovalState {
  if (verdict === null) return 'pending';
  if (verdict.kind === 'blocked') return 'blocked';
  const sameLaunch = launchFingerprintOf(launch) === launchFingerprintOf(verdict.launch);
  const told = described?.instructions ?? null;
  const sameWords = told === null || verdict.instructions === null || told === verdict.instructions;
  return verdict.sealIntact && sameLaunch && sameWords ? 'approved' : 'changed';
}

/** Whether the server tells agents something its verdict does not cover. */
export function hasNewInstructions({ verdict, described }: KnownServer): boolean {
  const told = described?.instructions ?? null;
  return told !== null && told !== (verdict?.instructions ?? null);
}

export function recordOfServer(server: KnownServer): ServerRecord {
  const { verdict, described } = server;
  const state = stateOfServer(server);
  const instructions = described?.instructions ?? null;
  return {
    name: server.name,
    state,
    launch: server.launch,
    launchFingerprint: launchFingerprintOf(server.launch),
    fingerprint: serverFingerprintOf(server.launch, instructions),
    approvedLaunch: verdict?.kind === 'approved' ? verdict.launch : null,
    approvedInstructions: verdict?.kind === 'approved' && verdict.sealIntact ? verdict.instructions : null,
    instructions,
    instructionsState: instructions === null ? null : stateOfInstructions(server, state),
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

/** A held server holds its instructions too, so that `approved` always means: agents may have them. */
function stateOfInstructions(server: KnownServer, state: ApprovalState): ApprovalState {
  return state === 'approved' && hasNewInstructions(server) ? 'pending' : state;
}
