/** `gatehouse app …` */
import type { AppSummary } from '@shared/contract/index.ts';
import { type AdminOptions, printResult, type WideningOptions, widen, withInstance } from './admin.ts';
import { CliError } from './exit.ts';
import { printLine, printNote, printTable, timeOf } from './output.ts';
import { printable } from './printable.ts';
import type { AdminClient } from './socket-client.ts';
import { writeTokenFile } from './stdio/token-file.ts';

export async function listApps(options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    printResult(options, await client.apps.list(), (apps) =>
      printTable<AppSummary>(
        [
          { heading: 'APP', cell: (app) => app.name },
          { heading: 'PROFILE', cell: (app) => app.profile },
          { heading: 'TOKEN', cell: (app) => (app.revokedAt === null ? `…${app.tokenHint}` : 'revoked') },
          { heading: 'GATE', cell: (app) => (app.paused ? 'paused' : 'open') },
          { heading: 'CALLS TODAY', cell: (app) => `${app.calls.today}` },
          { heading: 'REFUSED', cell: (app) => `${app.calls.refusedToday}` },
          { heading: 'LAST USED', cell: (app) => timeOf(app.lastUsedAt) },
        ],
        apps,
        'No apps yet. Give one a token: gatehouse app token NAME',
      ),
    );
  });
}

/** Prints the token once; with `--save` also keeps it for `gatehouse stdio --app NAME`. */
export async function issueToken(
  name: string,
  options: WideningOptions & { readonly profile?: string; readonly save?: boolean },
): Promise<void> {
  await withInstance(options, async (client) => {
    const issued = await widen(
      client,
      options,
      () => client.apps.issueToken({ name, profile: options.profile }),
      async () => (await import('@shared/contract/apps.ts')).issuedTokenSchema,
    );
    if (options.save) {
      const { dataDir } = await client.system.status();
      printNote(`Kept for gatehouse stdio --app "${name}" in ${await writeTokenFile(dataDir, name, issued.token)}`);
    }
    printResult(options, { app: issued.app.name, token: issued.token }, ({ token }) => {
      printLine(token);
      printNote(`This is the token of ${printable(issued.app.name)}. It is shown once. Endpoint: ${issued.endpoint}`);
    });
  });
}

export async function revokeApp(name: string, options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    const app = await client.apps.revoke({ id: await appIdOf(client, name) });
    printResult(options, app, () => printLine(`The token of ${printable(app.name)} no longer works.`));
  });
}

export async function removeApp(name: string, options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    const result = await client.apps.remove({ id: await appIdOf(client, name) });
    printResult(options, result, () => printLine(`Removed ${name}.`));
  });
}

/** The id of the app with this name or id. Throws CliError when there is none. */
export async function appIdOf(client: AdminClient, name: string): Promise<string> {
  const apps = await client.apps.list();
  const found =
    apps.find((app) => app.id === name) ?? apps.find((app) => app.name.toLowerCase() === name.toLowerCase());
  if (!found) throw new CliError('failed', `There is no app ${JSON.stringify(name)}. See: gatehouse app list`);
  return found.id;
}
