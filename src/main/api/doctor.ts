import { access, constants, stat } from 'node:fs/promises';
import type { Services } from './services.ts';
import { LOG_PROBLEM, reportLogCheck } from './status-view.ts';

export interface Finding {
  readonly id: string;
  readonly ok: boolean;
  readonly title: string;
  readonly detail: string;
  readonly nextStep: string | null;
}

/** Looks at everything Gatehouse depends on and says, for each, whether it is well and what to do if not. */
export async function examine(services: Services, signal: AbortSignal | undefined): Promise<Finding[]> {
  const log = await services.audit.verify(signal);
  reportLogCheck(services.status, log);
  const status = services.status.read();
  const findings: Finding[] = [
    await dataFolder(status.dataDir),
    {
      id: 'endpoint',
      ok: status.endpoint !== null,
      title: status.endpoint ? `Listening on ${status.endpoint}` : 'The endpoint does not listen',
      detail: 'AI apps reach Gatehouse at this address, on this computer only.',
      nextStep: status.endpoint ? null : 'Choose another port in Settings, or end the program that uses this one.',
    },
    {
      id: 'log',
      ok: log.ok,
      title: log.ok ? `Activity log intact, ${log.entries} entries` : 'The activity log was changed',
      detail: log.problem ?? `Head ${log.headHash.slice(0, 16)}, ${log.interrupted} interrupted calls.`,
      nextStep: log.ok ? null : `Keep a copy of the data folder and look at entry ${log.firstBadSeq}.`,
    },
    {
      id: 'gate',
      ok: !status.gate.paused,
      title: status.gate.paused ? 'The gate is paused' : 'The gate is open',
      detail: status.gate.paused ? 'No AI app can use any tool.' : `${status.tools.approved} tools can be used.`,
      nextStep: status.gate.paused ? 'gatehouse resume' : null,
    },
  ];
  for (const server of services.summaries.servers()) {
    const ok = server.health !== 'failing' && server.health !== 'held';
    findings.push({
      id: `server:${server.name}`,
      ok,
      title: `${server.name} is ${server.health}`,
      detail: server.problem ?? server.commandLine,
      nextStep: ok ? null : `gatehouse server logs ${server.name}`,
    });
  }
  for (const problem of status.problems) {
    // Said above already.
    if (problem.id === LOG_PROBLEM) continue;
    findings.push({
      id: problem.id,
      ok: false,
      title: problem.title,
      detail: problem.detail,
      nextStep: problem.nextStep,
    });
  }
  return findings;
}

async function dataFolder(dataDir: string): Promise<Finding> {
  const title = `Data folder ${dataDir}`;
  try {
    await access(dataDir, constants.R_OK | constants.W_OK);
    const { mode } = await stat(dataDir);
    const open = process.platform !== 'win32' && (mode & 0o077) !== 0;
    return {
      id: 'data-folder',
      ok: !open,
      title,
      detail: open ? 'Others on this computer can look into it.' : 'Readable and writable, by you only.',
      nextStep: open ? `chmod 700 ${dataDir}` : null,
    };
  } catch (error) {
    return {
      id: 'data-folder',
      ok: false,
      title,
      detail: error instanceof Error ? error.message : 'It cannot be used.',
      nextStep: 'Make the folder writable for you, or start with --data-dir.',
    };
  }
}
