/** `gatehouse server sign-in` and `sign-out` */
import type { ServerSummary } from '@shared/contract/index.ts';
import { type AdminOptions, printResult, type WideningOptions, widen, withInstance } from './admin.ts';
import { printLine, printNote } from './output.ts';
import { printable } from './printable.ts';

const startedSchema = async () => (await import('@shared/contract/servers.ts')).startedSignInSchema;

/** Prints where to sign in and waits until that is done; with `--no-wait` only says where. */
export async function signIn(name: string, options: WideningOptions): Promise<void> {
  await withInstance(options, async (client) => {
    const started = await widen(client, options, () => client.servers.signIn({ name }), startedSchema);
    if (options.wait === false) {
      printResult(options, started, ({ url }) => printLine(printable(url)));
      return;
    }
    printNote(`Sign in at ${printable(started.host)} in your browser:`);
    printNote(printable(started.url));
    printNote('Waiting, five minutes at most…');
    const server: ServerSummary = await client.servers.signInDone({ name });
    printResult(options, server, () => {
      printLine(`You are signed in at ${server.name}. It is ${server.health}.`);
      if (server.problem) printNote(printable(server.problem));
    });
  });
}

export async function signOut(name: string, options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    const result = await client.servers.signOut({ name });
    printResult(options, result, () =>
      printLine(result.signedOut ? `You are signed out at ${name}.` : `Nobody was signed in at ${name}.`),
    );
  });
}
