import type { Era } from '@shared/words.ts';
import { z } from 'zod';
import { LEGACY_CAPABILITIES } from './client-capabilities.ts';
import { Envelope } from './envelope.ts';
import { isJsonObject, type JsonObject, MODERN_ERRORS, UNSUPPORTED_PROTOCOL_VERSION } from './json-rpc.ts';
import { type Link, LinkError } from './link.ts';
import { LEGACY_OFFER, LEGACY_VERSIONS, MODERN_VERSION, SERVER_INFO_KEY } from './protocol-words.ts';
import type { RpcConnection } from './rpc-connection.ts';
import type { Timers } from './timers.ts';
import { UpstreamError } from './upstream-error.ts';

/** What both sides agreed on when a connection was made. Objects are as the server sent them. */
export interface Session {
  readonly era: Era;
  readonly protocolVersion: string;
  readonly serverInfo: JsonObject | null;
  readonly capabilities: JsonObject;
  readonly instructions: string | null;
}

export interface ClientInfo {
  readonly name: string;
  readonly version: string;
}

/** The longest a server may stay silent on the modern probe before it is also offered the older handshake. */
export const PROBE_MS = 3_000;
const LATE_PROBE_MS = 200;

const discoverSchema = z.looseObject({ supportedVersions: z.array(z.string()) });
const initializeSchema = z.looseObject({ protocolVersion: z.string() });

/** The server ended while it was being probed; the next process must not be probed. */
export class EndedOnProbe extends Error {
  override readonly name = 'EndedOnProbe';
}

export interface Negotiation {
  readonly connection: RpcConnection;
  readonly link: Link;
  readonly clientInfo: ClientInfo;
  /** The era found earlier for this launch. `legacy` skips the probe. */
  readonly knownEra: Era | undefined;
  readonly signal: AbortSignal;
  readonly timers: Timers;
  readonly probeMs?: number | undefined;
}

/**
 * Finds out which era a server speaks and opens a session: `server/discover` first, `initialize` when that is not
 * understood (specification 2026-07-28, versioning). A silent server is offered `initialize` beside the pending probe,
 * and what it answers first decides, so that slow starters of either era are not mistaken for the other.
 *
 * @throws EndedOnProbe, UpstreamError (its cause a LinkError when the transport failed)
 */
export async function negotiate(options: Negotiation): Promise<Session> {
  if (options.knownEra === 'legacy') return initialize(options);
  // Ends whichever of the two requests is still waiting when the other has decided.
  const decided = new AbortController();
  const either = { ...options, signal: AbortSignal.any([options.signal, decided.signal]) };
  try {
    const probe = probeModern(either);
    const first = await Promise.race([probe, silence(options, options.probeMs ?? PROBE_MS)]);
    if (first === 'legacy') return await initialize(options);
    if (first !== 'silent') return first;
    return await firstOf(probe, initialize(either), options);
  } finally {
    decided.abort();
  }
}

async function firstOf(
  probe: Promise<Session | 'legacy'>,
  handshake: Promise<Session>,
  options: Negotiation,
): Promise<Session> {
  return Promise.race([
    // A late "not understood" leaves the decision to the handshake that is already under way.
    probe.then((outcome) => (outcome === 'legacy' ? handshake : outcome)),
    handshake.catch(async (error: unknown) => {
      // A modern server refuses the handshake; its answer to the probe is right behind or just before.
      const outcome = await Promise.race([probe.catch(() => 'legacy' as const), silence(options, LATE_PROBE_MS)]);
      if (typeof outcome === 'string') throw error;
      return outcome;
    }),
  ]);
}

async function probeModern(options: Negotiation): Promise<Session | 'legacy'> {
  const { connection, link, clientInfo, signal } = options;
  const envelope = new Envelope(clientInfo);
  let result: Readonly<JsonObject>;
  try {
    const options = { signal, timeoutMs: null, cancellable: false, envelope };
    const probe = async () => (await connection.request('server/discover', {}, options)).value;
    // A server that refuses a version and in the same breath names it as one it speaks is asked once more with it.
    result = await probe().catch((error: unknown) => (namesOurVersion(error) ? probe() : Promise.reject(error)));
  } catch (error) {
    return probeFailure(error);
  }
  const discovered = discoverSchema.safeParse(result);
  if (!discovered.success) return 'legacy';
  if (!discovered.data.supportedVersions.includes(MODERN_VERSION)) {
    return versionMismatch(discovered.data.supportedVersions);
  }
  connection.stampWith(envelope);
  link.agreeOn(MODERN_VERSION);
  const meta = isJsonObject(result._meta) ? result._meta : {};
  return {
    era: 'modern',
    protocolVersion: MODERN_VERSION,
    serverInfo: objectOrNull(meta[SERVER_INFO_KEY]) ?? objectOrNull(result.serverInfo),
    capabilities: objectOrNull(result.capabilities) ?? {},
    instructions: textOrNull(result.instructions),
  };
}

