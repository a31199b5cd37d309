import { canonicalJson } from './canonical-json.ts';
import type { ListingRemark, ServerListing } from './index.ts';
import type { SelfDescription } from './known-server.ts';

/**
 * What a listing says about the server itself. What cannot be stored is left out with a remark.
 * @param before what a whole listing said; given when this one is of a process for one app or session, which may be told
 * less
 */
export function selfDescriptionOf(
  listing: ServerListing,
  before: SelfDescription | null,
): { described: SelfDescription; remarks: ListingRemark[] } {
  const remarks: ListingRemark[] = [];
  const described: SelfDescription = {
    at: listing.at,
    instructions: listing.instructions?.toWellFormed() ?? before?.instructions ?? null,
    serverInfo: bounded(listing.serverInfo, 'serverInfo', remarks),
    protocolVersion: listing.protocolVersion,
    capabilities: bounded(listing.capabilities, 'capabilities', remarks) ?? {},
    counts: before?.counts ?? {
      resources: listing.resources.length,
      resourceTemplates: listing.resourceTemplates.length,
      prompts: listing.prompts.length,
    },
  };
  return { described, remarks };
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
