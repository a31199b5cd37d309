/** JSON-RPC 2.0 as MCP uses it, with nothing added, dropped or reordered on the way. */

import { memberText } from '@shared/json-text.ts';

export type JsonObject = Record<string, unknown>;
export type RequestId = string | number;

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
  /** The whole error as the server wrote it. */
  readonly json?: string;
}

export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
/** 2025-11-25: the request can be made again once a person has visited the URLs in `data.elicitations`. */
export const URL_ELICITATION_REQUIRED = -32042;
/** 2026-07-28: a header does not repeat what the body says; the request was not run. */
export const HEADER_MISMATCH = -32020;
/** 2026-07-28: the server speaks the modern era, but not this version of it. `data.supported` lists its versions. */
export const UNSUPPORTED_PROTOCOL_VERSION = -32022;
/** The errors that only a server of the modern era gives (HeaderMismatch, MissingRequiredClientCapability, version). */
export const MODERN_ERRORS: ReadonlySet<number> = new Set([HEADER_MISMATCH, -32021, UNSUPPORTED_PROTOCOL_VERSION]);

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The error of a JSON-RPC response, when it is one a peer may send; with its text when the message's is given. */
export function rpcErrorOf(message: unknown, messageText?: string): RpcError | undefined {
  if (!isJsonObject(message) || !isJsonObject(message.error)) return undefined;
  const { code, message: text, data } = message.error;
  if (typeof code !== 'number' || typeof text !== 'string') return undefined;
  const json = messageText === undefined ? undefined : memberText(messageText, 'error');
  return { code, message: text, ...(data !== undefined && { data }), ...(json !== undefined && { json }) };
}

/** Text of a request or, without an id, of a notification. */
export function callText(method: string, paramsText: string | undefined, id?: number): string {
  const idText = id === undefined ? '' : `"id":${id},`;
  const params = paramsText === undefined ? '' : `,"params":${paramsText}`;
  return `{"jsonrpc":"2.0",${idText}"method":${JSON.stringify(method)}${params}}`;
}

/** Text of an answer with a result. */
export function resultText(id: RequestId, resultJson: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${resultJson}}`;
}

/** Text of an answer with an error. */
export function errorText(id: RequestId, error: RpcError): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error });
}
