import { isJsonObject, type JsonObject, type RpcMessage } from './json-rpc.ts';
import { PROTOCOL_VERSION_KEY } from './protocol-words.ts';

/** Headers that describe a message or its transport: they are ours to write, whatever a config says. */
const OURS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'keep-alive',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
  'transfer-encoding',
  'upgrade',
]);

/** Which parameter a request is addressed by (2026-07-28, standard request headers). */
const NAMED_BY: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

const PLAIN_VALUE = /^[\t\x20-\x7E]+$/;

/** What a person configured, and what every request carries. */
export function configuredHeaders(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const headers: Record<string, string> = { 'user-agent': 'gatehouse' };
  for (const [name, value] of Object.entries(given)) {
    const key = name.toLowerCase();
    if (!OURS.has(key)) headers[key] = value.trim();
  }
  // A compressed answer could grow without end; tool results over a network are rarely worth it.
  headers['accept-encoding'] = 'identity';
  return headers;
}

/** Headers that mirror a modern request's body: its version, method and name. Empty for messages without an envelope. */
export function mirrorHeaders(message: RpcMessage): Readonly<Record<string, string>> {
  if (!('method' in message) || !('id' in message)) return {};
  const { method, params } = message;
  const version = envelopeVersionOf(params);
  if (version === undefined) return {};
  const field = NAMED_BY.get(method);
  const name = field === undefined ? undefined : params?.[field];
  return {
    'mcp-protocol-version': version,
    'mcp-method': method,
    ...(typeof name === 'string' && { 'mcp-name': headerValue(name) }),
  };
}

function envelopeVersionOf(params: JsonObject | undefined): string | undefined {
  const meta = params?._meta;
  const version = isJsonObject(meta) ? meta[PROTOCOL_VERSION_KEY] : undefined;
  return typeof version === 'string' ? version : undefined;
}

/** Text as a header can carry it: what is not plain visible ASCII goes as base64 in the specification's wrapping. */
function headerValue(text: string): string {
  const isPlain =
    PLAIN_VALUE.test(text) && text === text.trim() && !(text.startsWith('=?base64?') && text.endsWith('?='));
  return isPlain ? text : `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}
