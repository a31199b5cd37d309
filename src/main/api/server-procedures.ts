import { createHash } from 'node:crypto';
import { ORPCError } from '@orpc/server';
import type { AddServerInput, LaunchPlan, ServerConfig, ServerSummary } from '@shared/contract/index.ts';
import type { Actor } from '@shared/words.ts';
import { launchFingerprintOf } from '../approvals/index.ts';
import { secretNamesIn } from '../secrets/index.ts';
import { commandLineOf, isSignInSecret, launchIdentityOf, resolveProgram } from '../upstreams/index.ts';
import type { ContractImplementer } from './base.ts';
import { launchWarningsFor } from './launch-facts.ts';
import type { Services } from './services.ts';

/**
 * How long adding a server waits for its first listing before it answers with the state so far: as long as a package
 * runner may take to download the program.
 */
const FIRST_LISTING_MS = 180_000;

const noServer = (name: string) =>
  new ORPCError('NOT_FOUND', { message: `There is no server named ${name}. "gatehouse server list" shows all.` });

/** What would run, as shown before anything does. Starts nothing, writes nothing. */
export function planServer(services: Services, input: Omit<AddServerInput, 'secrets'>): LaunchPlan {
  const { name, config } = input;
  rejectUnbuiltSandbox(config);
  if ((config.command === undefined) === (config.url === undefined)) {
    throw new ORPCError('INVALID', { message: `${name} needs either a command or a URL.` });
  }
  const launch = launchIdentityOf(config);
  const argv = launch.command === null ? [] : [launch.command, ...launch.args];
  return {
    name,
    launch,
    argv,
    commandLine: commandLineOf(launch),
    resolvedCommand: launch.command === null ? null : resolveProgram(launch.command, launch.cwd),
    isolation: launch.kind === 'stdio' ? 'none' : 'remote',
    warnings: launchWarningsFor(name, config, services.configs.all()),
    replaces: services.configs.all().has(name),
    consentHash: createHash('sha256')
      .update(JSON.stringify([name, launch]))
      .digest('hex'),
  };
}

/**
 * Adds a server a person consented to: secrets to the vault, the entry to servers.json, the launch approved, the
 * server started once so that its tools can be reviewed. All of them are held.
 */
export async function addServer(
  services: Services,
  actor: Actor,
  input: AddServerInput & { consentHash: string; replace?: boolean | undefined },
): Promise<ServerSummary> {
  const plan = planServer(services, input);
  if (plan.consentHash !== input.consentHash) {
    throw new ORPCError('CONFLICT', { message: 'What would run is not what was shown. Look at it again.' });
  }
  if (plan.replaces && input.replace !== true) {
    throw new ORPCError('CONFLICT', {
      message: `A server named ${input.name} exists already. Choose another name, or remove that one first.`,
    });
  }
  const reserved = plan.launch.secretNames.find(isSignInSecret);
  if (reserved !== undefined) {
    throw new ORPCError('INVALID', { message: `The secret ${reserved} belongs to a sign-in. Choose another name.` });
  }
  const missing = plan.launch.secretNames.filter((name) => input.secrets?.[name] === undefined);
  const known = new Set(missing.length > 0 ? await services.vault.names() : []);
  const unknown = missing.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new ORPCError('INVALID', { message: `No value was given for the secret ${unknown.join(', ')}.` });
  }
  const uncalledFor = Object.keys(input.secrets ?? {}).find((name) => !plan.launch.secretNames.includes(name));
  if (uncalledFor !== undefined) {
    throw new ORPCError('INVALID', {
      message: `A value was given for the secret ${uncalledFor}, which ${input.name} does not use. Nothing was stored.`,
    });
  }
  for (const [name, value] of Object.entries(input.secrets ?? {})) await services.vault.set(name, value);
  if (input.config.disabled !== true) services.intake.switchOn(input.name);
  await services.configs.put(input.name, input.config);
  await services.intake.sync();
  approveWhatWasShown(services, actor, plan);
  await services.intake.sync();
  if (input.config.disabled !== true) await listAtOnce(services, input.name);
  return summaryOf(services, input.name);
}

