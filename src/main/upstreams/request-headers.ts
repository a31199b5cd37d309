import { headerValue, namingParameter } from '@shared/mirrored-headers.ts';
import type { JsonObject } from './json-rpc.ts';
import { MODERN_VERSION } from './protocol-words.ts';

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

/** What a person configured, and what every request carries. */
export function configuredHeaders(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const headers: Record<string, string> = { 'user-agent': 'gatehouse' };
  for (const [name, value] of Object.entries(given)) {
    const key = name.toLowerCase();
    if (!OURS.has(key) && !key.startsWith('mcp-param-')) headers[key] = value.trim();
  }
  // A compressed answer could grow without end; tool results over a network are rarely worth it.
  headers['accept-encoding'] = 'identity';
  return headers;
}

/** Headers that mirror a request of the modern era: its version, method and name. */
export function mirrorHeaders(method: string, params: JsonObject | undefined): Readonly<Record<string, string>> {
  const field = namingParameter(method);
  const name = field === undefined ? undefined : params?.[field];
  return {
    'mcp-protocol-version': MODERN_VERSION,
    'mcp-method': method,
    ...(typeof name === 'string' && { 'mcp-name': headerValue(name) }),
  };
}
