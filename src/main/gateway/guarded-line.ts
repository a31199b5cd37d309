/** What a server says while it works on a call passes the guards too: progress and log messages. */
import type { CallGuard, GuardPolicy } from '../guards/index.ts';
import type { CallLine } from './call.ts';

type Message = Record<string, unknown>;

/** The line, with secrets taken out of messages as out of results; a message that is kept back is left out. */
export function guardedLine(line: CallLine, guard: CallGuard, policy: GuardPolicy | null): CallLine {
  const { onProgress, onLog } = line;
  if (policy === null || (onProgress === undefined && onLog === undefined)) return line;
  const guarded =
    (tell: (message: Message) => void) =>
    (message: Message): void => {
      const verdict = guard.result(JSON.stringify(message), policy);
      if (verdict.kind === 'pass') tell(message);
      // What was an object before its strings were rewritten is one after.
      else if (verdict.kind === 'redacted') tell(JSON.parse(verdict.json) as Message);
    };
  return { ...line, ...(onProgress && { onProgress: guarded(onProgress) }), ...(onLog && { onLog: guarded(onLog) }) };
}
