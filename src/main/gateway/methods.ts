/** The methods of the protocol, for both eras: what a message asks for and how it is answered. */
import type { AppIdentity, Profile, Profiles } from '../policy/index.ts';
import { CALL_TOOLS } from './agent-menu.ts';
import type { Target } from './front-door.ts';
import type { AnswerOwn } from './own-tools.ts';
import type { Caller, CallLine, CallOutcome, Pipeline } from './pipeline.ts';
import {
  errorFrame,
  isLogLevel,
  isObject,
  isRpcId,
  isWanted,
  type JsonObject,
  type LogLevel,
  META,
  MODERN_VERSION,
  notificationFrame,
  RPC,
  type RpcId,
  resultFrame,
} from './protocol.ts';
import type { Reply } from './reply.ts';
import type { Surfaces } from './surfaces.ts';

/** One request with an id, admitted and classified. */
export interface Request {
  readonly id: RpcId;
  readonly method: string;
  readonly params: JsonObject;
  readonly target: Target;
  readonly caller: Caller;
  /** The client asked for log messages of this level and graver. */
  readonly logLevel: LogLevel | null;
  /** Aborted with a CancelReason when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  readonly reply: Reply;
}

export interface MethodsOptions {
  readonly pipeline: Pipeline;
  readonly surfaces: Surfaces;
  readonly profiles: Pick<Profiles, 'get'>;
  readonly answerOwn: AnswerOwn;
  readonly version: string;
}

export interface Methods {
  /** Answers a request on its reply. False when the era has no such method. */
  serve(request: Request): Promise<boolean>;
  /** The result of a legacy `initialize`, as JSON text. */
  initialize(app: AppIdentity, target: Target, protocolVersion: string): string;
  profileOf(app: AppIdentity): Profile | null;
}

/** Milliseconds a client of the stateless revision may reuse a list; calls are checked anyway. */
const LIST_TTL_MS = 5_000;

const CAPABILITIES = { tools: { listChanged: true } };

