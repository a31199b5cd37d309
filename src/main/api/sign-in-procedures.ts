import { ORPCError } from '@orpc/server';
import { orAborted } from '@shared/or-aborted.ts';
import type { StartedSignIn } from '../upstreams/index.ts';
import type { ContractImplementer } from './base.ts';
import { existingServer, listAtOnce, summaryOf } from './server-procedures.ts';
import type { Services } from './services.ts';

/** Sign-ins at remote servers. Only these procedures begin one; a connection that is refused never does. */
export function signInProcedures(base: ContractImplementer, services: Services) {
  const { approvals, audit, clock, signIns, upstreams } = services;
  /** The last sign-in of each server, and the listing that follows it. */
  const begun = new Map<string, { readonly started: StartedSignIn; readonly listed: Promise<void> }>();

  const listAfter = (name: string, started: StartedSignIn): void => {
    if (begun.get(name)?.started === started) return;
    const listed = started.done.then(() => connectAgain(name));
    // Whoever waits for it hears of it.
    listed.catch(() => undefined);
    begun.set(name, { started, listed });
  };
  const connectAgain = async (name: string): Promise<void> => {
    await upstreams.restart(name);
    await listAtOnce(services, name);
  };

  return {
    signIn: base.servers.signIn.handler(async ({ input: { name }, context }) => {
      const config = existingServer(services, name);
      if (approvals.server(name)?.state !== 'approved') {
        throw new ORPCError('REFUSED', { message: `${name} is held. Approve what it runs first.` });
      }
      // What the server wants is said in its refusal; after a restart of Gatehouse there was none yet.
      const isAsked = signIns.isChallenged(name) || signIns.stateOf(name) === 'signed-in';
      if (!isAsked) await connectAgain(name);
      const started = await signIns.start(name, config);
      listAfter(name, started);
      audit.note({
        at: clock(),
        actor: context.actor,
        action: 'server.signIn',
        subject: name,
        facts: { host: started.host },
      });
      return { url: started.url, host: started.host };
    }),
    signInDone: base.servers.signInDone.handler(async ({ input: { name }, signal }) => {
      existingServer(services, name);
      const last = begun.get(name);
      if (!last) throw new ORPCError('INVALID', { message: `No sign-in at ${name} was begun.` });
      await orAborted(last.listed, signal);
      return summaryOf(services, name);
    }),
    signOut: base.servers.signOut.handler(async ({ input: { name }, context }) => {
      existingServer(services, name);
      const signedOut = await signIns.forget(name);
      await upstreams.stop(name);
      audit.note(
        { at: clock(), actor: context.actor, action: 'server.signOut', subject: name, facts: {} },
        { happened: true },
      );
      return { signedOut };
    }),
  };
}
