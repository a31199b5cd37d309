/**
 * Small in-memory rooms for tests of the gateway and the policy, where the real ones would hide what is tested: a server
 * that hangs, a log that cannot write, a tool whose state changes in the middle of a call.
 */
import { createHash } from 'node:crypto';
import type { ApprovalsEvent, ServerRecord, ToolRecord } from '../../src/main/approvals/index.ts';
import type { AppRecord } from '../../src/main/apps/index.ts';
import type { CallBegin, CallEnd } from '../../src/main/audit/index.ts';
import type { SearchQuery } from '../../src/main/discovery/index.ts';
import { type AppIdentity, layerOf, NO_RULES, type Profile } from '../../src/main/policy/index.ts';
import type { UpstreamContext, UpstreamRequest, WrittenJson } from '../../src/main/upstreams/index.ts';
import { type PolicyRule, settingsSchema, type ToolDefinition } from '../../src/shared/contract/index.ts';
import { type Effect, type OfferKind, offerIdOf } from '../../src/shared/words.ts';

/** Listeners with the room's usual subscription shape. */
function listeners<T>() {
  const all = new Set<(event: T) => void>();
  return {
    tell: (event: T) => {
      for (const listener of [...all]) listener(event);
    },
    on: (listener: (event: T) => void): Disposable => {
      all.add(listener);
      return { [Symbol.dispose]: () => void all.delete(listener) };
    },
  };
}

export function toolRecord(id: string, effect: Effect = 'read', definition: Partial<ToolDefinition> = {}): ToolRecord {
  const [server = '', ...rest] = id.split(':');
  const name = rest.join(':');
  const whole: ToolDefinition = { name, description: `Does ${name}.`, inputSchema: { type: 'object' }, ...definition };
  return offerRecord('tool', server, name, JSON.stringify(whole), effect);
}

/** An approved offer whose definition has exactly this text. */
export function offerRecord(
  kind: OfferKind,
  server: string,
  name: string,
  definitionJson: string,
  effect: Effect = 'read',
): ToolRecord {
  return {
    id: offerIdOf(server, kind, name),
    kind,
    server,
    name,
    state: 'approved',
    heldByServer: false,
    effect,
    suggestedEffect: effect,
    labels: [],
    fingerprint: createHash('sha256').update(definitionJson).digest('hex'),
    definition: JSON.parse(definitionJson) as ToolDefinition,
    definitionJson,
  };
}

/** A prompt, resource or template with the least a definition holds; `more` is added to it. */
export const promptRecord = (server: string, name: string, more: Record<string, unknown> = {}): ToolRecord =>
  offerRecord('prompt', server, name, JSON.stringify({ name, ...more }));
export const resourceRecord = (server: string, uri: string, more: Record<string, unknown> = {}): ToolRecord =>
  offerRecord('resource', server, uri, JSON.stringify({ uri, name: uri, ...more }));
export const templateRecord = (server: string, uriTemplate: string, more: Record<string, unknown> = {}): ToolRecord =>
  offerRecord('template', server, uriTemplate, JSON.stringify({ uriTemplate, name: uriTemplate, ...more }));

/** An approved server that was listed and declared all that Gatehouse relays. */
export function serverRecord(name: string, facts: Partial<ServerRecord> = {}): ServerRecord {
  const launch = { kind: 'url' as const, url: 'http://127.0.0.1:1/' } as unknown as ServerRecord['launch']; // never looked at
  return {
    name,
    state: 'approved',
    launch,
    launchFingerprint: '',
    fingerprint: '',
    approvedLaunch: launch,
    approvedInstructions: null,
    instructions: null,
    instructionsState: null,
    serverInfo: null,
    protocolVersion: '2025-11-25',
    capabilities: { tools: {}, prompts: {}, resources: { subscribe: true }, completions: {}, logging: {} },
    counts: { resources: 0, resourceTemplates: 0, prompts: 0 },
    listedAt: 1,
    addedAt: 1,
    decidedAt: 1,
    decidedBy: 'console',
    ...facts,
  };
}

