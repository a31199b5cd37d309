import type { ServerConfig } from '@shared/contract/index.ts';
import { orAborted } from '@shared/or-aborted.ts';
import type { Approvals, ListingRemark, ToolRecord } from '../approvals/index.ts';
import type { Discovery, IndexedTool } from '../discovery/index.ts';
import type { KeptState } from '../storage/index.ts';
import {
  type CallerSide,
  type InstanceKey,
  launchIdentityOf,
  type ServerConfigs,
  type Upstreams,
} from '../upstreams/index.ts';
import { ListedProcesses } from './listed-processes.ts';
import { SwitchedOff } from './switched-off.ts';

/** The process that serves everybody; also the one that is listed when nobody calls. */
const SHARED: InstanceKey = '';

export interface IntakeOptions {
  readonly configs: Pick<ServerConfigs, 'all' | 'problem' | 'onChange'>;
  readonly approvals: Approvals;
  readonly upstreams: Pick<Upstreams, 'allow' | 'list' | 'status' | 'onListChanged'>;
  readonly discovery: Pick<Discovery, 'setServer'>;
  /** Remembers which servers were switched off. */
  readonly kept: KeptState;
  /** `serve --cli-admin`: a server that servers.json switches on again needs no person. */
  readonly trustsFile: boolean;
  readonly log: { warn(facts: object, message: string): void };
}

/**
 * Keeps four rooms in step: what servers.json declares, what a person approved, what may run, and what can be found.
 * Nothing runs here before its launch is approved, and no definition is used before it was compared with the approved
 * one on the very process that will answer.
 */
export interface Intake extends AsyncDisposable {
  /** Reads servers.json in and fills the index from the database; starts no server that was listed before. */
  start(): Promise<void>;
  /** Brings approvals and running servers in line with servers.json now. */
  sync(): Promise<void>;
  /** Starts the server if needed, lists it and compares every definition. Single-flight per server. */
  refresh(server: string, signal?: AbortSignal): Promise<readonly ListingRemark[]>;
  /**
   * Resolves when the process that will answer has been listed. Gives true when a listing was needed, so that the caller
   * decides again: a definition may have changed with the restart, and differ from one process to the next.
   * @param instance as `Upstreams.instanceFor` says; default: the shared one
   * @param caller whom the process serves, should it have to be started
   */
  ensureCurrent(server: string, signal: AbortSignal, instance?: InstanceKey, caller?: CallerSide): Promise<boolean>;
  /** True for a server that is switched off, be it that servers.json says otherwise by now. */
  isOff(server: string): boolean;
  /** A person switches a server on; servers.json alone cannot. Takes effect with the next `sync`. */
  switchOn(server: string): void;
  /** What was strange in the server's last listing. */
  remarks(server: string): readonly ListingRemark[];
}

