/** Entry of the upstreams room: servers.json and one connection per server. */
export { commandLineOf, shellQuote } from './command-line.ts';
export { signInProblem } from './connect.ts';
export { configFlaw, launchIdentityOf } from './launch-identity.ts';
export { launchWarnings } from './launch-warnings.ts';
export {
  createSignIns,
  isSignInOf,
  isSignInSecret,
  type SignInState,
  type SignIns,
  type StartedSignIn,
} from './oauth/index.ts';
export { endOrphans } from './process-tree.ts';
export { resolveProgram } from './program-path.ts';
export { replaceFile } from './replace-file.ts';
export { createServerConfigs, type ServerConfigsOptions } from './server-configs.ts';
export type {
  CallerSide,
  InstanceKey,
  RoomLog,
  ServerConfigs,
  ServerQuestion,
  UpstreamAnswer,
  UpstreamContext,
  UpstreamRequest,
  UpstreamStatus,
  Upstreams,
  WrittenJson,
} from './types.ts';
export { QuestionRefused } from './types.ts';
export { UpstreamError } from './upstream-error.ts';
export { createUpstreams, idleMinutesOf, type UpstreamsOptions } from './upstreams.ts';
