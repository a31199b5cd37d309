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
  readonly running: number;
}

/** One request to a server. Frames are plain JSON-RPC params and results, unknown fields kept. */
export interface UpstreamRequest {
  readonly method: string;
  readonly params: Record<string, unknown> | undefined;
}

export interface UpstreamContext {
  readonly signal: AbortSignal;
  /** Milliseconds without progress before the request is given up. */
  readonly timeoutMs: number;
  /** Upper bound whatever the progress. */
  readonly maxTotalMs: number;
  /** When given, progress is asked for and renews `timeoutMs`. Gets the params without the progress token. */
  readonly onProgress?: (progress: Record<string, unknown>) => void;
  /** Log messages that surely belong to this request: none while other requests run on the same connection. */
  readonly onLog?: (message: Record<string, unknown>) => void;
  /**
   * The `startedAt` of the process whose definitions the caller compared. When another process would answer, the
   * request is not sent and fails with `server_down`, so that a restart cannot slip changed tools past a decision.
   */
  readonly expectStartedAt?: number;
}

export interface UpstreamAnswer {
  readonly result: Record<string, unknown>;
  /** Milliseconds the server needed to start for this request; 0 when it was ready. */
  readonly startMs: number;
  readonly serverMs: number;
}

export interface Upstreams extends AsyncDisposable {
  status(name: string): UpstreamStatus | undefined;
  statuses(): readonly UpstreamStatus[];
  /** Starts the server when needed (first use). Throws UpstreamError. */
  request(server: string, request: UpstreamRequest, context: UpstreamContext): Promise<UpstreamAnswer>;
  /** Starts the server if needed and lists everything it offers. */
  list(server: string, signal?: AbortSignal): Promise<ServerListing>;
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
  onStatus(listener: (status: UpstreamStatus) => void): Disposable;
  /** The server said its lists changed (debounced); the owner lists again. */
  onListChanged(listener: (server: string) => void): Disposable;
  onLog(listener: (server: string, lastSeq: number) => void): Disposable;
}
