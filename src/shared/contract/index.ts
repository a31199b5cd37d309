/** Everything the fronts (window, console, command line) can ask of the main process, in one contract. */
import { appsContract } from './apps.ts';
import { asksContract } from './asks.ts';
import { callsContract } from './calls.ts';
import { catalogContract } from './catalog.ts';
import { gateContract } from './gate.ts';
import { policyContract } from './policy.ts';
import { serversContract } from './servers.ts';
import { settingsContract } from './settings.ts';
import { confirmationsContract, systemContract } from './system.ts';
import { toolsContract } from './tools.ts';

export const contract = {
  system: systemContract,
  gate: gateContract,
  servers: serversContract,
  tools: toolsContract,
  calls: callsContract,
  apps: appsContract,
  asks: asksContract,
  catalog: catalogContract,
  policy: policyContract,
  settings: settingsContract,
  confirmations: confirmationsContract,
};
export type Contract = typeof contract;

export * from './apps.ts';
export * from './asks.ts';
export * from './calls.ts';
export * from './catalog.ts';
export * from './errors.ts';
export * from './findings.ts';
export * from './gate.ts';
export * from './policy.ts';
export * from './servers.ts';
export * from './settings.ts';
export * from './system.ts';
export * from './tools.ts';
