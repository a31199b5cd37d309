/** Builds the MCP endpoint out of its parts and keeps it in step with apps, approvals and profiles. */
import { randomUUID } from 'node:crypto';
import { splitOfferId } from '@shared/words.ts';
import type { Approvals, ToolRecord } from '../approvals/index.ts';
import type { Apps } from '../apps/index.ts';
import type { Asking } from '../asking/index.ts';
import type { AuditLog } from '../audit/index.ts';
import type { Discovery } from '../discovery/index.ts';
import type { Guards } from '../guards/index.ts';
import type { Intake } from '../intake/index.ts';
import {
  type AppIdentity,
  createArgumentCheck,
  createSnapshots,
  type DayCounts,
  type Decision,
  decide,
  type Gate,
  LoopWatch,
  type Profile,
  type Profiles,
} from '../policy/index.ts';
import type { SettingsStore } from '../settings/index.ts';
import type { Upstreams } from '../upstreams/index.ts';
import { AllowedRounds } from './allowed-rounds.ts';
import { type Endpoint, type EndpointTimes, listenOn } from './endpoint.ts';
import { Exchanges } from './exchanges.ts';
import type { Target } from './front-door.ts';
import { GivenLinks } from './given-links.ts';
import { HeldCalls, type HeldCallsOptions } from './held-calls.ts';
import { createHttpEntry } from './http-entry.ts';
import { KeptStreams } from './kept-streams.ts';
import { createLegacyEra } from './legacy-era.ts';
import { ListChanges, type MarkOf } from './list-changes.ts';
import { createListen } from './listen.ts';
import { createMethods } from './methods.ts';
import { createModernEra } from './modern-era.ts';
import { createOwnTools } from './own-tools.ts';
import { createPipeline } from './pipeline.ts';
import { MODERN_VERSION } from './protocol.ts';
import { createRelayedMethods } from './relayed-methods.ts';
import { RequestStates } from './request-state.ts';
import { ResourceFollowing } from './resource-following.ts';
import { createResourceSubscriptions } from './resource-subscriptions.ts';
import { createResultStore } from './result-store.ts';
import { Sessions } from './sessions.ts';
import { Streams } from './streams.ts';
import { createSurfaces } from './surfaces.ts';
import { createToolCalls } from './tool-calls.ts';
import { Usage } from './usage.ts';

