/** Entry of the policy room: the gate, profiles and `decide()`. */
import type { ConfigProblem, GateState, TrailStep } from '@shared/contract/index.ts';
import type { Actor, Effect, RefusalCode, Surface, WhoCanFix } from '@shared/words.ts';
import type { ToolRecord } from '../approvals/index.ts';

/** What an app may see and do. */
export interface Profile {
  readonly name: string;
  readonly surface: Surface;
  /** Server names, or null for all. */
  readonly servers: readonly string[] | null;
  readonly effects: readonly Effect[];
  /** Calls per minute per app; null: no limit. */
  readonly callsPerMinute: number | null;
  readonly concurrentCalls: number | null;
}

export interface AppIdentity {
  readonly id: string;
  readonly name: string;
  readonly profile: string;
}

/** One attempt to use a tool, as the pipeline sees it. */
export interface CallAttempt {
  readonly id: string;
  readonly app: AppIdentity | null;
  readonly toolId: string;
  /** Which of the three call tools was used; null when the surface does not say (direct mode, per-server endpoint). */
  readonly claimedEffect: Effect | null;
  readonly arguments: unknown;
}

/** Everything `decide()` may look at, frozen for one call. */
export interface PolicySnapshot {
  readonly gate: GateState;
  readonly profile: Profile | null;
  readonly tool: ToolRecord | undefined;
  /** Validates arguments against the approved schema; null when valid, else one sentence. */
  readonly checkArguments: (tool: ToolRecord, args: unknown) => string | null;
  /** Calls of this app that began in the last minute, and those in flight. */
  readonly usage: { readonly lastMinute: number; readonly inFlight: number };
}

export interface Refusal {
  readonly code: RefusalCode;
  /** One plain sentence for the agent. Never holds a description or schema. */
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly whoCanFix: WhoCanFix;
}

export type Decision =
  | { readonly verdict: 'pass'; readonly tool: ToolRecord; readonly effect: Effect; readonly trail: TrailStep[] }
  | { readonly verdict: 'refuse'; readonly refusal: Refusal; readonly trail: TrailStep[] }
  | { readonly verdict: 'ask'; readonly question: string; readonly trail: TrailStep[] };

/** The one switch. State survives a restart. */
export interface Gate extends Disposable {
  state(): GateState;
  pause(by: Actor, options?: { app?: string; forMs?: number }): GateState;
  resume(by: Actor, options?: { app?: string }): GateState;
  /** Aborts when the app is paused; calls in flight listen to it. */
  signalFor(appId: string): AbortSignal;
  onChange(listener: (state: GateState) => void): Disposable;
}

/** policy.json: hand-editable, hot-reloaded; invalid content keeps the last good state. */
export interface Profiles extends AsyncDisposable {
  get(name: string): Profile | undefined;
  all(): readonly Profile[];
  problem(): ConfigProblem | null;
  onChange(listener: () => void): Disposable;
}
