/** `gatehouse pause`, `resume` and `status`. */
import type { GateState, Status } from '@shared/contract/index.ts';
import { type AdminOptions, printResult, type WideningOptions, widen, withInstance } from './admin.ts';
import { appIdOf } from './app.ts';
import { printFacts, printLine, timeOf } from './output.ts';
import { printable } from './printable.ts';

export async function pause(options: AdminOptions & { readonly for?: number; readonly app?: string }): Promise<void> {
  await withInstance(options, async (client) => {
    const app = options.app === undefined ? undefined : await appIdOf(client, options.app);
    const gate = await client.gate.pause({ app, forMs: options.for });
    printResult(options, gate, () => printGate(gate, app));
  });
}

export async function resume(options: WideningOptions & { readonly app?: string }): Promise<void> {
  await withInstance(options, async (client) => {
    const app = options.app === undefined ? undefined : await appIdOf(client, options.app);
    const gate = await widen(
      client,
      options,
      () => client.gate.resume({ app }),
      async () => (await import('@shared/contract/gate.ts')).gateStateSchema,
    );
    printResult(options, gate, () => printGate(gate, app));
  });
}

function printGate(gate: GateState, app: string | undefined): void {
  const paused = app === undefined ? (gate.paused ? gate : undefined) : gate.apps[app];
  const whose = app === undefined ? 'The gate' : `The gate for ${app}`;
  printLine(paused ? `${whose} is paused${until(paused.until)}.` : `${whose} is open.`);
}

function until(at: number | null): string {
  return at === null ? ' until somebody resumes it' : ` until ${timeOf(at)}`;
}

export async function status(options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    printResult(options, await client.system.status(), printStatus);
  });
}

function printStatus(status: Status): void {
  const { gate, servers, tools, apps, log } = status;
  const pausedApps = Object.keys(gate.apps);
  printFacts([
    ['Gate', gate.paused ? `paused${until(gate.until)}` : 'open'],
    ...(pausedApps.length > 0 ? [['Paused apps', pausedApps.join(', ')] as const] : []),
    ['Endpoint', status.endpoint ?? 'not listening'],
    ['Console', status.console ?? '-'],
    ['Servers', `${servers.total}: ${servers.ready} usable, ${servers.failing} failing, ${servers.held} held`],
    ['Tools', `${tools.total}: ${tools.approved} approved, ${tools.waiting} waiting, ${tools.blocked} blocked`],
    ['Waiting', `${status.waiting} for you, in Approvals`],
    ['Apps', `${apps.active} of ${apps.total} active`],
    ['Log', `${log.entries} entries${log.intact === false ? ', NOT INTACT' : ''}`],
    ['Command line', status.cliAdmin ? 'may widen access (--cli-admin)' : 'asks you before it widens access'],
    ['Data folder', status.dataDir],
    ['Version', `${status.version} (process ${status.pid}, ${status.mode}, since ${timeOf(status.startedAt)})`],
  ]);
  for (const problem of status.problems) {
    printLine('');
    printLine(`${printable(problem.title)}. ${printable(problem.detail)}`);
    printLine(`Next: ${printable(problem.nextStep)}`);
  }
}
