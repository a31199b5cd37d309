import type { Finding, ToolDefinition, ToolSummary } from '@shared/contract/index.ts';
import { hidesText } from '@shared/suspicious-characters.ts';
import type { Actor, ApprovalState, Effect, FlowLabel, OfferKind } from '@shared/words.ts';
import {
  countFindings,
  type DefinitionScan,
  inOrder,
  type Neighbours,
  neighbourFindings,
  scanDefinition,
} from '../scanner/index.ts';
import { effectiveState, stateOf } from './approval-state.ts';
import { fingerprintOf, promisedValueOf } from './fingerprint.ts';
import type { ToolRecord } from './index.ts';
import { contradictionOf, type EffectSuggestion, suggestOfferEffect } from './suggest-effect.ts';
import { type LabelSuggestion, suggestLabels } from './suggest-labels.ts';

/** Characters of a description that lists show. */
const SHOWN_DESCRIPTION = 240;

/** A definition as its server wrote it. What is costly to know is found out when it is first asked for. */
export class StoredDefinition {
  readonly kind: OfferKind;
  readonly text: string;
  /** SHA-256 (hex) of the text. */
  readonly textHash: string;
  #value: ToolDefinition | undefined;
  #fingerprint: string | undefined;
  #suggestion: EffectSuggestion | undefined;
  #labels: readonly LabelSuggestion[] | undefined;
  #hidesText: boolean | undefined;
  #scan: DefinitionScan | undefined;

  private constructor(kind: OfferKind, text: string, textHash: string, fingerprint: string | undefined) {
    this.kind = kind;
    this.text = text;
    this.textHash = textHash;
    this.#fingerprint = fingerprint;
  }

  /** From a listing. */
  static listed(kind: OfferKind, text: string, textHash: string): StoredDefinition {
    // A copy: a part of a long text keeps the whole of it in memory.
    return new StoredDefinition(kind, Buffer.from(text).toString(), textHash, undefined);
  }

  /** From the database; `fingerprint` when a seal vouches for it. The text is parsed when it is first needed. */
  static stored(kind: OfferKind, text: string, textHash: string, fingerprint?: string): StoredDefinition {
    return new StoredDefinition(kind, text, textHash, fingerprint);
  }

  get value(): ToolDefinition {
    // Only texts of a checked definition get here: from a listing, sealed, or checked when loaded.
    this.#value ??= JSON.parse(this.text) as ToolDefinition;
    return this.#value;
  }

  get fingerprint(): string {
    this.#fingerprint ??= fingerprintOf(this.promised);
    return this.#fingerprint;
  }

  /** What of it a person decides about. */
  get promised(): ToolDefinition {
    return promisedValueOf(this.kind, this.value, this.text);
  }

  get suggestion(): EffectSuggestion {
    this.#suggestion ??= suggestOfferEffect(this.kind, this.value);
    return this.#suggestion;
  }

  get labels(): readonly LabelSuggestion[] {
    this.#labels ??= suggestLabels(this.kind, this.value);
    return this.#labels;
  }

  get hidesText(): boolean {
    this.#hidesText ??= hidesText(this.value);
    return this.#hidesText;
  }

  get isScanned(): boolean {
    return this.#scan !== undefined;
  }

  /** What the scanner says of it, whatever other tools there are. */
  get scan(): DefinitionScan {
    this.#scan ??= scanDefinition(this.kind, this.value, this.kind === 'tool' ? contradictionOf(this.value) : null);
    return this.#scan;
  }
}

/** A person's decision about an offer. */
export interface OfferVerdict {
  readonly kind: 'approved' | 'blocked';
  readonly fingerprint: string;
  readonly definitionHash: string;
  /** Fixed at approval; null for an offer that was blocked before it was ever approved. */
  readonly effect: Effect | null;
  /** As a person chose them; null: nobody did, so the suggestions count. */
  readonly labels: readonly FlowLabel[] | null;
  readonly at: number;
  readonly by: Actor;
  readonly seal: string;
  readonly sealIntact: boolean;
}

