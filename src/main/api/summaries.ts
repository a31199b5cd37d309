import type { AppSummary, ServerConfig, ServerDetail, ServerSummary } from '@shared/contract/index.ts';
import { assertNever, offerKindSchema, type ServerHealth } from '@shared/words.ts';
import type { Approvals, ServerRecord } from '../approvals/index.ts';
import type { AppRecord, Apps } from '../apps/index.ts';
import type { AuditLog } from '../audit/index.ts';
import type { Intake } from '../intake/index.ts';
import type { Gate } from '../policy/index.ts';
import { scanInstructions } from '../scanner/index.ts';
import { secretNamesIn } from '../secrets/index.ts';
import {
  commandLineOf,
  idleMinutesOf,
  type ServerConfigs,
  type SignIns,
  signInProblem,
  type Upstreams,
} from '../upstreams/index.ts';
import { launchWarningsFor } from './launch-facts.ts';

const HOUR_MS = 3_600_000;
/** Call counts are read at most this often, however many summaries are built. */
const USAGE_TTL_MS = 1_000;

/** Puts what several rooms know about a server or an app into the one object the fronts show. */
export interface Summaries {
  server(name: string): ServerSummary | undefined;
  servers(): ServerSummary[];
  serverDetail(name: string): ServerDetail | undefined;
  apps(): AppSummary[];
  app(id: string): AppSummary | undefined;
}

export function createSummaries(options: {
  readonly approvals: Approvals;
  readonly apps: Apps;
  readonly audit: AuditLog;
  readonly configs: ServerConfigs;
  readonly intake: Pick<Intake, 'isOff'>;
  readonly upstreams: Upstreams;
  readonly signIns: Pick<SignIns, 'stateOf' | 'wantedScopeOf'>;
  readonly gate: Gate;
  readonly sessionsOf: (appId: string) => number;
  readonly clock: () => number;
}): Summaries {
  const { approvals, apps, audit, configs, intake, upstreams, signIns, gate, sessionsOf, clock } = options;
  type Usage = ReturnType<AuditLog['usage']>;
  let usage: { readAt: number; hour: Usage; day: Usage } | undefined;

  const currentUsage = () => {
    const now = clock();
    if (!usage || now - usage.readAt >= USAGE_TTL_MS) {
      const midnight = new Date(now).setHours(0, 0, 0, 0);
      usage = { readAt: now, hour: audit.usage(now - HOUR_MS), day: audit.usage(midnight) };
    }
    return usage;
  };

  const summaryOf = (name: string, config: ServerConfig): ServerSummary | undefined => {
    const record = approvals.server(name);
    if (!record) return undefined;
    const status = upstreams.status(name);
    const health = healthOf(intake.isOff(name), record, status?.health);
    const signIn = signIns.stateOf(name);
    return {
      id: name,
      name,
      title: textOf(record.serverInfo?.title) ?? textOf(record.serverInfo?.name),
      catalogId: config.gatehouse?.catalogId ?? null,
      kind: record.launch.kind,
      commandLine: commandLineOf(record.launch),
      health,
      problem: problemOf(record, health, {
        running: status?.problem ?? signInProblemOf(signIns, name),
        fileSaysOn: config.disabled !== true,
      }),
      approval: record.state,
      instructionsState: record.instructionsState,
      isolation: record.launch.kind === 'stdio' ? 'none' : 'remote',
      signIn: signIn === 'none' ? null : signIn,
      pid: status?.pid ?? null,
      instances: status?.instances ?? 0,
      startedAt: status?.startedAt ?? null,
      lastUsedAt: status?.lastUsedAt ?? null,
      restarts: status?.restarts ?? 0,
      nextRetryAt: status?.nextRetryAt ?? null,
      version: textOf(record.serverInfo?.version),
      protocolVersion: record.protocolVersion,
      tools: toolCounts(approvals, name),
      waiting: waitingOf(approvals, record),
      calls: { lastHour: currentUsage().hour.servers.get(name) ?? 0, running: status?.running ?? 0 },
    };
  };

  const appSummaryOf = (app: AppRecord): AppSummary => {
    const { hour, day } = currentUsage();
    const today = day.apps.get(app.id) ?? day.apps.get(app.name);
    return {
      ...app,
      sessions: sessionsOf(app.id),
      paused: gate.state().apps[app.id] !== undefined,
      calls: {
        lastHour: (hour.apps.get(app.id) ?? hour.apps.get(app.name))?.calls ?? 0,
        today: today?.calls ?? 0,
        refusedToday: today?.refused ?? 0,
      },
    };
  };

  return {
    server(name) {
      const config = configs.all().get(name);
      return config && summaryOf(name, config);
    },
    servers: () =>
      [...configs.all()].flatMap(([name, config]) => {
        const summary = summaryOf(name, config);
        return summary ? [summary] : [];
      }),
    serverDetail(name) {
      const config = configs.all().get(name);
      const record = approvals.server(name);
      const summary = config && summaryOf(name, config);
      if (!config || !record || !summary) return undefined;
      return {
        ...summary,
        launch: record.launch,
        fingerprint: record.fingerprint,
        approvedLaunch: record.state === 'changed' ? record.approvedLaunch : null,
        warnings: launchWarningsFor(name, config, configs.all()),
        idleMinutes: idleMinutesOf(config),
        env: Object.entries(config.env ?? {}).map(([key, value]) => ({
          name: key,
          secret: secretNamesIn(value)[0] ?? null,
        })),
        instructions: record.instructions,
        instructionsFindings: record.instructions === null ? [] : [...scanInstructions(record.instructions).findings],
        serverInfo: record.serverInfo,
        capabilities: Object.keys(record.capabilities),
        resources: record.counts.resources,
        resourceTemplates: record.counts.resourceTemplates,
        prompts: record.counts.prompts,
        addedAt: record.addedAt,
        decidedAt: record.decidedAt,
        decidedBy: record.decidedBy,
      };
    },
    apps: () => apps.list().map(appSummaryOf),
    app(id) {
      const app = apps.list().find((candidate) => candidate.id === id);
      return app && appSummaryOf(app);
    },
  };
}

