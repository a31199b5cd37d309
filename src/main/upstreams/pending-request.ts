import type { Envelope } from './envelope.ts';
import type { JsonObject } from './json-rpc.ts';
import type { LaneCall } from './lanes.ts';
import type { ProgressFlow } from './progress-flow.ts';
import type { RateBound } from './rate-bound.ts';
import type { CallerSide, WrittenJson } from './types.ts';
import type { UpstreamError } from './upstream-error.ts';

/** What is asked for. */
export interface RpcParams {
  readonly params?: JsonObject | undefined;
  /** Text of `params`, sent as it is but for what belongs to one leg. */
  readonly paramsJson?: string | undefined;
}

/** How long a request may take and who hears about it. */
export interface RpcOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without progress; `null`: as long as the connection lives. */
  readonly timeoutMs: number | null;
  /** Milliseconds in all; default: `timeoutMs`. */
  readonly maxTotalMs?: number | undefined;
  readonly onProgress?: ((progress: JsonObject) => void) | undefined;
  readonly onLog?: ((message: JsonObject) => void) | undefined;
  /** Least severe log messages `onLog` gets; null: none. Default: all. */
  readonly logLevel?: string | null | undefined;
  /** Who is asked when the server asks back; absent for Gatehouse's own requests. */
  readonly caller?: CallerSide | undefined;
  /** See `AskMemory`; default: the method. */
  readonly subject?: string | undefined;
  /** False for requests that the protocol does not allow to cancel. */
  readonly cancellable?: boolean | undefined;
  /** Stamps this request instead of what `stampWith` set. */
  readonly envelope?: Envelope | undefined;
}

/** One request, as long as somebody waits for it. */
export interface Pending extends LaneCall {
  readonly method: string;
  readonly given: RpcParams;
  readonly startedAt: number;
  readonly options: RpcOptions;
  readonly stream: AbortController | undefined;
  readonly resolve: (result: WrittenJson) => void;
  readonly reject: (error: UpstreamError) => void;
  readonly onAbort: () => void;
  /** False while it waits for its turn. */
  isSent: boolean;
  openQuestions: number;
  askingSince: number | undefined;
  lastProgress: number;
  progress: ProgressFlow | undefined;
  logRate: RateBound | undefined;
  stopTimer: (() => void) | undefined;
}
