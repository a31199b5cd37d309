import { canonicalJson } from './canonical-json.ts';
import type { ListingRemark, ServerListing } from './index.ts';
import type { KnownServer, SelfDescription, ServerVerdict } from './known-server.ts';

/** What a listing says about the server itself. What cannot be stored is left out with a remark. */
export function selfDescriptionOf(listing: ServerListing): { described: SelfDescription; remarks: ListingRemark[] } {
  const remarks: ListingRemark[] = [];
  const described: SelfDescription = {
    at: listing.at,
    instructions: listing.instructions?.toWellFormed() ?? null,
    serverInfo: bounded(listing.serverInfo, 'serverInfo', remarks),
    protocolVersion: listing.protocolVersion,
    capabilities: bounded(listing.capabilities, 'capabilities', remarks) ?? {},
    counts: {
      resources: listing.resources.length,
      resourceTemplates: listing.resourceTemplates.length,
      prompts: listing.prompts.length,
    },
  };
  return { described, remarks };
}

/**
 * The server with its new words. The first instructions seen under an approval become what the approval stands on,
 * because no person could have read them before the server ran.
 */
export function withDescription(
  server: KnownServer,
  described: SelfDescription,
  seal: (verdict: Omit<ServerVerdict, 'seal' | 'sealIntact'>) => ServerVerdict,
): KnownServer {
  const { verdict } = server;
  if (verdict?.kind !== 'approved' || !verdict.sealIntact || verdict.baseline !== null) return { ...server, described };
  const { kind, launch, at, by } = verdict;
  const baseline = { instructions: described.instructions };
  return { ...server, described, verdict: seal({ kind, launch, baseline, at, by }) };
}

/** Null when the value is nested too deeply to be written. */
function bounded(
  value: Readonly<Record<string, unknown>> | null,
  subject: string,
  remarks: ListingRemark[],
): Readonly<Record<string, unknown>> | null {
  try {
    canonicalJson(value);
    return value;
  } catch {
    remarks.push({ subject, message: 'It is nested too deeply and was left out.' });
    return null;
  }
}
