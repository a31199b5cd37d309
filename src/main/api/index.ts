/** Entry of the api room: the contract's procedures, served alike to the window, the console and the command line. */
import { askingProcedures } from './asking-procedures.ts';
import { implementContract } from './base.ts';
import { actionsOf } from './describe-action.ts';
import { policyProcedures } from './policy-procedures.ts';
import {
  appProcedures,
  callProcedures,
  catalogProcedures,
  confirmationProcedures,
  gateProcedures,
  settingsProcedures,
} from './room-procedures.ts';
import { serverProcedures } from './server-procedures.ts';
import type { Services } from './services.ts';
import { signInProcedures } from './sign-in-procedures.ts';
import { systemProcedures } from './system-procedures.ts';
import { toolProcedures } from './tool-procedures.ts';

export { type Confirmations, createConfirmations } from './confirmations.ts';
export { createEventHub, type EventHub } from './event-hub.ts';
export { askAboutHeldPolicy } from './held-policy.ts';
export type { ConnectionContext, Services } from './services.ts';
export { createStatusSource, reportLogCheck, type StatusSource } from './status-view.ts';
export { createSummaries, type Summaries } from './summaries.ts';

/** Builds the oRPC router. Connections give a context with the actor at their other end. */
export function createRouter(
  services: Services,
  options: { readonly cliAdmin: boolean; readonly log: { error(facts: object, message: string): void } },
) {
  const { confirmations } = services;
  const rule = { confirmations, cliAdmin: options.cliAdmin, describe: actionsOf(services) };
  const base = implementContract(rule, options.log);
  return base.router({
    system: systemProcedures(base, services),
    gate: gateProcedures(base, services),
    servers: { ...serverProcedures(base, services), ...signInProcedures(base, services) },
    tools: toolProcedures(base, services),
    calls: callProcedures(base, services),
    apps: appProcedures(base, services),
    asks: askingProcedures(base, services),
    catalog: catalogProcedures(base, services),
    policy: policyProcedures(base, services),
    settings: settingsProcedures(base, services),
    confirmations: confirmationProcedures(base, services),
  });
}
export type GatehouseRouter = ReturnType<typeof createRouter>;