function healthOf(isOff: boolean, record: ServerRecord, running: ServerHealth | undefined): ServerHealth {
  if (isOff) return 'disabled';
  if (record.state !== 'approved') return 'held';
  return running ?? 'asleep';
}

function problemOf(
  record: ServerRecord,
  health: ServerHealth,
  { running, fileSaysOn }: { readonly running: string | null; readonly fileSaysOn: boolean },
): string | null {
  if (health === 'disabled')
    return fileSaysOn ? 'servers.json was edited to switch it on. Only you can: switch it on here.' : null;
  if (health !== 'held') return running;
  switch (record.state) {
    case 'pending':
      return 'Its launch was not approved yet. Look at the command in Approvals.';
    case 'changed':
      return 'What it would run is not what you approved. Look at the change in Approvals.';
    case 'blocked':
      return 'You blocked it. Approve its launch to use it again.';
    case 'approved':
      return null;
    default:
      return assertNever(record.state);
  }
}

/** Some servers connect without a sign-in and ask for it later. */
function signInProblemOf(signIns: Pick<SignIns, 'stateOf' | 'wantedScopeOf'>, name: string): string | null {
  switch (signIns.stateOf(name)) {
    case 'none':
    case 'signed-in':
      return null;
    case 'needed':
      return signInProblem(name);
    case 'more-needed':
      return `${name} asked for more rights (${signIns.wantedScopeOf(name) ?? 'not named'}) than your sign-in gives. Sign in again to give them.`;
  }
}

function toolCounts(approvals: Approvals, server: string): ServerSummary['tools'] {
  const counts = { total: 0, approved: 0, pending: 0, changed: 0, blocked: 0, read: 0, write: 0, destructive: 0 };
  for (const tool of approvals.tools({ server })) {
    counts.total += 1;
    counts[tool.state] += 1;
    counts[tool.effect ?? tool.suggestedEffect] += 1;
  }
  return counts;
}

/** What Approvals lists of a server besides its launch. */
export function waitingOf(approvals: Pick<Approvals, 'tools'>, record: ServerRecord): number {
  if (record.state !== 'approved') return 0;
  const offers = offerKindSchema.options
    .flatMap((kind) => approvals.tools({ server: record.name, kind }))
    .filter(({ state }) => state === 'pending' || state === 'changed').length;
  return offers + (record.instructionsState === 'pending' ? 1 : 0);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.length > 0 ? value.slice(0, 200) : null;
}