export function memoryApprovals(tools: readonly ToolRecord[] = [], known: readonly ServerRecord[] = []) {
  const byId = new Map(tools.map((tool) => [tool.id, tool]));
  const servers = new Map(known.map((server) => [server.name, server]));
  const changes = listeners<ApprovalsEvent>();
  const refused: string[] = [];
  /** A server nobody described exists once something of it does. */
  const server = (name: string): ServerRecord | undefined =>
    servers.get(name) ?? ([...byId.values()].some((tool) => tool.server === name) ? serverRecord(name) : undefined);
  return {
    refused,
    tool: (id: string) => byId.get(id),
    tools: (filter: { state?: string; server?: string; kind?: OfferKind } = {}) =>
      [...byId.values()].filter(
        (tool) =>
          tool.kind === (filter.kind ?? 'tool') &&
          (filter.state === undefined || tool.state === filter.state) &&
          (filter.server === undefined || tool.server === filter.server),
      ),
    server,
    servers: () =>
      [...new Set([...servers.keys(), ...[...byId.values()].map((tool) => tool.server)])].flatMap(
        (name) => server(name) ?? [],
      ),
    noteRefused: (id: string) => void refused.push(id),
    onChange: changes.on,
    put(tool: ToolRecord) {
      byId.set(tool.id, tool);
      changes.tell({ type: 'tools', server: tool.server });
    },
    take(id: string) {
      const tool = byId.get(id);
      byId.delete(id);
      if (tool) changes.tell({ type: 'tools', server: tool.server });
    },
  };
}

export interface LoggedCall extends CallBegin {
  end: CallEnd | undefined;
}

export function memoryAudit() {
  const calls: LoggedCall[] = [];
  const room = {
    calls,
    /** Set to make every write fail. */
    broken: false,
    async beginShared(call: CallBegin): Promise<void> {
      if (room.broken) throw new Error('disk full');
      calls.push({ ...call, end: undefined });
    },
    async endShared(id: string, end: CallEnd): Promise<void> {
      const call = calls.find((one) => one.id === id);
      if (!call || call.end) throw new Error(`${id} was not begun or ended before`);
      call.end = end;
    },
    note: () => undefined,
    counts: () => ({ all: 1, changes: 0, refused: 0, failed: 0, running: 1 }),
    last: (): LoggedCall => {
      const call = calls.at(-1);
      if (!call) throw new Error('No call was recorded');
      return call;
    },
  };
  return room;
}

/** Apps whose token is `token-<id>`. */
export function memoryApps(...identities: readonly AppIdentity[]) {
  const changes = listeners<void>();
  const records = new Map<string, AppRecord>();
  for (const { id, name, profile } of identities) {
    records.set(id, {
      id,
      name,
      profile,
      createdAt: 1,
      lastUsedAt: null,
      revokedAt: null,
      tokenHint: id.slice(-4),
      client: null,
    });
  }
  return {
    authenticate(token: string): AppIdentity | undefined {
      const record = records.get(token.replace(/^token-/, ''));
      return record?.revokedAt === null ? { id: record.id, name: record.name, profile: record.profile } : undefined;
    },
    touch: () => undefined,
    list: () => [...records.values()],
    onChange: (listener: () => void) => changes.on(listener),
    revoke(id: string) {
      const record = records.get(id);
      if (record) records.set(id, { ...record, revokedAt: 2 });
      changes.tell();
    },
  };
}

export const everything: Profile = {
  name: 'default',
  surface: 'discover',
  servers: null,
  pinned: [],
  effects: ['read', 'write', 'destructive'],
  others: { read: 'allow', write: 'allow', destructive: 'allow' },
  perServer: {},
  tools: {},
  tagged: [],
  resources: 'allow',
  prompts: 'allow',
  callsPerMinute: null,
  concurrentCalls: null,
  guards: {
    secretsInArguments: 'ask',
    secretsInResults: 'allow',
    storedSecretsInResults: 'redact',
    toxicFlow: 'ask',
  },
  callsPerDay: null,
  loopGuard: null,
};

