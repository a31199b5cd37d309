/** Entry of the approvals room: fingerprints, quarantine, diffs and a person's decisions. */
import type { LaunchIdentity, ToolDefinition, ToolDetail, ToolSummary } from '@shared/contract/index.ts';
import type { Actor, ApprovalState, Effect, FlowLabel, OfferKind } from '@shared/words.ts';

export { ApprovalError } from './approval-error.ts';
export { type ApprovalsOptions, createApprovals } from './approvals.ts';
export { canonicalJson } from './canonical-json.ts';
export { parseExactly } from './exact-json.ts';
export { fingerprintOf, launchFingerprintOf } from './fingerprint.ts';
export { noSuchOffer, offerNoun, offerTitle } from './offer-kinds.ts';
export { contradictionOf, suggestEffect } from './suggest-effect.ts';
export { diffTool } from './tool-diff.ts';

/** Everything a server said about itself in one listing. `tools` are the raw objects, byte-true after JSON.parse. */
export interface ServerListing {
  readonly at: number;
  readonly serverInfo: Readonly<Record<string, unknown>> | null;
  readonly protocolVersion: string | null;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly instructions: string | null;
  readonly tools: readonly unknown[];
  readonly resources: readonly unknown[];
  readonly resourceTemplates: readonly unknown[];
  readonly prompts: readonly unknown[];
  /** JSON text of the entries above, as the server wrote them and in the same places; without it they are written anew. */
  readonly texts?: {
    readonly tools: readonly string[];
    readonly resources: readonly string[];
    readonly resourceTemplates: readonly string[];
    readonly prompts: readonly string[];
  };
}

/** What was strange about a listing and how it was handled: duplicate names, invalid schemas, too many tools. */
export interface ListingRemark {
  readonly subject: string;
  readonly message: string;
}

export interface ServerRecord {
  readonly name: string;
  readonly state: ApprovalState;
  readonly launch: LaunchIdentity;
  readonly launchFingerprint: string;
  /** Covers the launch and the instructions the server gives to agents now. */
  readonly fingerprint: string;
  readonly approvedLaunch: LaunchIdentity | null;
  /** The instructions a person approved: the only ones agents see. Different ones hold the server. */
  readonly approvedInstructions: string | null;
  readonly instructions: string | null;
  /** Where `instructions` stand with the person: `pending` until they approve the server with them; null: it gives none. */
  readonly instructionsState: ApprovalState | null;
  readonly serverInfo: Readonly<Record<string, unknown>> | null;
  readonly protocolVersion: string | null;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly counts: { readonly resources: number; readonly resourceTemplates: number; readonly prompts: number };
  /** When tools were listed last; null: never. */
  readonly listedAt: number | null;
  readonly addedAt: number;
  readonly decidedAt: number | null;
  readonly decidedBy: Actor | null;
}

/** One tool, prompt, resource or template as the pipeline and discovery see it. */
export interface ToolRecord {
  /** See `offerIdOf`: `server:tool` for tools. */
  readonly id: string;
  readonly kind: OfferKind;
  readonly server: string;
  /** A tool's or prompt's name, a resource's URI, a template's URI template. */
  readonly name: string;
  /** What a call would meet; the server's state wins when the server is held. */
  readonly state: ApprovalState;
  readonly heldByServer: boolean;
  readonly effect: Effect | null;
  readonly suggestedEffect: Effect;
  /** What it means for a session's flow of data: as the person fixed it, else as suggested. */
  readonly labels: readonly FlowLabel[];
  readonly fingerprint: string;
  readonly definition: ToolDefinition;
  /** The definition's JSON text as the server wrote it. */
  readonly definitionJson: string;
}

export interface DecisionResult {
  readonly changed: ToolSummary[];
  readonly skipped: { readonly id: string; readonly reason: string }[];
}

export type ApprovalsEvent =
  | { readonly type: 'server'; readonly name: string }
  | { readonly type: 'server-removed'; readonly name: string }
  /** Tools of a server were listed, decided or changed. */
  | { readonly type: 'tools'; readonly server: string };

/**
 * The one place that knows what may be used. Approved rows are sealed with a key from the vault: a row changed behind
 * Gatehouse's back reads as not approved.
 */
export interface Approvals extends Disposable {
  /** Declares what would run now. A new server is `pending`, a different launch than approved makes it `changed`. */
  observeServer(name: string, launch: LaunchIdentity): ServerRecord;
  /**
   * Takes a listing in: new offers `pending`, different ones `changed`, vanished ones gone but remembered. `partial`: a
   * process for one app or session listed them, so that what it leaves out is not gone for the others.
   */
  observeListing(server: string, listing: ServerListing, options?: { readonly partial?: boolean }): ListingRemark[];
  forgetServer(name: string): void;
  server(name: string): ServerRecord | undefined;
  servers(): readonly ServerRecord[];
  /**
   * Approves the launch and the instructions as they are now. Throws `ApprovalError` for an unknown server, and when
   * `expectedFingerprint` (`fingerprint`, or `launchFingerprint` while the instructions are unchanged) is not current.
   */
  approveServer(name: string, by: Actor, expectedFingerprint?: string): ServerRecord;
  blockServer(name: string, by: Actor): ServerRecord;
  /** Any offer by its id (`offerIdOf`). In-memory lookup; constant time. */
  tool(id: string): ToolRecord | undefined;
  /** Offers of one kind; default: tools. */
  tools(filter?: { state?: ApprovalState; server?: string; kind?: OfferKind }): readonly ToolRecord[];
  /** Offers of one kind; default: all kinds. */
  summaries(filter?: { state?: ApprovalState; server?: string; kind?: OfferKind }): ToolSummary[];
  /**
   * Resolves when everything that the filter takes was scanned, a little at a time. Before that `summaries` and `detail` scan
   * what they are asked about themselves, which holds everything else up.
   */
  scanned(filter?: { server?: string }): Promise<void>;
  detail(id: string): ToolDetail | undefined;
  approve(
    ids: readonly string[],
    by: Actor,
    options?: {
      effect?: Effect;
      /** Absent: as the person chose before, else as suggested at every call. */
      labels?: readonly FlowLabel[];
      fingerprints?: Readonly<Record<string, string>>;
    },
  ): DecisionResult;
  block(ids: readonly string[], by: Actor): DecisionResult;
  /** Counts a refusal of a held tool, shown to the person while they decide. */
  noteRefused(id: string): void;
  onChange(listener: (event: ApprovalsEvent) => void): Disposable;
}