export function createIntake(options: IntakeOptions): Intake {
  const { configs, approvals, upstreams, discovery, kept, trustsFile, log } = options;
  const off = new SwitchedOff({
    kept,
    declared: configs.all().keys(),
    warn: (facts, message) => log.warn(facts, message),
  });
  const listed = new ListedProcesses<readonly ListingRemark[]>((server, instance) => {
    return upstreams.status(server, instance);
  });
  const lastRemarks = new Map<string, readonly ListingRemark[]>();
  const background = new Set<Promise<unknown>>();
  const subscriptions = new DisposableStack();
  let syncing: Promise<void> = Promise.resolve();

  const inBackground = (work: Promise<unknown>, what: string): void => {
    const guarded = work
      .catch((error: unknown) => log.warn({ error: error instanceof Error ? error.message : String(error) }, what))
      .finally(() => background.delete(guarded));
    background.add(guarded);
  };

  const isOff = (name: string): boolean => configs.all().get(name)?.disabled === true || off.has(name);

  const runnable = (): Map<string, ServerConfig> => {
    const allowed = new Map<string, ServerConfig>();
    for (const [name, config] of configs.all()) {
      if (!isOff(name) && approvals.server(name)?.state === 'approved') allowed.set(name, config);
    }
    return allowed;
  };

  const syncNow = async (): Promise<void> => {
    const declared = configs.all();
    for (const [name, config] of declared) {
      approvals.observeServer(name, launchIdentityOf(config));
      if (config.disabled === true) off.add(name);
      else if (trustsFile) off.delete(name);
    }
    // A file that cannot be read in full says nothing about what was removed, and decisions must not be lost over a typo.
    if (configs.problem() === null) {
      for (const record of approvals.servers()) if (!declared.has(record.name)) approvals.forgetServer(record.name);
      off.keepOnly(declared);
    }
    await upstreams.allow(runnable());
  };

  const sync = (): Promise<void> => {
    syncing = syncing.catch(() => undefined).then(syncNow);
    return syncing;
  };

  const list = async (
    server: string,
    instance: InstanceKey,
    caller: CallerSide | undefined,
  ): Promise<readonly ListingRemark[]> => {
    const listing = await upstreams.list(server, undefined, instance, caller);
    const remarks = approvals.observeListing(server, listing, { partial: instance !== SHARED });
    lastRemarks.set(server, remarks);
    return remarks;
  };

  /** One listing serves everybody who waits for it, so nobody's leaving may end it for the others. */
  const refreshOne = (
    server: string,
    instance: InstanceKey,
    caller: CallerSide | undefined,
    signal?: AbortSignal,
  ): Promise<readonly ListingRemark[]> =>
    orAborted(
      listed.share(server, instance, () => list(server, instance, caller)),
      signal,
    );

  const refresh: Intake['refresh'] = (server, signal) => refreshOne(server, SHARED, undefined, signal);

  const index = (server: string): void => {
    const tools = approvals.tools({ server, state: 'approved' }).map(indexedTool);
    inBackground(discovery.setServer(server, tools), `The search index did not take in the tools of ${server}`);
  };

  subscriptions.use(
    approvals.onChange((event) => {
      if (event.type === 'server-removed') {
        listed.forget(event.name);
        lastRemarks.delete(event.name);
        inBackground(discovery.setServer(event.name, []), `The search index kept tools of ${event.name}`);
        return;
      }
      if (event.type === 'server') {
        // A decision about a launch changes what may run and, for every tool of the server, what can be found.
        inBackground(sync(), 'servers.json could not be applied');
        index(event.name);
        return;
      }
      index(event.server);
    }),
  );
  subscriptions.use(configs.onChange(() => inBackground(sync(), 'servers.json could not be applied')));
  subscriptions.use(
    upstreams.onListChanged((server, instance) => {
      // From now on calls wait for the comparison; a listing under way may have been answered before the change.
      const underWay = listed.outdate(server, instance) ?? Promise.resolve();
      const again = async () => {
        // The process of a session that ended meanwhile is not started again for this.
        if (upstreams.status(server, instance)) await refreshOne(server, instance, undefined);
      };
      inBackground(underWay.then(again, again), `The changed tool list of ${server} could not be read`);
    }),
  );

  return {
    async start() {
      await sync();
      for (const record of approvals.servers()) {
        index(record.name);
        if (record.listedAt === null && record.state === 'approved' && runnable().has(record.name)) {
          inBackground(refresh(record.name), `${record.name} could not be listed`);
        }
      }
    },
    sync,
    refresh,
    async ensureCurrent(server, signal, instance = SHARED, caller) {
      if (listed.isCurrent(server, instance)) return false;
      const heard = listed.announcements(server, instance);
      await refreshOne(server, instance, caller, signal);
      // Once more, and not for ever: a server that announces changes all the time delays nobody but its own callers.
      if (listed.announcements(server, instance) !== heard) await refreshOne(server, instance, caller, signal);
      return true;
    },
    isOff,
    switchOn: (server) => off.delete(server),
    remarks: (server) => lastRemarks.get(server) ?? [],
    async [Symbol.asyncDispose]() {
      subscriptions.dispose();
      await Promise.allSettled([...background, syncing]);
    },
  };
}

function indexedTool(tool: ToolRecord): IndexedTool {
  const { definition } = tool;
  return {
    id: tool.id,
    server: tool.server,
    name: tool.name,
    title: definition.title ?? definition.annotations?.title ?? null,
    description: definition.description ?? '',
    inputSchema: definition.inputSchema ?? null,
    effect: tool.effect ?? tool.suggestedEffect,
  };
}
