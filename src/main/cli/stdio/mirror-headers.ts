/** The headers that mirror a message of revision 2026-07-28 (SEP-2243). */
import { headerValue, namingParameter } from '@shared/mirrored-headers.ts';
import type { Message } from './message.ts';

/** @param version the message's own revision, or that of the client's earlier requests for a notification without one */
export function mirrorHeaders({ method, params }: Message, version: string | undefined): Record<string, string> {
  if (version === undefined || method === undefined) return {};
  const field = namingParameter(method);
  const name = field === undefined ? undefined : params[field];
  return {
    'mcp-protocol-version': headerValue(version),
    'mcp-method': headerValue(method),
    ...(typeof name === 'string' ? { 'mcp-name': headerValue(name) } : {}),
  };
}
