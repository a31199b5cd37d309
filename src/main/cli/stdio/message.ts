/** What the bridge has to know of a JSON-RPC message to send it on. The message itself travels as the bytes it came as. */

/** Keys of the envelope that a 2026-07-28 request carries in `params._meta`. */
const protocolVersionKey = 'io.modelcontextprotocol/protocolVersion';

export type RpcId = string | number;

/** A JSON-RPC message as far as it is read: to route it, and to tell answers from everything else. */
export interface Frame {
  /** Undefined for notifications. */
  readonly id: RpcId | undefined;
  /** The id as it is written, so that it can be repeated digit by digit. */
  readonly idText: string;
  /** Undefined for responses. */
  readonly method: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  readonly result: Readonly<Record<string, unknown>> | undefined;
}

/** A message of the client. */
export interface Message extends Frame {
  /** The line as received. */
  readonly body: Buffer;
  /** The revision named in the message's own envelope: it needs no session. Undefined for older revisions. */
  readonly envelopeVersion: string | undefined;
}

/** A message that asks for an answer. */
export type Request = Message & { readonly id: RpcId; readonly method: string };

/** A line that cannot be sent on, with what JSON-RPC answers to it. */
export interface Malformed {
  readonly malformed: true;
  readonly idText: string;
  readonly code: -32700 | -32600;
}

/** Reads one line of the client. */
export function readMessage(body: Buffer): Message | Malformed {
  const text = body.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { malformed: true, idText: 'null', code: -32700 };
  }
  const frame = frameOf(value, text);
  if (!frame) {
    const id = isRecord(value) && isRpcId(value.id) ? idTextOf(value.id, text) : 'null';
    return { malformed: true, idText: id, code: -32600 };
  }
  const meta = frame.params._meta;
  const version = isRecord(meta) ? meta[protocolVersionKey] : undefined;
  return { ...frame, body, envelopeVersion: typeof version === 'string' ? version : undefined };
}

/** Reads one message of the gateway; undefined when it is none. */
export function readFrame(text: string): Frame | undefined {
  try {
    return frameOf(JSON.parse(text), text);
  } catch {
    return undefined;
  }
}

export function isRequest(message: Message): message is Request {
  return message.id !== undefined && message.method !== undefined;
}

/** True when the frame is the response to the request with this id. */
export function isAnswer(frame: Frame | undefined, id: RpcId): boolean {
  return frame !== undefined && frame.method === undefined && frame.id === id;
}

function frameOf(value: unknown, text: string): Frame | undefined {
  if (!isRecord(value)) return undefined;
  const { id, method, result } = value;
  if (id !== undefined && id !== null && !isRpcId(id)) return undefined;
  if (method !== undefined && typeof method !== 'string') return undefined;
  if (method === undefined && !('result' in value) && !('error' in value)) return undefined;
  return {
    id: id ?? undefined,
    idText: isRpcId(id) ? idTextOf(id, text) : 'null',
    method,
    params: isRecord(value.params) ? value.params : {},
    result: isRecord(result) ? result : undefined,
  };
}

/** Numbers that JavaScript cannot hold are taken from the text. */
function idTextOf(id: RpcId, text: string): string {
  if (typeof id === 'string' || Number.isSafeInteger(id)) return JSON.stringify(id);
  const written = new Map<unknown, string>();
  let whole: unknown;
  JSON.parse(text, function (this: unknown, key: string, value: unknown, context?: { source?: string }) {
    if (key === 'id' && context?.source !== undefined) written.set(this, context.source);
    whole = value;
    return value;
  });
  // The reviver sees the outermost value last.
  return written.get(whole) ?? JSON.stringify(id);
}

/** Text of an error response from the bridge itself. The code is outside the range JSON-RPC and MCP reserve. */
export function bridgeError(idText: string, message: string, retryable: boolean): string {
  const error = { code: -31000, message, data: { from: 'gatehouse stdio', retryable } };
  return `{"jsonrpc":"2.0","id":${idText},"error":${JSON.stringify(error)}}`;
}

/** Text of a notification from the bridge itself. */
export function notificationText(method: string, params?: object): string {
  return JSON.stringify({ jsonrpc: '2.0', method, ...(params && { params }) });
}

/**
 * A message on one line. Line breaks in JSON text stand between its tokens only, so a space does as well: nothing is
 * parsed and written anew, which would change large numbers and the order of keys.
 */
export function oneLine(json: string): string {
  return json.includes('\n') || json.includes('\r') ? json.replace(/[\r\n]+/g, ' ').trim() : json;
}

function isRpcId(value: unknown): value is RpcId {
  return typeof value === 'string' || typeof value === 'number';
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
