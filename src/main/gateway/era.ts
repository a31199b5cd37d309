/**
 * Which revision of the protocol a POST speaks. The body decides and the headers must agree (revision 2026-07-28,
 * SEP-2243). The rules are those of the SDK's `classifyInboundRequest`, and a test holds the two against each other; they
 * are written out here because the SDK's server half costs 100 ms and 15 MB at start and its schemas 10 µs per call.
 */
import { decodedHeader, namingParameter } from '@shared/mirrored-headers.ts';
import {
  isLogLevel,
  isObject,
  isRpcId,
  type JsonObject,
  META,
  MODERN_VERSION,
  RPC,
  type RpcId,
  type RpcMessage,
} from './protocol.ts';

/** The headers that mirror the body; undefined when absent. */
export interface EraHeaders {
  readonly protocolVersion: string | undefined;
  readonly method: string | undefined;
  readonly name: string | undefined;
}

export interface EraRejection {
  readonly kind: 'reject';
  readonly status: number;
  readonly id: RpcId | null;
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** What a client answers to a question; `id` is null when it is none that Gatehouse could have given. */
export interface RpcResponse {
  readonly kind: 'response';
  readonly id: RpcId | null;
  /** What stands under `result` or `error`, not yet checked. */
  readonly answer: { readonly result: unknown } | { readonly error: unknown };
}

export type Classified =
  | { readonly kind: 'modern'; readonly message: RpcMessage; readonly meta: JsonObject }
  | { readonly kind: 'legacy'; readonly message: RpcMessage }
  /** A JSON-RPC response, posted by a legacy client. */
  | RpcResponse
  | EraRejection;

/** Revisions are dates, so they compare as text. */
const isModern = (version: string): boolean => version >= MODERN_VERSION;

/** Classifies a parsed body. Pure. */
export function classify(body: unknown, given: EraHeaders): Classified {
  const headers = {
    protocolVersion: given.protocolVersion?.trim(),
    method: given.method?.trim(),
    name: given.name?.trim(),
  };
  if (Array.isArray(body))
    return reject(null, RPC.invalidRequest, 'Send one message at a time: batches are not served.');
  if (!isObject(body) || body.jsonrpc !== '2.0') return notAMessage(body);
  const { id, method, params } = body;
  if (method === undefined && ('result' in body || 'error' in body)) {
    const answer = 'error' in body ? { error: body.error } : { result: body.result };
    return { kind: 'response', id: isRpcId(id) ? id : null, answer };
  }
  if (typeof method !== 'string' || (params !== undefined && !isObject(params))) return notAMessage(body);
  if ((id !== undefined && !isRpcId(id)) || !isMetaSound(params?._meta)) return notAMessage(body);
  const message: RpcMessage = { jsonrpc: '2.0', method, ...(id !== undefined && { id }), ...(params && { params }) };
  return id === undefined ? notification(message, headers) : request(message, id, headers);
}

function notAMessage(body: unknown): EraRejection {
  const id = isObject(body) && isRpcId(body.id) ? body.id : null;
  return reject(id, RPC.invalidRequest, 'The body is not a JSON-RPC 2.0 message.');
}

/** `_meta` in any era: an object whose progress token, if any, is text or an integer. */
function isMetaSound(meta: unknown): boolean {
  return meta === undefined || (isObject(meta) && (meta.progressToken === undefined || isRpcId(meta.progressToken)));
}

function reject(id: RpcId | null, code: number, message: string, data?: unknown): EraRejection {
  return { kind: 'reject', status: 400, id, code, message, ...(data !== undefined && { data }) };
}

const disagree = (id: RpcId | null, header: string, why: string): EraRejection =>
  reject(id, RPC.headerMismatch, `The headers and the body disagree: ${why}`, { mismatch: { header, body: why } });

function metaOf(params: JsonObject | undefined): JsonObject | undefined {
  const meta = params?._meta;
  return isObject(meta) ? meta : undefined;
}

function request(message: RpcMessage, id: RpcId, headers: EraHeaders): Classified {
  const meta = metaOf(message.params);
  const claims = meta !== undefined && META.protocolVersion in meta;
  const headerIsModern = headers.protocolVersion !== undefined && isModern(headers.protocolVersion);

  if (message.method === 'initialize') {
    const version = meta?.[META.protocolVersion];
    const claimsModern = typeof version === 'string' && isModern(version) && meta !== undefined && !envelopeIssue(meta);
    if (!claimsModern) {
      if (headerIsModern) {
        return disagree(
          id,
          headers.protocolVersion ?? '',
          'initialize belongs to older revisions than the header names.',
        );
      }
      return { kind: 'legacy', message };
    }
  }
  if (!claims) {
    if (!headerIsModern) return { kind: 'legacy', message };
    const missing = meta === undefined ? ['_meta'] : missingKeys(meta);
    return reject(
      id,
      RPC.invalidParams,
      `MCP-Protocol-Version names ${headers.protocolVersion}, but the request lacks ${missing.join(', ')}.`,
      { envelope: { missing } },
    );
  }
  const issue = envelopeIssue(meta);
  if (issue)
    return reject(id, RPC.invalidParams, `params._meta is not valid: ${issue.key} ${issue.problem}.`, {
      envelope: issue,
    });
  return modernRequest(message, id, meta, headers);
}

function modernRequest(message: RpcMessage, id: RpcId, meta: JsonObject, headers: EraHeaders): Classified {
  const version = String(meta[META.protocolVersion]);
  const { method } = message;
  if (headers.protocolVersion !== undefined && headers.protocolVersion !== version) {
    return disagree(id, headers.protocolVersion, `the body names revision ${version}.`);
  }
  if (headers.method !== undefined && headers.method !== method) {
    return disagree(id, headers.method, `the body names method ${method}.`);
  }
  if (version !== MODERN_VERSION) {
    return reject(id, RPC.unsupportedVersion, `Unsupported protocol version: ${version}.`, {
      supported: [MODERN_VERSION],
      requested: version,
    });
  }
  if (headers.protocolVersion === undefined) return disagree(id, '(missing)', 'MCP-Protocol-Version is required.');
  if (headers.method === undefined) return disagree(id, '(missing)', 'Mcp-Method is required.');
  return nameMismatch(message, id, headers) ?? { kind: 'modern', message, meta };
}

function nameMismatch({ method, params }: RpcMessage, id: RpcId, headers: EraHeaders): EraRejection | undefined {
  const field = namingParameter(method);
  if (field === undefined) return undefined;
  const inBody = params?.[field];
  if (headers.name === undefined) {
    return typeof inBody === 'string' ? disagree(id, '(missing)', `Mcp-Name must mirror params.${field}.`) : undefined;
  }
  const name = decodedHeader(headers.name);
  if (name === undefined) return disagree(id, headers.name, 'Mcp-Name is not valid base64.');
  if (typeof inBody === 'string' && name !== inBody) return disagree(id, headers.name, `params.${field} is ${inBody}.`);
  return undefined;
}

function notification(message: RpcMessage, headers: EraHeaders): Classified {
  const meta = metaOf(message.params);
  const claims = meta !== undefined && META.protocolVersion in meta;
  const headerIsModern = headers.protocolVersion !== undefined && isModern(headers.protocolVersion);
  if (claims) {
    const version = meta[META.protocolVersion];
    if (typeof version !== 'string') {
      const envelope = { key: META.protocolVersion, problem: 'must be text' };
      return reject(null, RPC.invalidParams, 'params._meta is not valid.', { envelope });
    }
    if (headers.protocolVersion !== undefined && headers.protocolVersion !== version) {
      return disagree(null, headers.protocolVersion, `the body names revision ${version}.`);
    }
    if (!isModern(version)) return { kind: 'legacy', message };
  } else if (!headerIsModern) return { kind: 'legacy', message };
  if (headers.method !== undefined && headers.method !== message.method) {
    return disagree(null, headers.method, `the body names method ${message.method}.`);
  }
  return { kind: 'modern', message, meta: meta ?? {} };
}

function missingKeys(meta: JsonObject): string[] {
  const missing = [META.protocolVersion, META.clientCapabilities].filter((key) => !(key in meta));
  return missing.length > 0 ? missing : [META.protocolVersion];
}

/** The first thing wrong with an envelope: its required keys and the types of those that Gatehouse reads. */
function envelopeIssue(meta: JsonObject): { key: string; problem: string } | undefined {
  for (const key of [META.protocolVersion, META.clientCapabilities])
    if (!(key in meta)) return { key, problem: 'missing' };
  if (typeof meta[META.protocolVersion] !== 'string') return { key: META.protocolVersion, problem: 'must be text' };
  if (!isObject(meta[META.clientCapabilities])) return { key: META.clientCapabilities, problem: 'must be an object' };
  const info = meta[META.clientInfo];
  if (info !== undefined && !(isObject(info) && typeof info.name === 'string' && typeof info.version === 'string')) {
    return { key: META.clientInfo, problem: 'must have a name and a version' };
  }
  const level = meta[META.logLevel];
  if (level !== undefined && !isLogLevel(level)) return { key: META.logLevel, problem: 'must be a log level' };
  return undefined;
}
