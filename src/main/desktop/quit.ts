/** The end of the app: everything it started is stopped before the process goes, but not for ever. */
import type { App } from 'electron';

export interface QuitParts {
  readonly app: Pick<App, 'on' | 'exit'>;
  /** Stops gateway, servers, database; then the window and tray. */
  readonly dispose: () => Promise<void>;
  /** Longest wait for `dispose`, in milliseconds. */
  readonly boundMs: number;
  readonly failed: (error: unknown) => void;
}

/** Resolves to true when `work` settled in time. A failure is reported and counts as settled. */
async function settledWithin(work: Promise<void>, boundMs: number, failed: (error: unknown) => void): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), boundMs);
  try {
    return await Promise.race([
      work.then(
        () => true,
        (error: unknown) => {
          failed(error);
          return true;
        },
      ),
      late.promise,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Holds the quit back until everything is disposed, then exits: 0 when all of it stopped, 1 when the bound passed.
 * Asking to quit again in between changes nothing.
 */
export function disposeBeforeQuit(parts: QuitParts): void {
  let isQuitting = false;
  parts.app.on('before-quit', (event) => {
    event.preventDefault();
    if (isQuitting) return;
    isQuitting = true;
    void settledWithin(parts.dispose(), parts.boundMs, parts.failed).then((inTime) => {
      if (!inTime) parts.failed(new Error(`Stopping took longer than ${parts.boundMs} ms; ending anyway.`));
      parts.app.exit(inTime ? 0 : 1);
    });
  });
}
