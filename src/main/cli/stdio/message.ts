/** What the bridge has to know of a JSON-RPC message to send it on. The message itself travels as the text it came as. */

/** Keys of the envelope that a 2026-07-28 request carries in `params._meta`. */
const protocolVersionKey = 'io.modelcontextprotocol/protocolVersion';

export type RpcId = string | number;

export interface Message {
  /** The line as received. */
  readonly text: string;
  /** Undefined for notifications. For responses: the id of the server's request. */
  readonly id: RpcId | undefined;
  /** Undefined for responses. */
  readonly method: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  /** The revision named in the message's own envelope: it needs no session. Undefined for older revisions. */
  readonly envelopeVersion: string | undefined;
}

/** Reads one line; undefined when it is not a JSON-RPC message. */
export function readMessage(text: string): Message | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { id, method } = value;
  if (id !== undefined && id !== null && typeof id !== 'string' && typeof id !== 'number') return undefined;
  if (method !== undefined && typeof method !== 'string') return undefined;
  if (method === undefined && !('result' in value) && !('error' in value)) return undefined;
  const params = isRecord(value.params) ? value.params : {};
  const version = isRecord(params._meta) ? params._meta[protocolVersionKey] : undefined;
  return {
    text,
    id: id ?? undefined,
    method,
    params,
    envelopeVersion: typeof version === 'string' ? version : undefined,
  };
}

/** True when the text is the response to the request with this id. */
export function answers(text: string, id: RpcId): boolean {
  const message = readMessage(text);
  return message?.method === undefined && message?.id === id;
}

/** The headers that mirror a modern message (revision 2026-07-28, SEP-2243). */
export function mirrorHeaders({ method, params, envelopeVersion }: Message): Record<string, string> {
  if (envelopeVersion === undefined || method === undefined) return {};
  const name =
    method === 'tools/call' || method === 'prompts/get'
      ? params.name
      : method === 'resources/read'
        ? params.uri
        : undefined;
  return {
    'mcp-protocol-version': envelopeVersion,
    'mcp-method': headerValueOf(method),
    ...(typeof name === 'string' ? { 'mcp-name': headerValueOf(name) } : {}),
  };
}

/** Visible ASCII goes as it is; anything else, and what could be mistaken for the wrapping, is wrapped in base64. */
function headerValueOf(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.startsWith('=?base64?');
  return isPlain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}

/** Text of an error response from the bridge itself. The code is outside the range JSON-RPC and MCP reserve. */
export function bridgeError(id: RpcId, message: string, retryable: boolean): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    error: { code: -31000, message, data: { from: 'gatehouse stdio', retryable } },
  });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
