/**
 * A stand-in for the headless console: serves the built renderer and the contract with invented data, so that screens
 * can be looked at and driven without a gateway.
 *
 * node test/doubles/console.ts --dir out/renderer [--port 4290] [--scenario normal|empty|paused|port] [--rate CALLS_PER_SECOND]
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import { implement } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer } from 'ws';
import {
  type Answered,
  type Ask,
  type CallFilter,
  type CallSummary,
  type Confirmation,
  contract,
  type GatehouseEvent,
  type GateState,
  type LaunchPlan,
  type RememberedAnswer,
  type Settings,
  type SettledAsk,
  type Status,
  settingsSchema,
} from '../../src/shared/contract/index.ts';
import {
  callAt,
  detailOf,
  diffOf,
  someAnswers,
  someApps,
  someAsks,
  someCatalog,
  someServers,
  someSettledAsks,
  someTools,
  toolDetailOf,
} from './console-data.ts';
import { policyRoom } from './console-policy.ts';

const { values: options } = parseArgs({
  options: {
    dir: { type: 'string', default: 'out/renderer' },
    port: { type: 'string', default: '4290' },
    scenario: { type: 'string', default: 'normal' },
    rate: { type: 'string', default: '1' },
  },
});
const isEmpty = options.scenario === 'empty';

let servers = isEmpty ? [] : someServers();
let tools = isEmpty ? [] : someTools();
let apps = isEmpty ? [] : someApps();
let settings: Settings = settingsSchema.parse({});
let gate: GateState = {
  paused: options.scenario === 'paused',
  since: options.scenario === 'paused' ? Date.now() - 95_000 : null,
  until: null,
  by: options.scenario === 'paused' ? 'window' : null,
  apps: {},
  cancelledCalls: options.scenario === 'paused' ? 2 : 0,
};
const firstSeq = 48_213;
const calls: CallSummary[] = isEmpty
  ? []
  : Array.from({ length: 1284 }, (_, i) => {
      const quiet = Math.floor(i / 40) * 240_000 * (((i * 31) % 7) / 7);
      return callAt(firstSeq - i, Date.now() - i * 12_300 - quiet);
    });
let confirmations: Confirmation[] = isEmpty
  ? []
  : [
      {
        id: 'k1',
        at: Date.now() - 40_000,
        by: 'cli',
        action: 'servers.add',
        summary: 'Add the server sqlite, which runs a program on this computer.',
        facts: [{ label: 'Command', value: 'npx -y mcp-server-sqlite@0.2.0 --db-path /home/mara/notes.db' }],
        state: 'waiting',
        error: null,
      },
    ];

let asks: Ask[] = isEmpty || options.scenario === 'paused' ? [] : someAsks();
let settledAsks: SettledAsk[] = isEmpty ? [] : someSettledAsks();
let answers: RememberedAnswer[] = isEmpty ? [] : someAnswers();

function status(): Status {
  const isDown = options.scenario === 'port';
  return {
    version: '0.1.0',
    pid: process.pid,
    mode: 'headless',
    platform: process.platform,
    dataDir: '/home/mara/.local/share/gatehouse',
    startedAt: Date.now() - 3_600_000,
    endpoint: isDown ? null : 'http://127.0.0.1:4283/mcp',
    port: isDown ? null : 4283,
    console: null,
    cliAdmin: false,
    gate,
    servers: {
      total: servers.length,
      ready: servers.filter((it) => it.health === 'ready').length,
      failing: servers.filter((it) => it.health === 'failing').length,
      held: servers.filter((it) => it.health === 'held').length,
    },
    tools: {
      total: 178,
      approved: isEmpty ? 0 : 168,
      waiting: tools.filter((it) => it.state === 'pending' || it.state === 'changed').length,
      blocked: 0,
    },
    waiting:
      tools.filter((it) => !it.heldByServer && (it.state === 'pending' || it.state === 'changed')).length +
      servers.filter((it) => it.approval === 'pending' || it.approval === 'changed').length,
    apps: { total: apps.length, active: apps.filter((it) => it.sessions > 0).length },
    log: { entries: isEmpty ? 0 : (calls[0]?.seq ?? 0), intact: true, checkedAt: Date.now() - 120_000 },
    config: null,
    problems: isDown
      ? [
          {
            id: 'port-in-use',
            severity: 'broken',
            title: 'Port 4283 is taken by another program',
            detail: 'listen EADDRINUSE: address already in use 127.0.0.1:4283',
            nextStep: 'Move the gate to another port, or stop the other program and try again.',
          },
        ]
      : [],
  };
}

const listeners = new Set<(event: GatehouseEvent) => void>();
const publish = (event: GatehouseEvent) => {
  for (const listener of listeners) listener(event);
};
const publishStatus = () => publish({ type: 'status', status: status() });

function setGate(next: Partial<GateState>): GateState {
  gate = { ...gate, ...next };
  publish({ type: 'gate', gate });
  return gate;
}

function fits(call: CallSummary, filter: CallFilter): boolean {
  const words = (filter.search ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${call.app} ${call.server} ${call.tool} ${call.onWhat}`.toLowerCase();
  if (!words.every((word) => text.includes(word))) return false;
  if (filter.app && call.app !== filter.app) return false;
  if (filter.server && call.server !== filter.server) return false;
  if (filter.tool && call.tool !== filter.tool) return false;
  if (filter.since && call.at < filter.since) return false;
  if (filter.until && call.at > filter.until) return false;
  if (filter.kind === 'changes') return call.effect === 'write' || call.effect === 'destructive';
  if (filter.kind === 'refused') return call.status === 'refused';
  if (filter.kind === 'failed') return call.status === 'failed';
  if (filter.kind === 'running') return call.status === 'running';
  return true;
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('Not in the double’s data.');
  return value;
}

function decide(ids: readonly string[], state: 'approved' | 'blocked') {
  const changed = tools
    .filter((it) => ids.includes(it.id))
    .map((it) => ({ ...it, state, effect: it.suggestedEffect, decidedAt: Date.now(), decidedBy: 'console' as const }));
  tools = tools.map((it) => changed.find((done) => done.id === it.id) ?? it);
  for (const server of new Set(changed.map((it) => it.server))) publish({ type: 'tools', server });
  publishStatus();
  return { changed, skipped: [] };
}

function planOf(name: string, commandLine: string): LaunchPlan {
  const argv = commandLine.split(' ');
  return {
    name,
    launch: {
      kind: 'stdio',
      command: argv[0] ?? null,
      args: argv.slice(1),
      cwd: null,
      envNames: [],
      url: null,
      headerNames: [],
      secretNames: [],
      valuesDigest: null,
    },
    argv,
    commandLine,
    resolvedCommand: '/usr/bin/npx',
    isolation: 'none',
    warnings: ['It runs with your own rights on this computer: it can read and change your files.'],
    replaces: false,
    consentHash: 'b3a9',
  };
}

const os = implement(contract);
const router = os.router({
  system: {
    status: os.system.status.handler(() => status()),
    events: os.system.events.handler(async function* ({ signal }) {
      const queue: GatehouseEvent[] = [{ type: 'status', status: status() }];
      let wake = Promise.withResolvers<void>();
      const listener = (event: GatehouseEvent) => {
        queue.push(event);
        wake.resolve();
      };
      listeners.add(listener);
      signal?.addEventListener('abort', () => wake.resolve());
      try {
        while (!signal?.aborted) {
          for (const event of queue.splice(0)) yield event;
          await wake.promise;
          wake = Promise.withResolvers<void>();
        }
      } finally {
        listeners.delete(listener);
      }
    }),
    doctor: os.system.doctor.handler(() => [
      { id: 'node', ok: true, title: 'Node is new enough', detail: 'v24.21.0', nextStep: null },
      {
        id: 'npx',
        ok: false,
        title: 'uvx was not found',
        detail: 'Searched PATH',
        nextStep: 'Install uv, then restart the server.',
      },
    ]),
    consoleLogin: os.system.consoleLogin.handler(() => ({ url: 'http://127.0.0.1:4290/' })),
    movePort: os.system.movePort.handler(() => {
      options.scenario = 'normal';
      publishStatus();
      return status();
    }),
  },
  gate: {
    get: os.gate.get.handler(() => gate),
    pause: os.gate.pause.handler(({ input }) => {
      const since = Date.now();
      const until = input?.forMs ? since + input.forMs : null;
      if (input?.app) return setGate({ apps: { ...gate.apps, [input.app]: { since, until, by: 'console' } } });
      return setGate({ paused: true, since, until, by: 'console', cancelledCalls: 1 });
    }),
    resume: os.gate.resume.handler(({ input }) => {
      if (!input?.app) return setGate({ paused: false, since: null, until: null, by: null });
      const { [input.app]: _, ...rest } = gate.apps;
      return setGate({ apps: rest });
    }),
  },
  servers: {
    list: os.servers.list.handler(() => servers),
    get: os.servers.get.handler(({ input }) => {
      const server = found(servers.find((it) => it.name === input.name));
      return {
        ...server,
        launch: planOf(server.name, server.commandLine).launch,
        approvedLaunch: null,
        idleMinutes: 10,
        warnings: [],
        env: [{ name: 'API_TOKEN', secret: 'github-token' }],
        instructions: 'Use search before reading whole files.',
        instructionsFindings: [],
        serverInfo: { name: server.name, version: '1.4.2' },
        capabilities: ['tools', 'resources'],
        resources: 3,
        resourceTemplates: 1,
        prompts: 2,
        fingerprint: 'f'.repeat(64),
        addedAt: Date.now() - 86_400_000 * 20,
        decidedAt: Date.now() - 86_400_000 * 20,
        decidedBy: 'window',
      };
    }),
    plan: os.servers.plan.handler(({ input }) =>
      planOf(input.name, [input.config.command ?? input.config.url ?? '', ...(input.config.args ?? [])].join(' ')),
    ),
    add: os.servers.add.handler(({ input }) => {
      const server = { ...found(someServers()[0]), id: input.name, name: input.name };
      servers = [...servers, server];
      publish({ type: 'server', server });
      return server;
    }),
    remove: os.servers.remove.handler(({ input }) => {
      servers = servers.filter((it) => it.name !== input.name);
      publish({ type: 'server-removed', name: input.name });
      return { removed: true };
    }),
    restart: os.servers.restart.handler(({ input }) => found(servers.find((it) => it.name === input.name))),
    approve: os.servers.approve.handler(({ input }) => found(servers.find((it) => it.name === input.name))),
    block: os.servers.block.handler(({ input }) => found(servers.find((it) => it.name === input.name))),
    setDisabled: os.servers.setDisabled.handler(({ input }) => {
      servers = servers.map((it) =>
        it.name === input.name ? { ...it, health: input.disabled ? 'disabled' : 'ready' } : it,
      );
      const server = found(servers.find((it) => it.name === input.name));
      publish({ type: 'server', server });
      return server;
    }),
    signIn: os.servers.signIn.handler(() => ({
      url: 'https://login.example.com/authorize?client_id=gatehouse&state=0',
      host: 'login.example.com',
    })),
    signInDone: os.servers.signInDone.handler(({ input }) => {
      servers = servers.map((it) =>
        it.name === input.name ? { ...it, health: 'ready', problem: null, signIn: 'signed-in' } : it,
      );
      const server = found(servers.find((it) => it.name === input.name));
      publish({ type: 'server', server });
      return server;
    }),
    signOut: os.servers.signOut.handler(({ input }) => {
      servers = servers.map((it) => (it.name === input.name ? { ...it, signIn: 'needed' } : it));
      publish({ type: 'server', server: found(servers.find((it) => it.name === input.name)) });
      return { signedOut: true };
    }),
    logs: os.servers.logs.handler(() =>
      Array.from({ length: 40 }, (_, i) => ({
        seq: i,
        at: Date.now() - (40 - i) * 1000,
        stream: i % 9 === 0 ? ('gatehouse' as const) : ('stderr' as const),
        text: i % 9 === 0 ? 'Started, process 41006' : `info request ${i} handled in ${i * 3} ms`,
      })),
    ),
  },
  tools: {
    list: os.tools.list.handler(({ input }) =>
      tools.filter(
        (it) => (!input?.state || it.state === input.state) && (!input?.server || it.server === input.server),
      ),
    ),
    get: os.tools.get.handler(({ input }) => toolDetailOf(found(tools.find((it) => it.id === input.id)))),
    diff: os.tools.diff.handler(({ input }) => diffOf(found(tools.find((it) => it.id === input.id)))),
    approve: os.tools.approve.handler(({ input }) => decide(input.ids, 'approved')),
    approveAll: os.tools.approveAll.handler(({ input }) => ({
      ...decide(
        tools.filter((it) => it.server === input.server && it.state !== 'blocked').map((it) => it.id),
        'approved',
      ),
      instructions: false,
    })),
    block: os.tools.block.handler(({ input }) => decide(input.ids, 'blocked')),
    search: os.tools.search.handler(({ input }) =>
      tools.filter((it) => it.id.includes(input.query)).map((tool) => ({ tool, score: 1 })),
    ),
  },
  calls: {
    list: os.calls.list.handler(({ input }) => {
      const limit = input.limit ?? 100;
      const fitting = calls.filter((it) => (input.before === undefined || it.seq < input.before) && fits(it, input));
      const page = fitting.slice(0, limit);
      return { calls: page, nextBefore: fitting.length > limit ? (page.at(-1)?.seq ?? null) : null };
    }),
    counts: os.calls.counts.handler(({ input }) => {
      const number = (kind: NonNullable<CallFilter['kind']>) =>
        calls.filter((it) => fits(it, { ...input, kind })).length;
      return {
        all: number('all'),
        changes: number('changes'),
        refused: number('refused'),
        failed: number('failed'),
        running: number('running'),
      };
    }),
    histogram: os.calls.histogram.handler(({ input }) => {
      const width = (input.until - input.since) / input.buckets;
      const buckets = Array.from({ length: input.buckets }, (_, i) => ({
        at: input.since + i * width,
        passed: 0,
        asked: 0,
        refused: 0,
      }));
      for (const call of calls.filter((it) => fits(it, input))) {
        const bucket = buckets[Math.floor((call.at - input.since) / width)];
        if (!bucket) continue;
        if (call.status === 'refused') bucket.refused += 1;
        else bucket.passed += 1;
      }
      return buckets;
    }),
    get: os.calls.get.handler(({ input }) => detailOf(found(calls.find((it) => it.id === input.id)))),
    verify: os.calls.verify.handler(() => ({
      ok: true,
      entries: calls.length * 2,
      calls: calls.length,
      interrupted: 0,
      firstBadSeq: null,
      problem: null,
      headHash: 'b3a9',
      durationMs: 412,
    })),
    export: os.calls.export.handler(() => ({ calls: calls.slice(0, 10).map(detailOf), nextAfter: null })),
  },
  apps: {
    list: os.apps.list.handler(() => apps),
    issueToken: os.apps.issueToken.handler(({ input }) => {
      const app = { ...found(someApps().at(-1)), id: input.name.toLowerCase(), name: input.name };
      apps = [...apps.filter((it) => it.id !== app.id), app];
      publish({ type: 'apps' });
      return { app, token: 'ghk_7Jt2mQw9XcVb4Nf6Lr8Zp0Ys3Dk5Ha1E', endpoint: 'http://127.0.0.1:4283/mcp' };
    }),
    revoke: os.apps.revoke.handler(({ input }) => {
      apps = apps.map((it) => (it.id === input.id ? { ...it, revokedAt: Date.now() } : it));
      publish({ type: 'apps' });
      return found(apps.find((it) => it.id === input.id));
    }),
    remove: os.apps.remove.handler(({ input }) => {
      apps = apps.filter((it) => it.id !== input.id);
      publish({ type: 'apps' });
      return { removed: true };
    }),
  },
  asks: {
    list: os.asks.list.handler(() => ({ waiting: asks, settled: settledAsks })),
    get: os.asks.get.handler(({ input }) => found(asks.find((it) => it.id === input.id))),
    allow: os.asks.allow.handler(({ input }) => answer(input.ids, 'allowed')),
    deny: os.asks.deny.handler(({ input }) => ({ ...answer(input.ids, 'denied'), gate })),
    allowNext: os.asks.allowNext.handler(() => found(answers[0])),
    answers: os.asks.answers.handler(() => answers),
    withdraw: os.asks.withdraw.handler(({ input }) => {
      answers = answers.filter((it) => it.id !== input.id);
      publish({ type: 'asks' });
      return { withdrawn: true };
    }),
  },
  policy: policyRoom(os.policy, () => ({ apps, servers, tools, isEmpty })),
  catalog: {
    list: os.catalog.list.handler(({ input }) =>
      someCatalog().filter((it) =>
        `${it.title} ${it.description}`.toLowerCase().includes((input?.search ?? '').toLowerCase()),
      ),
    ),
    get: os.catalog.get.handler(({ input }) => found(someCatalog().find((it) => it.id === input.id))),
    plan: os.catalog.plan.handler(({ input }) => planOf(input.name ?? input.id, `npx -y @example/${input.id}@1.4.2`)),
    add: os.catalog.add.handler(({ input }) => ({
      ...found(someServers()[0]),
      id: input.id,
      name: input.name ?? input.id,
    })),
  },
  settings: {
    get: os.settings.get.handler(() => settings),
    set: os.settings.set.handler(({ input }) => {
      settings = { ...settings, ...input };
      publish({ type: 'settings', settings });
      return settings;
    }),
  },
  confirmations: {
    list: os.confirmations.list.handler(() => confirmations),
    confirm: os.confirmations.confirm.handler(({ input }) => settle(input.id, 'confirmed')),
    deny: os.confirmations.deny.handler(({ input }) => settle(input.id, 'denied')),
    wait: os.confirmations.wait.handler(({ input }) => ({ confirmation: settle(input.id, 'confirmed'), result: null })),
  },
});

function answer(ids: readonly string[], outcome: 'allowed' | 'denied'): Answered {
  const ended = asks.filter((it) => ids.includes(it.id));
  asks = asks.filter((it) => !ids.includes(it.id));
  settledAsks = [
    ...ended.map((it) => ({ ...it, outcome, settledAt: Date.now(), by: 'console' as const, waitedMs: 4_000 })),
    ...settledAsks,
  ];
  publish({ type: 'asks' });
  return { answered: ended.map((it) => it.id), gone: [], remembered: [] };
}

function settle(id: string, state: Confirmation['state']): Confirmation {
  const confirmation = { ...found(confirmations.find((it) => it.id === id)), state };
  confirmations = confirmations.map((it) => (it.id === id ? confirmation : it));
  publish({ type: 'confirmation', confirmation });
  return confirmation;
}

const perTick = Number(options.rate) / 10;
let owed = 0;
if (!isEmpty && options.scenario !== 'port') {
  setInterval(() => {
    owed += perTick;
    const batch: CallSummary[] = [];
    for (; owed >= 1; owed -= 1) {
      const call = callAt((calls[0]?.seq ?? firstSeq) + 1, Date.now());
      const next: CallSummary = gate.paused
        ? { ...call, status: 'refused', code: 'paused', durationMs: 1, resultBytes: null }
        : call;
      calls.unshift(next);
      batch.push(next);
    }
    if (batch.length > 0) publish({ type: 'calls', calls: batch });
  }, 100);
}

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
};
const http = createServer(async (request, response) => {
  const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname).replace(/^(\.\.[/\\])+/, '');
  try {
    const file = join(options.dir, path === '/' ? 'index.html' : path);
    const body = await readFile(file);
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream').end(body);
  } catch {
    response.writeHead(404).end();
  }
});
const handler = new RPCHandler(router);
new WebSocketServer({ server: http, path: '/rpc' }).on('connection', (socket) => {
  handler.upgrade(socket, { context: {} });
});
http.listen(Number(options.port), '127.0.0.1', () => console.log(`http://127.0.0.1:${options.port}/`));
