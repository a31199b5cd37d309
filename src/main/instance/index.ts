/** Entry of the instance room: one process per data folder, its admin socket and its runtime.json. Used by both fronts. */
export { AlreadyRunning, claimInstance, type Instance, type InstanceFacts } from './instance.ts';
