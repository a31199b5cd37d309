/** Entry of the desktop room, the only one that knows Electron: window, tray, menu, notifications, IPC. */
import { app, dialog, powerMonitor, protocol, safeStorage, shell } from 'electron';
import { appSchemeRegistration } from './app-protocol.ts';
import { linkScheme, routeForLink } from './deep-links.ts';
import { buildDesktop, type Desktop } from './desktop.ts';
import type { DesktopLog } from './desktop-log.ts';
import type { DesktopBackend } from './gatehouse-app.ts';
import { guardAllContents } from './navigation-guard.ts';
import { disposeBeforeQuit } from './quit.ts';
import { type SystemCipher, systemCipher } from './safe-storage.ts';
import { dataDirIn, hiddenFlag, routeIn } from './start-arguments.ts';

export type { DesktopLog } from './desktop-log.ts';
export { createElectronSettings } from './electron-settings.ts';
export type { DesktopBackend } from './gatehouse-app.ts';
export type { SystemCipher } from './safe-storage.ts';
export { keyStoreFor } from './vault-key.ts';

/** What the desktop gives to the app behind it. */
export interface BackendParts {
  readonly dataDir: string;
  readonly version: string;
  /** Undefined when the system keeps no key that is worth it; the vault then uses its key file. */
  readonly cipher: SystemCipher | undefined;
  readonly log: DesktopLog;
}

export interface DesktopOptions {
  readonly openLog: (dataDir: string) => Promise<DesktopLog>;
  readonly createBackend: (parts: BackendParts) => Promise<DesktopBackend>;
}

/** As in electron-builder.yml. */
const appId = 'io.github.gatehouse.desktop';

/** Stopping servers and the database may take this long before the process ends anyway, in milliseconds. */
const quitBoundMs = 12_000;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Starts the desktop app. Returns at once: Electron becomes ready only after the entry module has been evaluated, so
 * nothing here may be awaited there. A second instance hands its arguments over and ends with exit code 0.
 */
export function startDesktop(options: DesktopOptions): void {
  try {
    const dataDir = dataDirIn(process.argv);
    if (dataDir !== undefined) app.setPath('userData', dataDir);
  } catch (error) {
    dialog.showErrorBox('Gatehouse could not start', messageOf(error));
    app.exit(2);
    return;
  }
  if (!app.requestSingleInstanceLock()) {
    console.log('Gatehouse runs already; its window comes to the front.');
    app.exit(0);
    return;
  }

  let log: DesktopLog | undefined;
  const report = (error: unknown, what: string) => {
    if (log) log.error({ error }, what);
    else console.error(what, error);
  };

  protocol.registerSchemesAsPrivileged([appSchemeRegistration]);
  app.enableSandbox();
  guardAllContents(app, (url) => void shell.openExternal(url));
  // Without a listener Electron quits with the last window; here the gate goes on.
  app.on('window-all-closed', () => {});

  const desktop = Promise.withResolvers<Desktop>();
  // A start that failed is reported below, once.
  desktop.promise.catch(() => {});
  const open = (route?: string) => {
    desktop.promise
      .then((it) => it.openWindow(route))
      .catch((error: unknown) => report(error, 'The window did not open'));
  };
  app.on('second-instance', (_event, argv) => open(routeIn(argv)));
  app.on('activate', () => open());
  app.on('open-url', (event, url) => {
    event.preventDefault();
    open(routeForLink(url));
  });

  const running = new AsyncDisposableStack();
  const start = async () => {
    await app.whenReady();
    if (app.isPackaged) app.setAsDefaultProtocolClient(linkScheme);
    // Windows shows notifications only for an app whose id is that of its shortcut.
    if (process.platform === 'win32') app.setAppUserModelId(appId);
    // The system waits for a clean end instead of calling its own shutdown off.
    powerMonitor.on('shutdown', (event?: { preventDefault(): void }) => {
      event?.preventDefault();
      app.quit();
    });
    const folder = app.getPath('userData');
    log = await options.openLog(folder);
    const cipher = systemCipher(safeStorage, process.platform);
    const backend = await options.createBackend({ dataDir: folder, version: app.getVersion(), cipher, log });
    running.use(backend);
    const built = running.use(await buildDesktop({ backend, dataDir: folder, log }));
    desktop.resolve(built);
    const route = routeIn(process.argv);
    const isHidden = process.argv.includes(hiddenFlag) || built.settings().startHidden;
    if (route !== undefined || !isHidden) open(route);
  };
  const started = start().catch((error: unknown) => {
    desktop.reject(error);
    report(error, 'Gatehouse could not start');
    dialog.showErrorBox('Gatehouse could not start', messageOf(error));
    void running.disposeAsync().finally(() => app.exit(1));
  });
  disposeBeforeQuit({
    app,
    async dispose() {
      // What is half started is stopped once it stands.
      await started;
      await running.disposeAsync();
    },
    boundMs: quitBoundMs,
    failed: (error) => report(error, 'Not everything stopped as it should'),
  });
}
