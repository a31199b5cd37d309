/** The app behind the desktop front: claims the data folder, starts every service, opens the command line's socket. */
import { createApp } from './app.ts';
import { type BackendParts, createElectronSettings, type DesktopBackend, keyStoreFor } from './desktop/index.ts';
import { claimInstance } from './instance/index.ts';

/** Starts everything but the window. Throws `AlreadyRunning` when another process, e.g. `serve`, has the folder. */
export async function createDesktopBackend({ dataDir, version, cipher, log }: BackendParts): Promise<DesktopBackend> {
  await using starting = new AsyncDisposableStack();
  const instance = starting.use(await claimInstance(dataDir));
  const app = starting.use(
    await createApp({
      mode: 'desktop',
      dataDir,
      version,
      log,
      keyStore: keyStoreFor(dataDir, cipher),
      settings: createElectronSettings(dataDir, log),
      // The person sees the problem in the window and the tray, and moves the port there.
      whenPortTaken: 'report',
    }),
  );
  await instance.open((client) => app.attachSocket(client, 'cli'), {
    version,
    startedAt: app.status().startedAt,
    endpoint: () => app.status().endpoint,
    console: null,
  });
  starting.use(
    app.onEvent((event) => {
      if (event.type === 'status') instance.refresh();
    }),
  );
  const running = starting.move();
  return {
    status: app.status,
    onEvent: app.onEvent,
    client: app.client,
    attachPort: app.attachPort,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
