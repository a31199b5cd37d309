/** The methods of the protocol, for both eras: what a message asks for and how it is answered. */
import type { AppIdentity, Profile, Profiles } from '../policy/index.ts';
import type { Target } from './front-door.ts';
import type { ListKind } from './list-pages.ts';
import { errorFrame, isLogLevel, META, MODERN_VERSION, RPC, resultFrame } from './protocol.ts';
import type { RelayedMethods } from './relayed-methods.ts';
import type { Request } from './request.ts';
import type { Surfaces } from './surfaces.ts';
import type { CallTool } from './tool-calls.ts';

export interface MethodsOptions {
  readonly callTool: CallTool;
  readonly relayed: RelayedMethods;
  readonly surfaces: Surfaces;
  readonly profiles: Pick<Profiles, 'get'>;
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

export function createMethods({ callTool, relayed, surfaces, profiles, version }: MethodsOptions): Methods {
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

  const emptyResult = ({ caller }: Request): string => (caller.era === 'modern' ? modernFields(false) : '{}');

  const send = (request: Request, resultJson: string): true => {
    request.reply.send(resultFrame(request.id, resultJson));
    return true;
  };
  const fail = (request: Request, code: number, message: string): true => {
    request.reply.send(errorFrame(request.id, code, message));
    return true;
  };

  const list = (request: Request, kind: ListKind): true => {
    const { caller, params, target } = request;
    const page = surfaces.page(kind, profileOf(caller.app), target, params.cursor);
    if (!page)
      return fail(request, RPC.invalidParams, 'This cursor is not one of this list. Ask for the list without one.');
    const next = page.nextCursor === null ? '' : `,"nextCursor":${JSON.stringify(page.nextCursor)}`;
    const more = caller.era === 'modern' ? `,${modernFields(true).slice(1)}` : '}';
    return send(request, `{${JSON.stringify(kind)}:${page.json}${next}${more}`);
  };

  const serve = async (request: Request): Promise<boolean> => {
    switch (request.method) {
      case 'tools/call':
        await callTool(request);
        return true;
      case 'tools/list':
        return list(request, 'tools');
      case 'prompts/list':
        return list(request, 'prompts');
      case 'resources/list':
        return list(request, 'resources');
      case 'resources/templates/list':
        return list(request, 'resourceTemplates');
    }
    if (await relayed.serve(request)) return true;
    return request.caller.era === 'modern' ? serveModern(request) : serveLegacy(request);
  };

  const serveModern = (request: Request): boolean => {
    if (request.method !== 'server/discover') return false;
    const instructions = surfaces.instructions(profileOf(request.caller.app), request.target);
    return send(
      request,
      JSON.stringify({
        supportedVersions: [MODERN_VERSION],
        capabilities: surfaces.capabilities(request.target),
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
        capabilities: surfaces.capabilities(target),
        serverInfo,
        ...(instructions !== undefined && { instructions }),
      });
    },
  };
}