export function createMethods({ pipeline, surfaces, profiles, answerOwn, version }: MethodsOptions): Methods {
  const serverInfo = { name: 'gatehouse', title: 'Gatehouse', version };
  const serverMeta = { [META.serverInfo]: serverInfo };
  const profileOf = (app: AppIdentity): Profile | null => profiles.get(app.profile) ?? null;

  /** What every result of the stateless revision carries besides its own fields. */
  const modernFields = (cached: boolean): string =>
    JSON.stringify({
      resultType: 'complete',
      ...(cached && { ttlMs: LIST_TTL_MS, cacheScope: 'private' }),
      _meta: serverMeta,
    });

  const listResult = ({ caller }: Request, key: string, json: string): string =>
    caller.era === 'modern' ? `{${quoted(key)}:${json},${modernFields(true).slice(1)}` : `{${quoted(key)}:${json}}`;

  const emptyResult = ({ caller }: Request): string => (caller.era === 'modern' ? modernFields(false) : '{}');

  const send = (request: Request, resultJson: string): true => {
    request.reply.send(resultFrame(request.id, resultJson));
    return true;
  };
  const fail = (request: Request, code: number, message: string): true => {
    request.reply.send(errorFrame(request.id, code, message));
    return true;
  };

  const list = (request: Request, key: string, json: string): true =>
    // Every list is one page, so no cursor was ever given out.
    request.params.cursor === undefined
      ? send(request, listResult(request, key, json))
      : fail(request, RPC.invalidParams, 'This cursor is not valid. Ask for the list without one.');

  const callTool = async (request: Request): Promise<true> => {
    const { name, arguments: args } = request.params;
    if (typeof name !== 'string') return fail(request, RPC.invalidParams, 'tools/call needs the name of a tool.');
    if (args !== undefined && !isObject(args))
      return fail(request, RPC.invalidParams, 'The arguments must be an object.');
    const outcome = await outcomeOf(request, name, args);
    if (outcome === null) {
      request.reply.finish();
      return true;
    }
    const { resultJson, hasType } = outcome;
    const typed = request.caller.era === 'modern' && !hasType ? withType(resultJson) : resultJson;
    return send(request, typed);
  };

  const outcomeOf = (request: Request, name: string, args: JsonObject | undefined): Promise<CallOutcome> => {
    const { caller, target } = request;
    const profile = profileOf(caller.app);
    const meaning = surfaces.meaningOf(name, args, profile, target);
    const line = lineOf(request);
    if (meaning.kind === 'own') {
      return pipeline.callOwn(caller, meaning.tool, args, line, async () => {
        // The pipeline let this app pass, so it has a profile.
        if (!profile) throw new Error(`${caller.app.id} passed without a profile`);
        return answerOwn(meaning.tool, args, caller.app.id, profile);
      });
    }
    if (meaning.kind === 'incomplete') {
      const { message } = meaning;
      return pipeline.callOwn(caller, name, args, line, async () => ({
        kind: 'refusal',
        refusal: { code: 'invalid_arguments', message, retryable: false, whoCanFix: 'agent' },
      }));
    }
    const { kind: _kind, ...use } = meaning;
    const shown = CALL_TOOLS.has(name) ? (use.toolId ?? name) : name;
    return pipeline.callTool(caller, { ...use, name: shown, meta: forwardedMeta(request.params._meta) }, line);
  };

  const serve = async (request: Request): Promise<boolean> => {
    switch (request.method) {
      case 'tools/call':
        return callTool(request);
      case 'tools/list':
        return list(request, 'tools', surfaces.list(profileOf(request.caller.app), request.target));
      case 'prompts/list':
        return list(request, 'prompts', '[]');
      case 'resources/list':
        return list(request, 'resources', '[]');
      case 'resources/templates/list':
        return list(request, 'resourceTemplates', '[]');
    }
    return request.caller.era === 'modern' ? serveModern(request) : serveLegacy(request);
  };

  const serveModern = (request: Request): boolean => {
    if (request.method !== 'server/discover') return false;
    const instructions = surfaces.instructions(profileOf(request.caller.app), request.target);
    return send(
      request,
      JSON.stringify({
        supportedVersions: [MODERN_VERSION],
        capabilities: CAPABILITIES,
        ...(instructions !== undefined && { instructions }),
        resultType: 'complete',
        ttlMs: LIST_TTL_MS,
        cacheScope: 'private',
        _meta: serverMeta,
      }),
    );
  };

  const serveLegacy = (request: Request): boolean => {
    switch (request.method) {
      case 'ping':
        return send(request, emptyResult(request));
      case 'logging/setLevel':
        return isLogLevel(request.params.level)
          ? send(request, emptyResult(request))
          : fail(request, RPC.invalidParams, 'The level must be one of the eight syslog names.');
      default:
        return false;
    }
  };

  return {
    serve,
    profileOf,
    initialize(app, target, protocolVersion) {
      const instructions = surfaces.instructions(profileOf(app), target);
      return JSON.stringify({
        protocolVersion,
        capabilities: { ...CAPABILITIES, logging: {} },
        serverInfo,
        ...(instructions !== undefined && { instructions }),
      });
    },
  };
}

const quoted = (key: string): string => JSON.stringify(key);

/** Adds the `resultType` the stateless revision asks for, at the front, so that the rest stays as it came. */
function withType(resultJson: string): string {
  return resultJson === '{}' ? '{"resultType":"complete"}' : `{"resultType":"complete",${resultJson.slice(1)}`;
}

/** `_meta` for the next hop: everything but the progress token and the envelope, which belong to this hop. */
function forwardedMeta(meta: unknown): JsonObject | undefined {
  if (!isObject(meta)) return undefined;
  const kept = Object.entries(meta).filter(([key]) => key !== 'progressToken' && !HOP_KEYS.has(key));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

const HOP_KEYS = new Set<string>(Object.values(META));

/** Connects a call to the client's wishes: progress when it gave a token, log messages when it named a level. */
function lineOf({ params, reply, signal, logLevel, caller }: Request): CallLine {
  const meta = isObject(params._meta) ? params._meta : {};
  const progressToken = isRpcId(meta.progressToken) ? meta.progressToken : undefined;
  const wanted = caller.era === 'modern' ? (isLogLevel(meta[META.logLevel]) ? meta[META.logLevel] : null) : logLevel;
  return {
    signal,
    ...(progressToken !== undefined && {
      onProgress: (progress: Record<string, unknown>) =>
        reply.notify(notificationFrame('notifications/progress', { ...progress, progressToken })),
    }),
    ...(isLogLevel(wanted) && {
      onLog: (message: Record<string, unknown>) => {
        if (isWanted(message.level, wanted)) reply.notify(notificationFrame('notifications/message', message));
      },
    }),
  };
}
