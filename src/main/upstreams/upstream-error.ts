/** Why a request to a server failed, as the pipeline needs to know it. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly code: 'server_down' | 'timeout' | 'cancelled' | 'upstream_error';
  /** True when the request surely did not reach the server, so that a retry is harmless. */
  readonly notSent: boolean;
  /** The server's own JSON-RPC error, when it gave one; `json` is the whole of it as the server wrote it. */
  readonly rpcError: { code: number; message: string; data?: unknown; json?: string } | undefined;

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