export function memoryProfiles(...profiles: readonly Profile[]) {
  const changes = listeners<void>();
  const byName = new Map(profiles.map((profile) => [profile.name, profile]));
  let layers = [layerOf(NO_RULES)];
  return {
    get: (name: string) => byName.get(name),
    rules: () => layers,
    onChange: (listener: () => void) => changes.on(listener),
    putRules(own: readonly PolicyRule[]) {
      layers = [layerOf({ ...NO_RULES, own })];
      changes.tell();
    },
    put(profile: Profile) {
      byName.set(profile.name, profile);
      changes.tell();
    },
  };
}

interface Watch {
  readonly server: string;
  readonly uri: string;
  readonly onUpdated: (params: WrittenJson) => void;
}

type Answered = Record<string, unknown> | string;

/** Gives a result, or the JSON text of one. */
export type Answering = (
  server: string,
  request: UpstreamRequest,
  context: UpstreamContext,
) => Answered | Promise<Answered>;

/** Servers in one function; remembers what reached them. */
export function memoryUpstreams(answer: Answering = (_server, { params }) => textResult(JSON.stringify(params))) {
  const requests: { server: string; request: UpstreamRequest; context: UpstreamContext }[] = [];
  const watches = new Set<Watch>();
  return {
    requests,
    answer,
    /** The resources that are followed now. */
    watches,
    status: () => undefined,
    instanceFor: () => '',
    endSession: (_session: string): void => undefined,
    rootsChanged: (_session: string): void => undefined,
    async request(server: string, request: UpstreamRequest, context: UpstreamContext) {
      requests.push({ server, request, context });
      const given = await this.answer(server, request, context);
      const resultJson = typeof given === 'string' ? given : JSON.stringify(given);
      // A test's server gives objects.
      const result = typeof given === 'string' ? (JSON.parse(given) as Record<string, unknown>) : given;
      return { result, resultJson, startMs: 0, serverMs: 1 };
    },
    async watchResource(
      server: string,
      uri: string,
      { onUpdated }: { onUpdated: (params: WrittenJson) => void },
    ): Promise<Disposable> {
      const watch = { server, uri, onUpdated };
      watches.add(watch);
      return { [Symbol.dispose]: () => void watches.delete(watch) };
    },
    /** A server says that a resource changed, with these params. */
    update(server: string, uri: string, params: Record<string, unknown> = { uri }) {
      for (const watch of watches) {
        if (watch.server === server && watch.uri === uri) {
          watch.onUpdated({ value: params, json: JSON.stringify(params) });
        }
      }
    },
  };
}

export const textResult = (text: string): Record<string, unknown> => ({ content: [{ type: 'text', text }] });

/** Finds tools whose name or description holds a word of the query. */
export function memoryDiscovery(approvals: Pick<ReturnType<typeof memoryApprovals>, 'tools'>) {
  return {
    async search({ query, limit, servers, effects }: SearchQuery) {
      const words = query.toLowerCase().split(/\W+/).filter(Boolean);
      return approvals
        .tools()
        .filter((tool) => servers === null || servers.includes(tool.server))
        .filter((tool) => effects === null || (tool.effect !== null && effects.includes(tool.effect)))
        .map((tool) => {
          const text = `${tool.id} ${tool.definition.description ?? ''}`.toLowerCase();
          return { id: tool.id, score: words.filter((word) => text.includes(word)).length };
        })
        .filter((hit) => hit.score > 0)
        .sort((a, b) => b.score - a.score)
        .slice(0, limit);
    },
  };
}

export const memorySettings = (patch: Record<string, unknown> = {}) => ({
  get: () => settingsSchema.parse(patch),
});

export const silentLog = { debug() {}, info() {}, warn() {}, error() {} };
