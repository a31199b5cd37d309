/** Builds the MCP endpoint out of its parts and keeps it in step with apps, approvals and profiles. */
import { randomUUID } from 'node:crypto';
import type { Approvals } from '../approvals/index.ts';
import type { Apps } from '../apps/index.ts';
import type { AuditLog } from '../audit/index.ts';
import type { Discovery } from '../discovery/index.ts';
import type { Intake } from '../intake/index.ts';
import { type AppIdentity, createArgumentCheck, type Gate, type Profiles } from '../policy/index.ts';
import type { SettingsStore } from '../settings/index.ts';
import type { Upstreams } from '../upstreams/index.ts';
import { type Endpoint, type EndpointTimes, listenOn } from './endpoint.ts';
import { Exchanges } from './exchanges.ts';
import type { Target } from './front-door.ts';
import { createHttpEntry } from './http-entry.ts';
import { createLegacyEra } from './legacy-era.ts';
import { ListChanges } from './list-changes.ts';
import { createMethods } from './methods.ts';
import { createModernEra } from './modern-era.ts';
import { createOwnTools } from './own-tools.ts';
import { createPipeline } from './pipeline.ts';
import { createResultStore } from './result-store.ts';
import { Sessions } from './sessions.ts';
import { Streams } from './streams.ts';
import { createSurfaces } from './surfaces.ts';
import { Usage } from './usage.ts';

