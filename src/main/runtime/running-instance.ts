/** Finds the running instance for a command: runtime.json, its process, and a socket that answers. */
import { candidateDataDirs } from './data-dir.ts';
import { type RuntimeInfo, readRuntimeFile } from './runtime-file.ts';
import { socketAnswers } from './socket-path.ts';

export interface RunningInstance extends RuntimeInfo {
  readonly dataDir: string;
}

/**
 * The first candidate folder with an instance that answers. A runtime.json left by a killed process counts for nothing,
 * even when its process id or its port belongs to another program by now: only the owner-only socket proves it.
 */
export async function findRunningInstance(dataDir: string | undefined): Promise<RunningInstance | undefined> {
  for (const candidate of candidateDataDirs(dataDir)) {
    const info = readRuntimeFile(candidate);
    if (info && (await socketAnswers(info.socket))) return { ...info, dataDir: candidate };
  }
  return undefined;
}
