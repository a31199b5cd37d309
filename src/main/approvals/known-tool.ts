import { hash } from 'node:crypto';
import type { ToolDefinition, ToolSummary } from '@shared/contract/index.ts';
import { hidesText } from '@shared/suspicious-characters.ts';
import { type Actor, type ApprovalState, type Effect, toolIdOf } from '@shared/words.ts';
import { effectiveState, stateOf } from './approval-state.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { ToolRecord } from './index.ts';
import { type EffectSuggestion, suggestEffect } from './suggest-effect.ts';

/** Characters of a description that lists show. */
const SHOWN_DESCRIPTION = 240;

/** A definition as it is stored. What is costly to know is found out when it is first asked for. */
export class StoredDefinition {
  /** SHA-256 (hex) of the JSON text. */
  readonly textHash: string;
  readonly #text: string | undefined;
  #value: ToolDefinition | undefined;
  #fingerprint: string | undefined;
  #suggestion: EffectSuggestion | undefined;
  #hidesText: boolean | undefined;

  private constructor(
    textHash: string,
    text: string | undefined,
    value: ToolDefinition | undefined,
    fingerprint: string | undefined,
  ) {
    this.textHash = textHash;
    this.#text = text;
    this.#value = value;
    this.#fingerprint = fingerprint;
  }

  /** From a listing. */
  static listed(value: ToolDefinition, textHash: string): StoredDefinition {
    return new StoredDefinition(textHash, undefined, value, undefined);
  }

  /** From the database; `fingerprint` when a seal vouches for it. The text is parsed when it is first needed. */
  static stored(text: string, fingerprint?: string): StoredDefinition {
    return new StoredDefinition(hash('sha256', text), text, undefined, fingerprint);
  }

  get value(): ToolDefinition {
    // Only texts that were made from a checked definition get here: from a listing, sealed, or checked when loaded.
    this.#value ??= JSON.parse(this.#text ?? 'null') as ToolDefinition;
    return this.#value;
  }

  get text(): string {
    return this.#text ?? JSON.stringify(this.#value);
  }

  get fingerprint(): string {
    this.#fingerprint ??= fingerprintOf(this.value);
    return this.#fingerprint;
  }

  get suggestion(): EffectSuggestion {
    this.#suggestion ??= suggestEffect(this.value);
    return this.#suggestion;
  }

  get hidesText(): boolean {
    this.#hidesText ??= hidesText(this.value);
    return this.#hidesText;
  }
}

/** A person's decision about a tool. */
export interface ToolVerdict {
  readonly kind: 'approved' | 'blocked';
  readonly fingerprint: string;
  readonly definitionHash: string;
  /** Fixed at approval; null for a tool that was blocked before it was ever approved. */
  readonly effect: Effect | null;
  readonly at: number;
  readonly by: Actor;
  readonly seal: string;
  readonly sealIntact: boolean;
}

/** A tool as it is known, whether its server lists it now or did so before. */
export interface KnownTool {
  readonly server: string;
  readonly name: string;
  readonly definition: StoredDefinition;
  readonly verdict: ToolVerdict | null;
  /** True while the server's last listing has it. */
  readonly present: boolean;
  readonly ambiguous: boolean;
  /** Place in the listing. */
  readonly position: number;
  readonly firstSeenAt: number;
  readonly changedAt: number | null;
}

/** The tool's own state, whatever its server's. */
export function ownState(tool: KnownTool): ApprovalState {
  // Without a decision nothing needs to be compared, and nothing computed.
  return tool.verdict === null ? 'pending' : stateOf(tool.verdict, tool.definition.fingerprint, tool.ambiguous);
}

/** What the pipeline and discovery see: a picture of this moment that does not change later. */
export function recordOf(tool: KnownTool, server: ApprovalState): ToolRecord {
  const { definition } = tool;
  return {
    id: toolIdOf(tool.server, tool.name),
    server: tool.server,
    name: tool.name,
    ...effectiveState(ownState(tool), server),
    effect: tool.verdict?.effect ?? null,
    // Asked for by few readers of the record.
    get suggestedEffect() {
      return definition.suggestion.effect;
    },
    get fingerprint() {
      return definition.fingerprint;
    },
    get definition() {
      return definition.value;
    },
  };
}

export function summaryOfTool(tool: KnownTool, server: ApprovalState): ToolSummary {
  const { definition, verdict } = tool;
  const { title, description, annotations } = definition.value;
  return {
    id: toolIdOf(tool.server, tool.name),
    server: tool.server,
    name: tool.name,
    title: title ?? annotations?.title ?? null,
    description: (description ?? '').slice(0, SHOWN_DESCRIPTION).toWellFormed(),
    ...effectiveState(ownState(tool), server),
    effect: verdict?.effect ?? null,
    suggestedEffect: definition.suggestion.effect,
    hidesText: definition.hidesText,
    fingerprint: definition.fingerprint,
    approvedFingerprint: verdict?.kind === 'approved' ? verdict.fingerprint : null,
    firstSeenAt: tool.firstSeenAt,
    changedAt: tool.changedAt,
    decidedAt: verdict?.at ?? null,
    decidedBy: verdict?.by ?? null,
  };
}
