import { ORPCError } from '@orpc/server';
import type { CatalogItem } from '@shared/contract/index.ts';
import type { ContractImplementer } from './base.ts';
import { addServer, planServer } from './server-procedures.ts';
import type { Services } from './services.ts';
import { reportLogCheck } from './status-view.ts';

export function gateProcedures(base: ContractImplementer, { gate, apps }: Services) {
  const appIdOf = (nameOrId: string | undefined): string | undefined => {
    if (nameOrId === undefined) return undefined;
    const app = apps.list().find((candidate) => candidate.id === nameOrId || candidate.name === nameOrId);
    if (!app) throw new ORPCError('NOT_FOUND', { message: `There is no AI app named ${nameOrId}.` });
    return app.id;
  };
  return {
    get: base.gate.get.handler(() => gate.state()),
    pause: base.gate.pause.handler(({ input, context }) => {
      const app = appIdOf(input?.app);
      return gate.pause(context.actor, {
        ...(app !== undefined && { app }),
        ...(input?.forMs !== undefined && { forMs: input.forMs }),
      });
    }),
    resume: base.gate.resume.handler(({ input, context }) => {
      const app = appIdOf(input?.app);
      return gate.resume(context.actor, app === undefined ? {} : { app });
    }),
  };
}

export function callProcedures(base: ContractImplementer, { audit, status }: Services) {
  return {
    list: base.calls.list.handler(({ input }) => audit.list(input)),
    counts: base.calls.counts.handler(({ input }) => audit.counts(input)),
    histogram: base.calls.histogram.handler(({ input }) => audit.histogram(input)),
    get: base.calls.get.handler(({ input }) => {
      const call = audit.get(input.id);
      if (!call) throw new ORPCError('NOT_FOUND', { message: `There is no call ${input.id} in the log.` });
      return call;
    }),
    verify: base.calls.verify.handler(async ({ signal }) => {
      const found = await audit.verify(signal);
      reportLogCheck(status, found);
      return found;
    }),
    export: base.calls.export.handler(({ input }) => audit.export(input)),
  };
}

export function appProcedures(
  base: ContractImplementer,
  { apps, summaries, profiles, endpoint, audit, clock }: Services,
) {
  const summaryOf = (id: string) => {
    const summary = summaries.app(id);
    if (!summary) throw new ORPCError('NOT_FOUND', { message: `There is no AI app ${id}.` });
    return summary;
  };
  return {
    list: base.apps.list.handler(() => summaries.apps()),
    issueToken: base.apps.issueToken.handler(({ input, context }) => {
      if (input.profile !== undefined && !profiles.get(input.profile)) {
        const known = profiles.all().map((profile) => profile.name);
        throw new ORPCError('INVALID', {
          message: `There is no profile ${input.profile}. policy.json has: ${known.join(', ')}.`,
        });
      }
      const address = endpoint();
      if (address === null) {
        throw new ORPCError('FAILED', { message: 'The endpoint does not listen. "gatehouse doctor" says why.' });
      }
      const { app, token } = apps.issueToken(input.name, input.profile);
      audit.note({ at: clock(), actor: context.actor, action: 'app.token', subject: app.id, facts: {} });
      return { app: summaryOf(app.id), token, endpoint: address };
    }),
    revoke: base.apps.revoke.handler(({ input, context }) => {
      if (!apps.revoke(input.id)) throw new ORPCError('NOT_FOUND', { message: `There is no AI app ${input.id}.` });
      audit.note(
        { at: clock(), actor: context.actor, action: 'app.revoke', subject: input.id, facts: {} },
        { happened: true },
      );
      return summaryOf(input.id);
    }),
    remove: base.apps.remove.handler(({ input, context }) => {
      const removed = apps.remove(input.id);
      if (removed)
        audit.note(
          { at: clock(), actor: context.actor, action: 'app.remove', subject: input.id, facts: {} },
          { happened: true },
        );
      return { removed };
    }),
  };
}

export function catalogProcedures(base: ContractImplementer, services: Services) {
  const { catalog, configs } = services;
  const addedAs = (id: string): string[] =>
    [...configs.all()].flatMap(([name, config]) => (config.gatehouse?.catalogId === id ? [name] : []));
  const itemOf = (id: string): CatalogItem => {
    const entry = catalog.get(id);
    if (!entry) throw new ORPCError('NOT_FOUND', { message: `The catalog has no entry ${id}.` });
    return { ...entry, addedAs: addedAs(id) };
  };
  const resolve = (input: { id: string; inputs: Record<string, string | string[]>; name?: string | undefined }) => {
    itemOf(input.id);
    try {
      return catalog.resolve(input.id, input.inputs, input.name);
    } catch (error) {
      throw new ORPCError('INVALID', { message: error instanceof Error ? error.message : 'An input does not fit.' });
    }
  };
  return {
    list: base.catalog.list.handler(({ input }) => {
      const entries = input?.search ? catalog.search(input.search) : catalog.all();
      return entries.map((entry) => ({ ...entry, addedAs: addedAs(entry.id) }));
    }),
    get: base.catalog.get.handler(({ input }) => itemOf(input.id)),
    plan: base.catalog.plan.handler(({ input }) => {
      const { name, config } = resolve(input);
      return planServer(services, { name, config });
    }),
    add: base.catalog.add.handler(({ input, context }) =>
      addServer(services, context.actor, { ...resolve(input), consentHash: input.consentHash }),
    ),
  };
}

export function settingsProcedures(base: ContractImplementer, { settings }: Services) {
  return {
    get: base.settings.get.handler(() => settings.get()),
    set: base.settings.set.handler(({ input }) => settings.set(input)),
  };
}

export function confirmationProcedures(base: ContractImplementer, { confirmations }: Services) {
  const unknown = (id: string) =>
    new ORPCError('NOT_FOUND', { message: `There is no confirmation ${id}. Gatehouse may have restarted: ask again.` });
  return {
    list: base.confirmations.list.handler(() => [...confirmations.list()]),
    confirm: base.confirmations.confirm.handler(async ({ input }) => {
      const confirmation = await confirmations.confirm(input.id);
      if (!confirmation) throw unknown(input.id);
      return confirmation;
    }),
    deny: base.confirmations.deny.handler(({ input }) => {
      const confirmation = confirmations.deny(input.id);
      if (!confirmation) throw unknown(input.id);
      return confirmation;
    }),
    wait: base.confirmations.wait.handler(async ({ input, context, signal }) => {
      const settled = await confirmations.wait(input.id, context.connection, signal);
      if (!settled) throw unknown(input.id);
      return { confirmation: settled.confirmation, result: settled.result };
    }),
  };
}
