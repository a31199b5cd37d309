/** What a call is made of: who calls, over what, and what for. */
import type { Effect, Era } from '@shared/words.ts';
import type { AppIdentity, Refusal } from '../policy/index.ts';
import type { CallerSide, UpstreamAnswer, UpstreamContext, WrittenJson } from '../upstreams/index.ts';
import type { JsonObject } from './protocol.ts';

/** Who calls, and over what. */
export interface Caller {
  readonly app: AppIdentity;
  readonly era: Era;
  readonly sessionId: string | null;
  /** Since when its session is open (milliseconds since epoch) and the tool calls made in it; absent without one. */
  readonly session?: { readonly since: number; readonly calls: number };
  /** What the client calls itself; untrusted. */
  readonly client: string | null;
  /** The path it calls on, in one text: empty for the profile's, else the server's name. */
  readonly path: string;
}

/** How servers may ask this caller something. */
export interface Asking {
  /** What the client declared for this request or its session; bounded. */
  readonly capabilities: JsonObject;
  /** Null in the stateless revision: a question goes back as the answer, and the app comes again with what it says. */
  readonly ask: CallerSide['ask'] | null;
  readonly notify: CallerSide['notify'];
  /** True where many servers stand behind one path, so that a question has to say who asks. */
  readonly namesServer: boolean;
}

/** The caller's side of a call in flight. */
export interface CallLine {
  /** Aborted with a CancelReason when the answer is no longer wanted. */
  readonly signal: AbortSignal;
  readonly asking: Asking;
  /** The level of log messages the caller wants; null: none. */
  readonly logLevel: string | null;
  readonly onProgress?: (progress: Record<string, unknown>) => void;
  readonly onLog?: (message: Record<string, unknown>) => void;
}

export interface ToolUse {
  /** The name the agent used. */
  readonly name: string;
  /** The tool it means; null when the name means nothing on this surface. */
  readonly toolId: string | null;
  readonly claimedEffect: Effect | null;
  readonly arguments: unknown;
  /** The arguments as they were written; absent when there are none. */
  readonly argumentsJson?: string;
  /** The other params as written, `_meta` without what belongs to this hop. */
  readonly others: WrittenJson;
  /** False where the surface has no read_result, or a client would miss structured content. */
  readonly mayShorten: boolean;
  /** True where the app speaks to the tool itself, so that the server's own errors are for it. */
  readonly relaysErrors: boolean;
}

/** What one of Gatehouse's own tools answers. */
export type OwnAnswer =
  | { readonly kind: 'result'; readonly result: JsonObject; readonly mayShorten?: boolean }
  | { readonly kind: 'refusal'; readonly refusal: Refusal };

/** A request other than a tool call that goes to a server: `resources/read`, `prompts/get`, `completion/complete`. */
export interface Relayed {
  readonly method: string;
  /** The name or URI the agent used, for the log and for refusals. */
  readonly name: string;
  /** What is asked for; null when the name means nothing on this surface. */
  readonly offer:
    | { readonly kind: 'approved'; readonly id: string }
    /**
     * A resource no listing has, covered by something approved: a URI that a tool of the server gave this app, or the
     * `ui://` page an approved tool names. `by` is that offer's id.
     */
    | { readonly kind: 'covered'; readonly server: string; readonly by: string }
    | null;
  /** As the server gets them, `_meta` of this hop taken out. */
  readonly params: JsonObject;
  readonly paramsJson: string;
  /** Does the work at the server where that is more than one request: following a resource. Absent: it is sent. */
  readonly via?: Via;
}

/** The last step of a call's way, with the context a request would have. Throws UpstreamError. */
export type Via = (server: string, context: UpstreamContext) => Promise<UpstreamAnswer>;