/** servers.json can be edited between our write and this moment; only what the person saw is approved. */
function approveWhatWasShown({ approvals }: Services, actor: Actor, { name, launch }: LaunchPlan): void {
  const record = approvals.server(name);
  if (record?.launchFingerprint !== launchFingerprintOf(launch)) {
    throw new ORPCError('CONFLICT', {
      message: `Another program changed ${name} in servers.json at this very moment, so it is held. Look at it in Approvals.`,
    });
  }
  approvals.approveServer(name, actor, record.fingerprint);
}

/** A server that fails to list is added all the same: its health and problem say what is wrong. */
export async function listAtOnce(services: Services, name: string): Promise<void> {
  await services.intake.refresh(name, AbortSignal.timeout(FIRST_LISTING_MS)).catch(() => undefined);
}

function rejectUnbuiltSandbox(config: ServerConfig): void {
  const sandbox = config.gatehouse?.sandbox;
  if (sandbox === 'docker' || sandbox === 'os') {
    throw new ORPCError('INVALID', {
      message: `The ${sandbox} sandbox is not built yet. Without it the server runs with your own rights.`,
    });
  }
}

export function summaryOf(services: Services, name: string): ServerSummary {
  const summary = services.summaries.server(name);
  if (!summary) throw noServer(name);
  return summary;
}

export function existingServer({ configs }: Services, name: string): ServerConfig {
  const config = configs.all().get(name);
  if (!config) throw noServer(name);
  return config;
}

export function serverProcedures(base: ContractImplementer, services: Services) {
  const { approvals, configs, intake, upstreams, signIns, vault, clock, audit } = services;
  const existing = (name: string) => existingServer(services, name);

  return {
    list: base.servers.list.handler(() => services.summaries.servers()),
    get: base.servers.get.handler(({ input }) => {
      const detail = services.summaries.serverDetail(input.name);
      if (!detail) throw noServer(input.name);
      return detail;
    }),
    plan: base.servers.plan.handler(({ input }) => planServer(services, input)),
    add: base.servers.add.handler(({ input, context }) => addServer(services, context.actor, input)),
    remove: base.servers.remove.handler(async ({ input, context }) => {
      const config = existing(input.name);
      const removed = await configs.remove(input.name);
      await signIns.remove(input.name);
      await intake.sync();
      // Secrets named after the server were made for it; others may serve elsewhere.
      for (const secret of secretNamesOf(config)) {
        if (secret.startsWith(`${input.name}.`)) await vault.delete(secret);
      }
      audit.note(
        { at: clock(), actor: context.actor, action: 'server.remove', subject: input.name, facts: {} },
        { happened: true },
      );
      return { removed };
    }),
    restart: base.servers.restart.handler(async ({ input }) => {
      existing(input.name);
      if (approvals.server(input.name)?.state !== 'approved') {
        throw new ORPCError('REFUSED', { message: `${input.name} is held. Approve what it runs first.` });
      }
      await upstreams.restart(input.name);
      await listAtOnce(services, input.name);
      return summaryOf(services, input.name);
    }),
    approve: base.servers.approve.handler(async ({ input, context }) => {
      existing(input.name);
      approvals.approveServer(input.name, context.actor, input.fingerprint);
      await intake.sync();
      await listAtOnce(services, input.name);
      return summaryOf(services, input.name);
    }),
    block: base.servers.block.handler(async ({ input, context }) => {
      existing(input.name);
      approvals.blockServer(input.name, context.actor);
      await intake.sync();
      return summaryOf(services, input.name);
    }),
    setDisabled: base.servers.setDisabled.handler(async ({ input }) => {
      const { disabled: _before, ...config } = existing(input.name);
      if (!input.disabled) intake.switchOn(input.name);
      await configs.put(input.name, input.disabled ? { ...config, disabled: true } : config);
      await intake.sync();
      if (!input.disabled) await listAtOnce(services, input.name);
      return summaryOf(services, input.name);
    }),
    logs: base.servers.logs.handler(({ input }) => {
      existing(input.name);
      return upstreams.logs(input.name, input);
    }),
  };
}

function secretNamesOf(config: ServerConfig): string[] {
  const { env, headers, url, gatehouse } = config;
  const texts = [
    ...Object.values(env ?? {}),
    ...Object.values(headers ?? {}),
    url ?? '',
    gatehouse?.oauth?.clientSecret ?? '',
  ];
  return texts.flatMap((text) => secretNamesIn(text));
}