/** An offer as it is known, whether its server lists it now or did so before. */
export interface KnownOffer {
  /** See `offerIdOf`. */
  readonly id: string;
  readonly kind: OfferKind;
  readonly server: string;
  /** What names it: a name, a URI, a URI template. */
  readonly name: string;
  readonly definition: StoredDefinition;
  readonly verdict: OfferVerdict | null;
  /** True while the server's last listing has it. */
  readonly present: boolean;
  readonly ambiguous: boolean;
  /** Place in the listing. */
  readonly position: number;
  readonly firstSeenAt: number;
  readonly changedAt: number | null;
}

/** The offer's own state, whatever its server's. */
export function ownState(offer: KnownOffer): ApprovalState {
  // Without a decision nothing needs to be compared, and nothing computed.
  return offer.verdict === null ? 'pending' : stateOf(offer.verdict, offer.definition.fingerprint, offer.ambiguous);
}

/** What the pipeline and discovery see: a picture of this moment that does not change later. */
export function recordOf(offer: KnownOffer, server: ApprovalState): ToolRecord {
  const { definition } = offer;
  return {
    id: offer.id,
    kind: offer.kind,
    server: offer.server,
    name: offer.name,
    ...effectiveState(ownState(offer), server),
    effect: offer.verdict?.effect ?? null,
    definitionJson: definition.text,
    // Asked for by few readers of the record.
    get suggestedEffect() {
      return definition.suggestion.effect;
    },
    get labels() {
      return offer.verdict?.labels ?? suggestedFor(definition, offer.verdict?.effect ?? null);
    },
    get fingerprint() {
      return definition.fingerprint;
    },
    get definition() {
      return definition.value;
    },
  };
}

/** What is suggested for an offer that a person approved with this effect. */
function suggestedFor(definition: StoredDefinition, effect: Effect | null): FlowLabel[] {
  return definition.labels.flatMap(({ label, ifItWrites }) => (ifItWrites && effect === 'read' ? [] : [label]));
}

/** Everything the scanner finds in an offer, serious things first. */
export function findingsOf({ definition, server }: KnownOffer, neighbours: Neighbours): Finding[] {
  const { scan } = definition;
  const compared = neighbourFindings(scan, server, neighbours);
  return compared.length === 0 ? [...scan.findings] : inOrder([...scan.findings, ...compared]);
}

/** @param neighbours all tools there are, which a finding may be about */
export function summaryOf(
  offer: KnownOffer,
  server: ApprovalState,
  neighbours: { readonly neighbours: Neighbours },
): ToolSummary {
  const { definition, verdict } = offer;
  const { title, description } = definition.value;
  return {
    id: offer.id,
    kind: offer.kind,
    server: offer.server,
    name: offer.name,
    title: title ?? otherTitle(definition),
    description: (description ?? '').slice(0, SHOWN_DESCRIPTION).toWellFormed(),
    ...effectiveState(ownState(offer), server),
    effect: verdict?.effect ?? null,
    suggestedEffect: definition.suggestion.effect,
    labels: verdict?.labels ? [...verdict.labels] : null,
    hidesText: definition.hidesText,
    // Not every reader of a summary asks, and a scan takes time.
    get findingCounts() {
      return countFindings(findingsOf(offer, neighbours.neighbours));
    },
    fingerprint: definition.fingerprint,
    approvedFingerprint: verdict?.kind === 'approved' ? verdict.fingerprint : null,
    firstSeenAt: offer.firstSeenAt,
    changedAt: offer.changedAt,
    decidedAt: verdict?.at ?? null,
    decidedBy: verdict?.by ?? null,
  };
}

/** Tools may have a title among their hints; what is named by a URI has a name besides. */
function otherTitle({ kind, value }: StoredDefinition): string | null {
  return kind === 'resource' || kind === 'template' ? value.name : (value.annotations?.title ?? null);
}
