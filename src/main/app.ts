/**
 * Composition root: builds every service once, hands each what it needs, starts them in order and stops them in the
 * opposite order. No service finds another by itself.
 */
import { createHash, randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { RPCHandler as PortHandler } from '@orpc/server/message-port';
import { RPCHandler as SocketHandler } from '@orpc/server/ws';
import type { GatehouseEvent, Status } from '@shared/contract/index.ts';
import type { Actor } from '@shared/words.ts';
import {
  askAboutHeldPolicy,
  createConfirmations,
  createEventHub,
  createRouter,
  createStatusSource,
  createSummaries,
  reportLogCheck,
  type Services,
} from './api/index.ts';
import { createApprovals } from './approvals/index.ts';
import { createApps } from './apps/index.ts';
import { createAnswerRows, createAsking } from './asking/index.ts';
import { createAuditLog } from './audit/index.ts';
import { createCatalog } from './catalog/index.ts';
import { createDiscovery } from './discovery/index.ts';
import { createGateway, PortTakenError } from './gateway/index.ts';
import { createGuards } from './guards/index.ts';
import { createIntake } from './intake/index.ts';
import { createDayCounts, createGate, createProfiles } from './policy/index.ts';
import { ensurePrivateDir } from './runtime/index.ts';
import { createFileVault, type KeyStore, secretNamesIn, watchStoredSecrets } from './secrets/index.ts';
import { createSettings, type SettingsStore } from './settings/index.ts';
import { createKeptState, OwedWrites, openStorage } from './storage/index.ts';
import {
  createServerConfigs,
  createSignIns,
  createUpstreams,
  endOrphans,
  isSignInOf,
  isSignInSecret,
} from './upstreams/index.ts';

/** The part of a pino logger the rooms use. */
export interface AppLog {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface AppOptions {
  readonly mode: 'desktop' | 'headless';
  readonly dataDir: string;
  readonly version: string;
  readonly log: AppLog;
  /** Overrides the port in the settings; 0 takes any free one. */
  readonly port?: number;
  /** Lets the command line widen access without a person's confirmation. */
  readonly cliAdmin?: boolean;
  /** Keeps the vault's key somewhere better than a file (the desktop's keychain). */
  readonly keyStore?: KeyStore;
  /** The desktop brings electron-store; headless uses conf. */
  readonly settings?: SettingsStore;
  /** Makes one-time console addresses; headless only. Set after the console listens. */
  readonly console?: { address(): string | null; login(): string | null };
  /** What to do when the port is taken: fail the start, or go on with the gate down and say so. */
  readonly whenPortTaken: 'fail' | 'report';
}

export type GatehouseApp = Awaited<ReturnType<typeof createApp>>;

/** Above this, shutdown says which service is slow. Milliseconds. */
const SLOW_STOP_MS = 2_000;

/**
 * Builds and starts Gatehouse without any front. Throws when the data folder cannot be used, or when the port is taken
 * and `whenPortTaken` is `fail`; everything built until then is stopped again.
 */
export async function createApp(options: AppOptions) {
  const { dataDir, log, mode, version } = options;
  const clock = Date.now;
  await using building = new AsyncDisposableStack();
  const own = <T extends Disposable | AsyncDisposable>(name: string, resource: T): T => {
    building.defer(() => stopped(name, resource, log));
    return resource;
  };

  await ensurePrivateDir(dataDir);
  const storage = own('storage', openStorage({ dataDir, clock }));
  const { db } = storage;
  const keyStore = options.keyStore && { keyStore: options.keyStore };
  const { vault: watched, stored } = await watchStoredSecrets(
    await createFileVault({ dir: dataDir, ...keyStore, clock }),
  );
  const vault = own('secrets', watched);
  const settings = own('settings', options.settings ?? createSettings({ dir: dataDir, log }));
  const kept = createKeptState({ db, sealKey: await vault.key('kept state'), isNew: storage.isNew });
  const events = own('events', createEventHub());
  const owed = own('owed writes', new OwedWrites({ warn: (facts, message) => log.warn(facts, message) }));
  const configs = own('configs', await createServerConfigs({ file: join(dataDir, 'servers.json'), log }));
  const guards = createGuards({
    stored,
    key: await vault.key('secret marks'),
    ownersOf: (name) => serversGiven(name, configs.all()),
  });
  const audit = own(
    'audit',
    createAuditLog({ db, clock, kept, log, owed, journalFile: join(dataDir, 'calls.journal'), redaction: guards.log }),
  );
  const approvals = own(
    'approvals',
    createApprovals({ db, clock, sealKey: await vault.key('approvals'), audit, log, owed }),
  );
  const apps = own('apps', createApps({ db, clock, sealKey: await vault.key('apps'), log, owed }));
  const asking = own(
    'asking',
    createAsking({
      rows: createAnswerRows(db, await vault.key('remembered answers')),
      approvals,
      apps,
      audit,
      clock,
      newId: randomUUID,
      owed,
      log,
    }),
  );
  const gate = own('gate', createGate({ kept, clock, audit, log, owed }));
  const policyFile = join(dataDir, 'policy.json');
  const profiles = own(
    'profiles',
    await createProfiles({
      file: policyFile,
      log,
      kept,
      trustsFile: options.cliAdmin === true,
    }),
  );
  const owner = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const orphans = endOrphans(owner);
  if (orphans > 0)
    log.warn({ orphans }, 'Processes of servers were still running after an earlier crash and were ended');
  // A sign-in is no value for a config: a reference to one would hand its tokens to another server.
  const resolveSecret = async (name: string) => (isSignInSecret(name) ? undefined : vault.get(name));
  const signIns = own(
    'sign-ins',
    createSignIns({ vault, resolveSecret, clock, warn: (facts, message) => log.warn(facts, message) }),
  );
  const upstreams = own(
    'upstreams',
    createUpstreams({
      resolveSecret,
      authorizationFor: (server, config, url) => signIns.authorizationFor(server, config, url),
      clock,
      log,
      clientInfo: { name: 'gatehouse', version },
      kept,
      owner,
    }),
  );
  const discovery = own(
    'discovery',
    await createDiscovery({ workerFile: new URL('./discovery-worker.js', import.meta.url), log }),
  );
  const intake = own(
    'intake',
    createIntake({ configs, approvals, upstreams, discovery, kept, trustsFile: options.cliAdmin === true, log }),
  );
  const gateway = own(
    'gateway',
    createGateway({
      apps,
      approvals,
      asking,
      audit,
      clock,
      dayCounts: createDayCounts({ kept, log }),
      discovery,
      gate,
      guards,
      home: homedir(),
      intake,
      log,
      profiles,
      resultsDir: join(dataDir, 'results'),
      serverTimeoutMs: (server) => configs.all().get(server)?.gatehouse?.callTimeoutMs,
      settings,
      upstreams,
      version,
    }),
  );
  const catalog = createCatalog();

  const summaries = createSummaries({
    approvals,
    apps,
    audit,
    configs,
    intake,
    upstreams,
    signIns,
    gate,
    sessionsOf: (app) => gateway.sessions().filter((session) => session.app === app).length,
    clock,
  });
  const status = createStatusSource({
    approvals,
    apps,
    audit,
    configs,
    gate,
    profiles,
    summaries,
    facts: {
      version,
      pid: process.pid,
      mode,
      platform: process.platform,
      dataDir,
      startedAt: clock(),
      cliAdmin: options.cliAdmin === true,
    },
    endpoint: () => gateway.address(),
    console: () => options.console?.address() ?? null,
    publish: events.publish,
  });
  for (const problem of storage.problems) {
    status.setProblem({
      id: `storage:${problem.kind}`,
      severity: problem.kind === 'damaged-set-aside' ? 'limited' : 'broken',
      title: problem.message,
      detail: `The database is ${storage.file}.`,
      nextStep: problem.nextStep,
    });
  }

  const unsealed = apps.unsealed();
  if (unsealed.length > 0) {
    status.setProblem({
      id: 'apps',
      severity: 'limited',
      title: `The stored token of ${unsealed.join(', ')} was not issued by this Gatehouse`,
      detail:
        'Another program changed the list of AI apps in the database, or the vault is not the one it was made with.',
      nextStep:
        'Their tokens do not work. Remove the apps you do not know. Issue new tokens to the others; they begin with the profile default.',
    });
  }

  const strangeAnswers = asking.unsealed();
  if (strangeAnswers > 0) {
    status.setProblem({
      id: 'answers',
      severity: 'limited',
      title: `${strangeAnswers} remembered answers were not given here, so they count for nothing`,
      detail: 'Another program changed them in the database, or the vault is not the one they were sealed with.',
      nextStep:
        'Look at what the AI apps are allowed to do. They are asked about again, and the problem ends with a restart.',
    });
  }

  const listenOn = async (port: number): Promise<void> => {
    await gateway.listen({ port });
    status.clearProblem('port');
  };
  const services: Services = {
    approvals,
    apps,
    asking,
    audit,
    catalog,
    clock,
    configs,
    confirmations: createConfirmations({
      clock,
      newId: randomUUID,
      publish: (confirmation) => events.publish({ type: 'confirmation', confirmation }),
    }),
    consoleLogin: () => options.console?.login() ?? null,
    discovery,
    endpoint: () => gateway.address()?.endpoint ?? null,
    events,
    gate,
    intake,
    movePort: async (port) => {
      await listenOn(port);
      settings.set({ port });
      events.publish({ type: 'status', status: status.read() });
    },
    policyFile,
    profiles,
    settings,
    signIns,
    simulator: gateway,
    status,
    summaries,
    upstreams,
    vault,
  };
  const router = createRouter(services, { cliAdmin: options.cliAdmin === true, log });
  own('event sources', publishChanges(services));
  own('policy requests', askAboutHeldPolicy(services));

  await intake.start();
  own('log check', checkLogSoon(services));
  const port = options.port ?? settings.get().port;
  try {
    await listenOn(port);
  } catch (error) {
    if (!(error instanceof PortTakenError) || options.whenPortTaken === 'fail') throw error;
    status.setProblem({
      id: 'port',
      severity: 'broken',
      title: `Port ${port} is taken`,
      detail: error.message,
      nextStep: `Move to port ${port + 1}, or end the program that uses ${port} and try again.`,
    });
  }

  const socketHandler = new SocketHandler(router);
  const portHandler = new PortHandler(router);
  const lifetime = building.move();
  return {
    router,
    services,
    status: (): Status => status.read(),
    onEvent: (listener: (event: GatehouseEvent) => void): Disposable => events.listen(listener),
    /** The whole contract in process; every act is recorded as done by `actor`. */
    client: (actor: Actor) => createRouterClient(router, { context: { actor, connection: {} } }),
    /** Serves the contract on a WebSocket until it closes. */
    attachSocket: (socket: Parameters<typeof socketHandler.upgrade>[0], actor: Actor): void => {
      void socketHandler.upgrade(socket, { context: { actor, connection: {} } });
    },
    /** Serves the contract on a message port until it closes. */
    attachPort: (messagePort: Parameters<typeof portHandler.upgrade>[0], actor: Actor): void => {
      portHandler.upgrade(messagePort, { context: { actor, connection: {} } });
    },
    [Symbol.asyncDispose]: () => lifetime.disposeAsync(),
  };
}

/** The servers that get a value of the vault: by a reference in their config, or as their own sign-in. */
function serversGiven(secret: string, configs: ReadonlyMap<string, unknown>): string[] {
  return [...configs]
    .filter(([server, config]) => isSignInOf(secret, server) || secretNamesIn(JSON.stringify(config)).includes(secret))
    .map(([server]) => server);
}

/** Turns what happens in the rooms into events for the fronts. */
function publishChanges(services: Services): Disposable {
  const { approvals, apps, audit, configs, events, gate, profiles, settings, signIns, status, summaries, upstreams } =
    services;
  const subscriptions = new DisposableStack();
  const server = (name: string): void => {
    const summary = summaries.server(name);
    if (summary) events.publish({ type: 'server', server: summary });
  };
  const everything = (): void => events.publish({ type: 'status', status: status.read() });
  subscriptions.use(audit.onAvailability(everything));
  subscriptions.use(audit.onCall((call) => events.publishCall(call)));
  subscriptions.use(
    approvals.onChange((event) => {
      if (event.type === 'server-removed') events.publish({ type: 'server-removed', name: event.name });
      else if (event.type === 'server') server(event.name);
      else {
        events.publish({ type: 'tools', server: event.server });
        server(event.server);
      }
      everything();
    }),
  );
  subscriptions.use(
    apps.onChange(() => {
      if (apps.unsealed().length === 0) status.clearProblem('apps');
      events.publish({ type: 'apps' });
    }),
  );
  subscriptions.use(publishAsks(services));
  subscriptions.use(gate.onChange((state) => events.publish({ type: 'gate', gate: state })));
  subscriptions.use(upstreams.onStatus(({ name }) => server(name)));
  subscriptions.use(signIns.onChange(server));
  subscriptions.use(upstreams.onLog((name, lastSeq) => events.publish({ type: 'server-log', name, lastSeq })));
  subscriptions.use(settings.onChange((next) => events.publish({ type: 'settings', settings: next })));
  subscriptions.use(configs.onChange(everything));
  subscriptions.use(profiles.onChange(everything));
  return subscriptions;
}

/** Many questions at once are one event: the fronts read the list anyway. */
function publishAsks({ asking, events }: Services): Disposable {
  let scheduled: NodeJS.Immediate | undefined;
  const subscription = asking.onChange(() => {
    scheduled ??= setImmediate(() => {
      scheduled = undefined;
      events.publish({ type: 'asks' });
    });
  });
  return {
    [Symbol.dispose]() {
      subscription[Symbol.dispose]();
      clearImmediate(scheduled);
    },
  };
}

/** Milliseconds after the start; the first calls come first. */
const LOG_CHECK_MS = 3_000;

/** Walks the log once after the start, so that the fronts can say whether it is intact, and warns when it is not. */
function checkLogSoon({ audit, events, status }: Services): Disposable {
  const ended = new AbortController();
  const check = async (): Promise<void> => {
    reportLogCheck(status, await audit.verify(ended.signal));
    events.publish({ type: 'status', status: status.read() });
  };
  // Aborted at shutdown; what a read error means is said by `log verify` and the doctor.
  const timer = setTimeout(() => void check().catch(() => undefined), LOG_CHECK_MS).unref();
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      ended.abort();
    },
  };
}

async function stopped(name: string, resource: Disposable | AsyncDisposable, log: AppLog): Promise<void> {
  const slow = setTimeout(() => log.warn({ service: name }, 'A service is slow to stop'), SLOW_STOP_MS);
  try {
    if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
    else resource[Symbol.dispose]();
  } catch (error) {
    // One service that fails to stop must not keep the others running.
    log.error({ service: name, error }, 'A service failed to stop');
  } finally {
    clearTimeout(slow);
  }
}
