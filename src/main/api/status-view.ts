import type { GatehouseEvent, LogVerification, Problem, Status } from '@shared/contract/index.ts';
import type { Approvals } from '../approvals/index.ts';
import type { Apps } from '../apps/index.ts';
import type { AuditLog } from '../audit/index.ts';
import type { Gate, Profiles } from '../policy/index.ts';
import type { ServerConfigs } from '../upstreams/index.ts';
import { type Summaries, waitingOf } from './summaries.ts';

/** The whole state in one object, and the problems a person should know. */
export interface StatusSource {
  read(): Status;
  /** Problems found at start or while running, besides those the rooms report themselves. */
  setProblem(problem: Problem): void;
  clearProblem(id: string): void;
}

/** The problem that tells of a changed log. */
export const LOG_PROBLEM = 'log';

export interface StatusOptions {
  readonly approvals: Approvals;
  readonly apps: Apps;
  readonly audit: AuditLog;
  readonly configs: ServerConfigs;
  readonly gate: Gate;
  readonly profiles: Profiles;
  readonly summaries: Summaries;
  readonly facts: Pick<Status, 'version' | 'pid' | 'mode' | 'platform' | 'dataDir' | 'startedAt' | 'cliAdmin'>;
  readonly endpoint: () => { endpoint: string; port: number } | null;
  readonly console: () => string | null;
  readonly publish: (event: GatehouseEvent) => void;
}

/** Says in the status what a check of the whole log found. */
export function reportLogCheck(
  status: Pick<StatusSource, 'setProblem' | 'clearProblem'>,
  found: LogVerification,
): void {
  if (found.ok) {
    status.clearProblem(LOG_PROBLEM);
    return;
  }
  status.setProblem({
    id: LOG_PROBLEM,
    severity: 'broken',
    title: `The activity log was changed at entry ${found.firstBadSeq ?? '–'}`,
    detail: found.problem ?? 'Its hash chain does not hold.',
    nextStep: 'Keep a copy of the data folder, then run gatehouse log verify.',
  });
}

export function createStatusSource(options: StatusOptions): StatusSource {
  const { approvals, apps, audit, configs, gate, profiles, summaries } = options;
  const problems = new Map<string, Problem>();

  const fileProblems = (): Problem[] =>
    [configs.problem(), profiles.problem()].flatMap((problem) =>
      problem
        ? [
            {
              id: `file:${problem.file}`,
              severity: 'limited' as const,
              title: `${problem.file}, line ${problem.line}, column ${problem.column}: ${problem.message}`,
              detail: 'Gatehouse goes on with what it read last.',
              nextStep: `Correct ${problem.file}. It is read again as soon as it is saved.`,
            },
          ]
        : [],
    );

  const logProblem = (): Problem[] => {
    const unavailable = audit.unavailable();
    if (!unavailable) return [];
    return [
      {
        id: 'log-unwritable',
        severity: 'broken',
        title: 'No call goes out, because the call log cannot be written',
        detail: unavailable.message,
        nextStep:
          unavailable.code === 'disk-full'
            ? `Free some space on the disk that holds ${options.facts.dataDir}. Gatehouse then goes on by itself.`
            : 'Restart Gatehouse. If that does not help, check the disk.',
      },
    ];
  };

  const read = (): Status => {
    const servers = summaries.servers();
    const tools = approvals.tools();
    const countTools = (...states: string[]) => tools.filter((tool) => states.includes(tool.state)).length;
    const countServers = (...healths: string[]) => servers.filter((server) => healths.includes(server.health)).length;
    const log = audit.state();
    const listening = options.endpoint();
    const known = apps.list();
    return {
      ...options.facts,
      endpoint: listening?.endpoint ?? null,
      port: listening?.port ?? null,
      console: options.console(),
      gate: gate.state(),
      servers: {
        total: servers.length,
        ready: countServers('ready', 'asleep', 'starting'),
        failing: countServers('failing'),
        held: servers.filter(({ health, approval }) => health === 'held' && approval !== 'blocked').length,
      },
      tools: {
        total: tools.length,
        approved: countTools('approved'),
        waiting: servers.reduce(
          (sum, { approval, tools: of }) => sum + (approval === 'approved' ? of.pending + of.changed : 0),
          0,
        ),
        blocked: countTools('blocked'),
      },
      waiting: waitingCount(approvals),
      apps: { total: known.length, active: known.filter((app) => app.revokedAt === null).length },
      log,
      config: configs.problem(),
      problems: [...logProblem(), ...problems.values(), ...fileProblems()],
    };
  };

  return {
    read,
    setProblem(problem) {
      problems.set(problem.id, problem);
      options.publish({ type: 'status', status: read() });
    },
    clearProblem(id) {
      if (problems.delete(id)) options.publish({ type: 'status', status: read() });
    },
  };
}

/** What Approvals lists. Behind a held launch nothing else can be decided yet. */
function waitingCount(approvals: Approvals): number {
  const servers = approvals.servers();
  const launches = servers.filter(({ state }) => state === 'pending' || state === 'changed').length;
  return servers.reduce((sum, server) => sum + waitingOf(approvals, server), launches);
}
