/** JSON-RPC 2.0 as MCP uses it, with nothing added, dropped or reordered on the way. */

export type JsonObject = Record<string, unknown>;
export type RequestId = string | number;

export interface RpcRequest {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly method: string;
  readonly params?: JsonObject;
}

export interface RpcNotification {
  readonly jsonrpc: '2.0';
  readonly method: string;
  readonly params?: JsonObject;
}

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export interface RpcResponse {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly result?: JsonObject;
  readonly error?: RpcError;
}

export type RpcMessage = RpcRequest | RpcNotification | RpcResponse;

export const METHOD_NOT_FOUND = -32601;
/** 2026-07-28: the server speaks the modern era, but not this version of it. `data.supported` lists its versions. */
export const UNSUPPORTED_PROTOCOL_VERSION = -32022;
/** The errors that only a server of the modern era gives (HeaderMismatch, MissingRequiredClientCapability, version). */
export const MODERN_ERRORS: ReadonlySet<number> = new Set([-32020, -32021, UNSUPPORTED_PROTOCOL_VERSION]);

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The error of a JSON-RPC response, when it is one a peer may send. */
export function rpcErrorOf(message: unknown): RpcError | undefined {
  if (!isJsonObject(message) || !isJsonObject(message.error)) return undefined;
  const { code, message: text, data } = message.error;
  if (typeof code !== 'number' || typeof text !== 'string') return undefined;
  return data === undefined ? { code, message: text } : { code, message: text, data };
}
