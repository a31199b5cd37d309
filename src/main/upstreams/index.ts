/** Entry of the upstreams room: servers.json and one connection per server. */
import type { ConfigProblem, LaunchIdentity, ServerConfig, ServerLogLine } from '@shared/contract/index.ts';
import type { ServerHealth } from '@shared/words.ts';
import type { ServerListing } from '../approvals/index.ts';

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
  readonly onProgress?: (progress: Record<string, unknown>) => void;
  readonly onLog?: (message: Record<string, unknown>) => void;
}

export interface UpstreamAnswer {
  readonly result: Record<string, unknown>;
  /** Milliseconds the server needed to start for this request; 0 when it was ready. */
  readonly startMs: number;
  readonly serverMs: number;
}

/** Why a request to a server failed, as the pipeline needs to know it. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly code: 'server_down' | 'timeout' | 'cancelled' | 'upstream_error';
  /** True when the request surely did not reach the server, so that a retry is harmless. */
  readonly notSent: boolean;
  /** The server's own JSON-RPC error, when it gave one. */
  readonly rpcError: { code: number; message: string; data?: unknown } | undefined;

  constructor(
    code: UpstreamError['code'],
    message: string,
    details: { notSent: boolean; rpcError?: UpstreamError['rpcError']; cause?: unknown },
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.notSent = details.notSent;
    this.rpcError = details.rpcError;
  }
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
  restart(name: string): Promise<void>;
  /** Stops the server's whole process group and ends its requests with `server_down`. */
  stop(name: string): Promise<void>;
  logs(name: string, options?: { afterSeq?: number; limit?: number }): ServerLogLine[];
  onStatus(listener: (status: UpstreamStatus) => void): Disposable;
  /** The server said its lists changed (debounced); the owner lists again. */
  onListChanged(listener: (server: string) => void): Disposable;
  onLog(listener: (server: string, lastSeq: number) => void): Disposable;
}

/** What a config would run; pure. */
export type LaunchIdentityOf = (config: ServerConfig) => LaunchIdentity;
