import type { ConfigProblem, ServerConfig, ServerLogLine } from '@shared/contract/index.ts';
import type { ServerHealth } from '@shared/words.ts';
import type { ServerListing } from '../approvals/index.ts';

/** Where this room reports what is not for the person's eyes first; a pino logger fits. Never holds secrets. */
export interface RoomLog {
  debug(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** servers.json: hand-editable, hot-reloaded, written atomically with a backup; unknown keys and comments survive. */
export interface ServerConfigs extends AsyncDisposable {
  all(): ReadonlyMap<string, ServerConfig>;
  problem(): ConfigProblem | null;
  put(name: string, config: ServerConfig): Promise<void>;
  remove(name: string): Promise<boolean>;
  /** After every accepted change of the file, whoever wrote it, and after every rejected one. */
  onChange(listener: () => void): Disposable;
}

export interface UpstreamStatus {
  readonly name: string;
  readonly health: ServerHealth;
  /** What is wrong and what to do; null when nothing is. */
  readonly problem: string | null;
  readonly pid: number | null;
  /** Milliseconds since epoch; differs for every process (or session) of the server. */
  readonly startedAt: number | null;
  readonly lastUsedAt: number | null;
  readonly restarts: number;
  readonly nextRetryAt: number | null;
  /** Requests it works on. */
  readonly running: number;
  /** Processes or connections there are; more than one where apps or sessions have their own. */
  readonly instances: number;
}

/** One request to a server. Frames are plain JSON-RPC params and results, unknown fields kept. */
export interface UpstreamRequest {
  readonly method: string;
  readonly params: Record<string, unknown> | undefined;
  /**
   * JSON text of `params`, sent as it is but for the `_meta` keys that belong to a hop. Given where parsing would lose
   * something (numbers beyond 2^53, key order); means the same as `params`.
   */
  readonly paramsJson?: string;
}

/** A JSON object together with its text as the other side wrote it. */
export interface WrittenJson {
  readonly value: Readonly<Record<string, unknown>>;
  readonly json: string;
}

/** A request a server sends back while it works for somebody: sampling, elicitation, roots. */
export interface ServerQuestion {
  readonly method: 'sampling/createMessage' | 'elicitation/create' | 'roots/list';
  /** An empty object when the server gave none. */
  readonly params: WrittenJson;
}

/** A question that got no answer; the server hears `code` and `message` as a JSON-RPC error. */
export class QuestionRefused extends Error {
  override readonly name = 'QuestionRefused';
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/**
 * Whose process serves: one for all (default), one per app or one per session. Two callers with the same text share.
 * Empty for the shared one.
 */
export type InstanceKey = string;

/** The caller behind a request, as far as a server may ask it something. */
export interface CallerSide {
  /** The app's id. */
  readonly app: string;
  /** The session; null for a caller of the stateless revision. */
  readonly session: string | null;
  /** Client capabilities the caller declared, for this request (2026-07-28) or its session. Untrusted, bounded. */
  readonly capabilities: Readonly<Record<string, unknown>>;
  /**
   * Puts a server's question to the caller and gives the result it answers with. Never called for what the capabilities do
   * not cover. Rejects with QuestionRefused; the signal aborts when the server or the request no longer wants the answer.
   */
  ask(question: ServerQuestion, signal: AbortSignal): Promise<WrittenJson>;
  /** Passes on a notification that surely belongs to this caller: `notifications/elicitation/complete`. */
  notify(method: string, params: WrittenJson): void;
}

export interface UpstreamContext {
  readonly signal: AbortSignal;
  /** Milliseconds without progress before the request is given up. */
  readonly timeoutMs: number;
  /** Upper bound whatever the progress. */
  readonly maxTotalMs: number;
  /** When given, progress is asked for and renews `timeoutMs`. Gets the params without the progress token. */
  readonly onProgress?: (progress: Record<string, unknown>) => void;
  /** Log messages that surely belong to this request, or at least to its session. */
  readonly onLog?: (message: Record<string, unknown>) => void;
  /** The level of log messages the caller wants; null: none. */
  readonly logLevel?: string | null;
  /** Who can answer when the server asks back; absent for Gatehouse's own requests. */
  readonly caller?: CallerSide;
  /** Which process of the server; default: the shared one. See `Upstreams.instanceFor`. */
  readonly instance?: InstanceKey;
  /** Tells requests apart that may ask back from those that never did: the tool's name, else the method. */
  readonly subject?: string;
  /**
   * The `startedAt` of the process whose definitions the caller compared. When another process would answer, the
   * request is not sent and fails with `server_down`, so that a restart cannot slip changed tools past a decision.
   */
  readonly expectStartedAt?: number;
}

export interface UpstreamAnswer {
  readonly result: Record<string, unknown>;
  /** The result's JSON text as the server wrote it. */
  readonly resultJson: string;
  /** Milliseconds the server needed to start for this request; 0 when it was ready. */
  readonly startMs: number;
  readonly serverMs: number;
}

export interface Upstreams extends AsyncDisposable {
  /**
   * Of one process (empty key: the shared one); undefined when it was never used. Without a key of the server as a whole: the
   * best health that is true of one of its processes, that one's `pid` and `startedAt`, and sums of the counters.
   */
  status(name: string, instance?: InstanceKey): UpstreamStatus | undefined;
  /** Which process of a server serves this caller, as its config says (`gatehouse.instances`). */
  instanceFor(server: string, caller: Pick<CallerSide, 'app' | 'session'>): InstanceKey;
  /** Ends the processes that were only this session's. */
  endSession(session: string): void;
  /** Tells servers that serve only this session that its roots changed. */
  rootsChanged(session: string): void;
  /**
   * Follows one resource (legacy `resources/subscribe`, modern listen filter). Counted per server and URI, and set up again
   * after a restart. Rejects with UpstreamError when the server refuses. Disposing unsubscribes when nobody else follows.
   */
  watchResource(
    server: string,
    uri: string,
    watcher: {
      readonly instance?: InstanceKey;
      /** Who follows it, should the process have to be started for that. */
      readonly caller?: CallerSide;
      /** Hears `notifications/resources/updated` as the server sent it. */
      readonly onUpdated: (params: WrittenJson) => void;
    },
    signal: AbortSignal,
  ): Promise<Disposable>;
  statuses(): readonly UpstreamStatus[];
  /** Starts the server when needed (first use). Throws UpstreamError. */
  request(server: string, request: UpstreamRequest, context: UpstreamContext): Promise<UpstreamAnswer>;
  /**
   * Starts the server if needed and lists everything it offers.
   * @param caller whom the process serves, should it have to be started; see `gatehouse.workingDirectory`
   */
  list(server: string, signal?: AbortSignal, instance?: InstanceKey, caller?: CallerSide): Promise<ServerListing>;
  /**
   * Tells which servers may run and with what. Called with the approved launches only; a server that left the map, or
   * whose launch changed, is stopped. Never starts anything by itself.
   */
  allow(servers: ReadonlyMap<string, ServerConfig>): Promise<void>;
  /** Stops and starts the server, forgetting earlier failures. Resolves either way; the status tells how it went. */
  restart(name: string): Promise<void>;
  /** Stops the server's whole process group and ends its requests with `server_down`. */
  stop(name: string): Promise<void>;
  logs(name: string, options?: { afterSeq?: number; limit?: number }): ServerLogLine[];
  /**
   * Each change of a server's health, problem, process, retry time or number of processes, once, as `status(name)` tells it.
   * What only counts (`running`, `lastUsedAt`) is read, not pushed: it changes with every call.
   */
  onStatus(listener: (status: UpstreamStatus) => void): Disposable;
  /** One of its processes said its lists changed (debounced); the owner lists that one again. */
  onListChanged(listener: (server: string, instance: InstanceKey) => void): Disposable;
  onLog(listener: (server: string, lastSeq: number) => void): Disposable;
}