export interface GatewayLog {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface GatewayOptions {
  readonly apps: Pick<Apps, 'authenticate' | 'touch' | 'list' | 'onChange'>;
  readonly approvals: Pick<Approvals, 'tool' | 'tools' | 'server' | 'noteRefused' | 'onChange'>;
  readonly audit: Pick<AuditLog, 'begin' | 'end'>;
  /** Milliseconds since epoch. */
  readonly clock: () => number;
  readonly discovery: Pick<Discovery, 'search'>;
  readonly gate: Gate;
  readonly intake: Pick<Intake, 'ensureCurrent'>;
  readonly log: GatewayLog;
  readonly profiles: Pick<Profiles, 'get' | 'onChange'>;
  /** Folder for results that are read page by page; emptied at start and at the end. */
  readonly resultsDir: string;
  /** Milliseconds a server's calls may take, where servers.json says so. */
  readonly serverTimeoutMs: (server: string) => number | undefined;
  readonly settings: Pick<SettingsStore, 'get'>;
  readonly upstreams: Pick<Upstreams, 'request' | 'status'>;
  readonly version: string;
  /** For tests. Milliseconds on a clock that is never set back. */
  readonly monotonic?: () => number;
  /** For tests. Between 0 and 1. */
  readonly random?: () => number;
  /** For tests. */
  readonly newId?: () => string;
  /** For tests. How long a request may take to arrive. */
  readonly times?: EndpointTimes;
}

/** An app that is connected now: a session, or an open stream of a client without sessions. */
export interface ConnectedApp {
  readonly app: string;
  readonly client: string | null;
  readonly era: 'modern' | 'legacy';
}

export interface Gateway extends AsyncDisposable {
  /**
   * Listens on 127.0.0.1; port 0 takes any free one. When it listens already, it moves: the old port closes once the new one
   * is open. Throws PortTakenError.
   */
  listen(options: { port: number }): Promise<{ port: number; endpoint: string }>;
  /** Stops listening, cancels calls in flight and ends every session. */
  close(): Promise<void>;
  address(): { port: number; endpoint: string } | null;
  sessions(): readonly ConnectedApp[];
}

export function createGateway(options: GatewayOptions): Gateway {
  const { apps, approvals, clock, log, profiles, version } = options;
  const monotonic = options.monotonic ?? (() => performance.now());
  const results = createResultStore({ dir: options.resultsDir, clock });
  const surfaces = createSurfaces(approvals);
  const changes = new ListChanges();
  const streams = new Streams({ changes, serverInfo: { name: 'gatehouse', version } });
  const sessions = new Sessions();
  const exchanges = new Exchanges(monotonic);
  const pipeline = createPipeline({
    ...options,
    argumentCheck: createArgumentCheck(),
    monotonic,
    newId: options.newId ?? randomUUID,
    random: options.random ?? Math.random,
    results,
    usage: new Usage(),
  });
  const answerOwn = createOwnTools({ ...options, results });
  const methods = createMethods({ pipeline, surfaces, profiles, answerOwn, version });

  const listFor = (app: AppIdentity, target: Target) => (): string => {
    // A stream may live longer than the profile its app had when it was opened.
    const profile = apps.list().find((known) => known.id === app.id)?.profile ?? app.profile;
    return surfaces.list(methods.profileOf({ ...app, profile }), target);
  };
  const legacy = createLegacyEra({ apps, exchanges, methods, sessions, streams, listFor });
  const serveModern = createModernEra({ apps, exchanges, methods, streams, listFor });
  const handle = createHttpEntry({
    authenticate: (token) => apps.authenticate(token),
    exists: (app, target) => surfaces.exists(methods.profileOf(app), target),
    serveMessage: (classified, post) =>
      classified.kind === 'modern'
        ? serveModern(classified.message, classified.meta, post)
        : legacy.servePost(classified.message, post),
    serveSession: (method, admitted) => legacy.serveSession(method, admitted),
    monotonic,
    log,
  });
  let endpoint: Endpoint | undefined;

  const endEverythingOf = (app: string): void => {
    exchanges.end('app-removed', app);
    sessions.endAllOf(app);
    for (const stream of streams.all()) if (stream.app === app) stream.end();
  };

  let tokens = tokensOf(apps);
  const subscriptions = new DisposableStack();
  const refresh = (): void => {
    surfaces.refresh();
    changes.poke();
  };
  subscriptions.use(approvals.onChange(refresh));
  subscriptions.use(profiles.onChange(refresh));
  subscriptions.use(
    apps.onChange(() => {
      const now = tokensOf(apps);
      for (const [app, token] of tokens) if (now.get(app) !== token) endEverythingOf(app);
      tokens = now;
      changes.poke();
    }),
  );

  const addressOf = (port: number) => ({ port, endpoint: `http://127.0.0.1:${port}/mcp` });

  const close = async (): Promise<void> => {
    exchanges.end('stopping');
    for (const session of sessions.all()) sessions.end(session);
    for (const stream of streams.all()) stream.end();
    const stopping = endpoint;
    endpoint = undefined;
    await stopping?.[Symbol.asyncDispose]();
  };

  return {
    async listen({ port }) {
      if (endpoint && port === endpoint.port) return addressOf(port);
      const opened = await listenOn(port, handle, options.times);
      if (endpoint) await close();
      endpoint = opened;
      const address = addressOf(opened.port);
      log.info(address, 'The endpoint listens');
      return address;
    },
    close,
    address: () => (endpoint ? addressOf(endpoint.port) : null),
    sessions() {
      const legacy = sessions.all().map(({ app, client }) => ({ app, client, era: 'legacy' as const }));
      const known = new Set(sessions.all().map((session) => session.app));
      const modern = streams.all().filter((stream) => !known.has(stream.app));
      return [...legacy, ...modern.map(({ app, client }) => ({ app, client, era: 'modern' as const }))];
    },
    async [Symbol.asyncDispose]() {
      subscriptions.dispose();
      await close();
      exchanges[Symbol.dispose]();
      streams[Symbol.dispose]();
      changes[Symbol.dispose]();
      await results[Symbol.asyncDispose]();
    },
  };
}

/** The tokens that count now, as far as they can be told apart; a replaced one ends what was opened with it. */
function tokensOf(apps: Pick<Apps, 'list'>): Map<string, string> {
  const valid = apps.list().filter((app) => app.revokedAt === null);
  return new Map(valid.map((app) => [app.id, `${app.createdAt} ${app.tokenHint}`]));
}