export interface GatewayLog {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface GatewayOptions {
  readonly apps: Pick<Apps, 'authenticate' | 'touch' | 'list' | 'onChange'>;
  readonly approvals: Pick<Approvals, 'tool' | 'tools' | 'server' | 'servers' | 'noteRefused' | 'onChange'>;
  readonly asking: Pick<Asking, 'ask' | 'use' | 'grantsFor' | 'endSession'>;
  readonly audit: Pick<AuditLog, 'beginShared' | 'endShared'>;
  /** Milliseconds since epoch. */
  readonly clock: () => number;
  readonly dayCounts: DayCounts;
  readonly discovery: Pick<Discovery, 'search'>;
  readonly gate: Gate;
  readonly guards: Pick<Guards, 'follow' | 'log'>;
  /** The person's home folder, absolute. */
  readonly home: string;
  readonly intake: Pick<Intake, 'ensureCurrent'>;
  readonly log: GatewayLog;
  readonly profiles: Pick<Profiles, 'get' | 'rules' | 'onChange'>;
  /** Folder for results that are read page by page; emptied at start and at the end. */
  readonly resultsDir: string;
  /** Milliseconds a server's calls may take, where servers.json says so. */
  readonly serverTimeoutMs: (server: string) => number | undefined;
  readonly settings: Pick<SettingsStore, 'get'>;
  readonly upstreams: Pick<
    Upstreams,
    'request' | 'status' | 'instanceFor' | 'endSession' | 'rootsChanged' | 'watchResource'
  >;
  readonly version: string;
  /** For tests. Milliseconds on a clock that is never set back. */
  readonly monotonic?: () => number;
  /** For tests. Between 0 and 1. */
  readonly random?: () => number;
  /** For tests. */
  readonly newId?: () => string;
  /** For tests. Milliseconds a listen stream waits for servers to take on subscriptions. */
  readonly ackWaitMs?: number;
  /** For tests. Runs work after so many milliseconds, unless it is disposed of before. */
  readonly after?: HeldCallsOptions['after'];
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
  /**
   * What would happen to a call of this app now: the same snapshot and the same `decide()` as for a real one. Nothing is
   * sent, counted or recorded.
   */
  explain(app: AppIdentity, offerId: string, args: unknown): Promise<Decision>;
  /** What a profile's apps get to see: approved offers only, and the tool list as they would receive it. */
  sight(profile: Profile): Sight;
}

export interface Sight {
  readonly tools: readonly ToolRecord[];
  readonly prompts: readonly ToolRecord[];
  readonly resources: readonly ToolRecord[];
  /** Characters of the tool list, over all its pages. */
  readonly menuChars: number;
}

export function createGateway(options: GatewayOptions): Gateway {
  const { apps, approvals, clock, log, profiles, version } = options;
  const monotonic = options.monotonic ?? (() => performance.now());
  const results = createResultStore({ dir: options.resultsDir, clock });
  const surfaces = createSurfaces(approvals);
  const changes = new ListChanges();
  const streams = new Streams({ changes, serverInfo: { name: 'gatehouse', version } });
  const after = options.after ?? afterTimeout;
  const newId = options.newId ?? randomUUID;
  const kept = new KeptStreams({ after, newId });
  const sessions = new Sessions((session) => {
    kept.forget(session);
    options.upstreams.endSession(session);
    options.asking.endSession(session);
  }, clock);
  const exchanges = new Exchanges(monotonic);
  const links = new GivenLinks();
  const held = new HeldCalls({
    after,
    clock,
    gate: options.gate,
    isStateless: (server) => (approvals.server(server)?.protocolVersion ?? MODERN_VERSION) >= MODERN_VERSION,
    newId,
    states: new RequestStates(),
  });
  const argumentCheck = createArgumentCheck();
  const usage = new Usage();
  const loops = new LoopWatch();
  const snapshots = createSnapshots({
    ...options,
    argumentCheck,
    grantsFor: (app) => options.asking.grantsFor(app),
    loops,
    usage,
  });
  const pipeline = createPipeline({
    ...options,
    after,
    argumentCheck,
    loops,
    snapshots,
    held,
    monotonic,
    newId,
    serverInfoJson: JSON.stringify({ name: 'gatehouse', title: 'Gatehouse', version }),
    random: options.random ?? Math.random,
    results,
    rounds: new AllowedRounds(clock),
    usage,
  });
  const answerOwn = createOwnTools({ ...options, results });
  const finder = { approvals, links };
  const profileOf = (app: AppIdentity): Profile | null => profiles.get(app.profile) ?? null;
  const relayed = createRelayedMethods({ finder, links, pipeline, profileOf, surfaces });
  const callTool = createToolCalls({ answerOwn, approvals, links, pipeline, profileOf, surfaces });
  const methods = createMethods({ callTool, relayed, surfaces, profiles, version });

  // A stream may live longer than the profile its app had when it was opened.
  const profileNow = (app: AppIdentity): Profile | null =>
    profileOf({ ...app, profile: apps.list().find((known) => known.id === app.id)?.profile ?? app.profile });
  const marksFor =
    (app: AppIdentity, target: Target): MarkOf =>
    (list) => {
      const profile = profileNow(app);
      const mark = surfaces.mark(list, profile, target);
      return list === 'resources' ? `${mark} ${surfaces.mark('resourceTemplates', profile, target)}` : mark;
    };
  const following = new ResourceFollowing({ ...options, finder, monotonic, pipeline, profileNow, surfaces });
  const subscriptions = createResourceSubscriptions(following);
  const legacy = createLegacyEra({ ...options, exchanges, kept, methods, sessions, streams, subscriptions, marksFor });
  const { ackWaitMs } = options;
  const listen = createListen({
    following,
    marksFor,
    streams,
    surfaces,
    ...(ackWaitMs !== undefined && { ackWaitMs }),
  });
  const serveModern = createModernEra({ apps, exchanges, methods, listen });
  const handle = createHttpEntry({
    authenticate: (token) => apps.authenticate(token),
    exists: (app, target) => surfaces.exists(methods.profileOf(app), target),
    serveMessage: (classified, post) =>
      classified.kind === 'modern'
        ? serveModern(classified.message, classified.meta, post)
        : legacy.servePost(classified.message, post),
    serveResponse: (response, post) => legacy.serveResponse(response, post),
    serveBatch: (messages, post) => legacy.serveBatch(messages, post),
    serveSession: (method, admitted) => legacy.serveSession(method, admitted),
    monotonic,
    log,
  });
  let endpoint: Endpoint | undefined;

  const endEverythingOf = (app: string): void => {
    exchanges.end('app-removed', app);
    held.endAll('app-removed', app);
    sessions.endAllOf(app);
    for (const stream of streams.all()) if (stream.app === app) stream.end();
    links.forget(app);
  };

  let tokens = tokensOf(apps);
  const changesHeard = new DisposableStack();
  const refresh = (): void => {
    surfaces.refresh();
    changes.poke();
  };
  changesHeard.use(approvals.onChange(refresh));
  changesHeard.use(profiles.onChange(refresh));
  changesHeard.use(
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
    held.endAll('stopping');
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
    async explain(app, offerId, args) {
      await argumentCheck.ready();
      const kind = splitOfferId(offerId)?.kind ?? 'tool';
      const offer = approvals.tool(offerId);
      const guard = options.guards.follow({
        owner: { app: app.id, sessionId: null },
        callId: 'explained',
        tool: offerId,
        server: offer?.server ?? null,
        labels: offer?.labels ?? [],
        sent: [JSON.stringify(args ?? {})],
      });
      const guardFacts = (at: number) => guard.facts(at);
      const subject = { app, offerId, ofServer: null, loopOwner: `${app.id}\n`, loopMark: () => '', guardFacts };
      const call = { id: newId(), app, toolId: offerId, kind, claimedEffect: null, arguments: args };
      return decide(call, snapshots.of(subject, 0), { now: clock(), micros: () => 0 });
    },
    sight(profile) {
      const view = surfaces.view(profile, { kind: 'profile' });
      const pageOf = (cursor?: string) => surfaces.page('tools', profile, { kind: 'profile' }, cursor);
      let menuChars = 0;
      for (let page = pageOf(); page; page = page.nextCursor === null ? undefined : pageOf(page.nextCursor)) {
        menuChars += page.json.length;
      }
      return {
        tools: view?.open('tool') ?? [],
        prompts: view?.open('prompt') ?? [],
        resources: view ? [...view.open('resource'), ...view.open('template')] : [],
        menuChars,
      };
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
      changesHeard.dispose();
      await close();
      exchanges[Symbol.dispose]();
      streams[Symbol.dispose]();
      following[Symbol.dispose]();
      changes[Symbol.dispose]();
      await results[Symbol.asyncDispose]();
    },
  };
}

const afterTimeout: HeldCallsOptions['after'] = (ms, work) => {
  const timer = setTimeout(work, ms);
  timer.unref();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
};

/** The tokens that count now, as far as they can be told apart; a replaced one ends what was opened with it. */
function tokensOf(apps: Pick<Apps, 'list'>): Map<string, string> {
  const valid = apps.list().filter((app) => app.revokedAt === null);
  return new Map(valid.map((app) => [app.id, `${app.createdAt} ${app.tokenHint}`]));
}
