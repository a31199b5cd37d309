/**
 * Entry of the runtime room: the data folder, and how programs find the instance that runs for it. Imports nothing but
 * Node, because the stdio bridge is built on it.
 */
export { candidateDataDirs, desktopDataDir, ensurePrivateDir, folderUnusable, headlessDataDir } from './data-dir.ts';
export { findRunningInstance, type RunningInstance } from './running-instance.ts';
export {
  type RuntimeInfo,
  readRuntimeFile,
  removeRuntimeFile,
  runtimeFileOf,
  writeRuntimeFile,
} from './runtime-file.ts';
export { socketPathFor } from './socket-path.ts';
