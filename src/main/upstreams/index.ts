/** Entry of the upstreams room: servers.json and one connection per server. */
export { commandLineOf, shellQuote } from './command-line.ts';
export { configFlaw, launchIdentityOf } from './launch-identity.ts';
export { launchWarnings } from './launch-warnings.ts';
export { endOrphans } from './process-tree.ts';
export { resolveProgram } from './program-path.ts';
export { createServerConfigs, type ServerConfigsOptions } from './server-configs.ts';
export type {
  RoomLog,
  ServerConfigs,
  UpstreamAnswer,
  UpstreamContext,
  UpstreamRequest,
  UpstreamStatus,
  Upstreams,
} from './types.ts';
export { UpstreamError } from './upstream-error.ts';
export { createUpstreams, type UpstreamsOptions } from './upstreams.ts';