function namesOurVersion(error: unknown): boolean {
  const rpcError = error instanceof UpstreamError ? error.rpcError : undefined;
  if (rpcError?.code !== UNSUPPORTED_PROTOCOL_VERSION || !isJsonObject(rpcError.data)) return false;
  return Array.isArray(rpcError.data.supported) && rpcError.data.supported.includes(MODERN_VERSION);
}

/** Says what a failed probe means: an older server, or a reason to stop. */
function probeFailure(error: unknown): 'legacy' {
  if (!(error instanceof UpstreamError)) throw error;
  const { rpcError, cause } = error;
  // Credentials and a server's faults say nothing about the era, whatever their body says.
  if (cause instanceof LinkError && (cause.kind === 'refused' || (cause.status ?? 0) >= 500)) throw error;
  if (rpcError && MODERN_ERRORS.has(rpcError.code)) {
    const data = isJsonObject(rpcError.data) ? rpcError.data : {};
    const supported = Array.isArray(data.supported) ? data.supported.filter((v) => typeof v === 'string') : [];
    if (rpcError.code === UNSUPPORTED_PROTOCOL_VERSION) return versionMismatch(supported);
    throw error;
  }
  if (!(cause instanceof LinkError)) {
    if (error.code === 'cancelled') throw error;
    return 'legacy';
  }
  // A stdio server that ended may have ended because of the probe. A network that fails says nothing about the era.
  if (cause.kind === 'gone' && cause.status === undefined && error.code === 'server_down' && !cause.notSent) {
    throw new EndedOnProbe(cause.message, { cause: error });
  }
  if (cause.kind === 'not_found' || cause.kind === 'bad_answer' || cause.kind === 'session_lost') return 'legacy';
  throw error;
}

function versionMismatch(supported: readonly string[]): 'legacy' {
  if (supported.includes(MODERN_VERSION)) {
    throw new UpstreamError('server_down', `it refused MCP version ${MODERN_VERSION}, which it says it speaks.`, {
      notSent: true,
    });
  }
  if (supported.length === 0 || supported.some((version) => LEGACY_VERSIONS.has(version))) return 'legacy';
  throw new UpstreamError(
    'server_down',
    `it speaks only versions of MCP that Gatehouse does not know (${supported.join(', ').slice(0, 200)}). Update Gatehouse.`,
    { notSent: true },
  );
}

async function initialize(options: Negotiation): Promise<Session> {
  const { connection, link, clientInfo, signal } = options;
  const params = { protocolVersion: LEGACY_OFFER, capabilities: LEGACY_CAPABILITIES, clientInfo: { ...clientInfo } };
  const { value: result } = await connection.request(
    'initialize',
    { params },
    { signal, timeoutMs: null, cancellable: false },
  );
  const agreed = initializeSchema.safeParse(result);
  if (!agreed.success || !LEGACY_VERSIONS.has(agreed.data.protocolVersion)) {
    const version = agreed.success ? agreed.data.protocolVersion.slice(0, 50) : 'none';
    throw new UpstreamError('server_down', `it answered with MCP version ${version}, which Gatehouse does not speak.`, {
      notSent: true,
    });
  }
  link.agreeOn(agreed.data.protocolVersion);
  connection.notify('notifications/initialized');
  return {
    era: 'legacy',
    protocolVersion: agreed.data.protocolVersion,
    serverInfo: objectOrNull(result.serverInfo),
    capabilities: objectOrNull(result.capabilities) ?? {},
    instructions: textOrNull(result.instructions),
  };
}

/** Resolves after a time without an answer, or when the start is given up. */
function silence({ timers, signal }: Negotiation, ms: number): Promise<'silent'> {
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve('silent');
    };
    const cancel = timers.after(ms, done);
    signal.addEventListener('abort', done, { once: true });
  });
}

function objectOrNull(value: unknown): JsonObject | null {
  return isJsonObject(value) ? value : null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
