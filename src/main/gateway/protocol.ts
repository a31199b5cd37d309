/** The parts of the Model Context Protocol the endpoint speaks, as constants and plain shapes. */

/** The stateless revision. Its name is what every modern request carries. */
export const MODERN_VERSION = '2026-07-28';

/** Revisions with `initialize` and sessions, newest first. */
export const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

/** Keys of the per-request envelope in `params._meta` (revision 2026-07-28). */
export const META = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const;

/** JSON-RPC 2.0 error codes and those the protocol adds. */
export const RPC = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  resourceNotFound: -32002,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
  /** Until 2025-11-25: the person has to open an address first; `data` holds it. */
  urlElicitationRequired: -32042,
  /** Gatehouse's own, outside the range JSON-RPC reserves: refused; `data` says why as a refusal. */
  refused: -31001,
} as const;

export type RpcId = string | number;

/** A request (with id) or a notification (without), its parts not yet checked. */
export interface RpcMessage {
  readonly jsonrpc: '2.0';
  readonly method: string;
  readonly id?: RpcId;
  readonly params?: Readonly<Record<string, unknown>>;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for a JSON-RPC id the protocol allows: a string or an integer, never null. */
export function isRpcId(value: unknown): value is RpcId {
  return typeof value === 'string' || Number.isInteger(value);
}

/** Text of a successful response; the result is JSON text already, so that it is written only once. */
export function resultFrame(id: RpcId, resultJson: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${inOneLine(resultJson)}}`;
}

/**
 * JSON text without line breaks: they are only space between its parts, and in an event stream or on a line of stdio they
 * would end the frame.
 */
export function inOneLine(json: string): string {
  return json.includes('\n') || json.includes('\r') ? json.replace(/[\r\n]+/g, ' ') : json;
}

/** Text of an error response whose error is text already. */
export function errorFrameOf(id: RpcId, errorJson: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"error":${inOneLine(errorJson)}}`;
}

/** Text of an error response. `id` is null when the request's own could not be read. */
export function errorFrame(id: RpcId | null, code: number, message: string, data?: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } });
}

/** Text of a request or notification whose params are JSON text already; without an id it is a notification. */
export function writtenFrame(method: string, paramsJson: string, id?: RpcId): string {
  const head = id === undefined ? '' : `"id":${JSON.stringify(id)},`;
  return `{"jsonrpc":"2.0",${head}"method":${JSON.stringify(method)},"params":${inOneLine(paramsJson)}}`;
}

/** Text of a notification. */
export function notificationFrame(method: string, params?: JsonObject): string {
  return JSON.stringify({ jsonrpc: '2.0', method, ...(params && { params }) });
}

export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export function isLogLevel(value: unknown): value is LogLevel {
  return LOG_LEVELS.some((level) => level === value);
}

/** True when a message of `level` is wanted by someone who asked for `wanted` and everything graver. */
export function isWanted(level: unknown, wanted: LogLevel): boolean {
  return isLogLevel(level) && LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(wanted);
}

const LONGEST_CLIENT = 120;

/** `name/version` as a client calls itself in its info, in one visible line; null when it says nothing usable. */
export function clientNameOf(info: unknown): string | null {
  if (!isObject(info) || typeof info.name !== 'string') return null;
  const text = typeof info.version === 'string' ? `${info.name}/${info.version}` : info.name;
  return text
    .slice(0, LONGEST_CLIENT)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
    .toWellFormed();
}
