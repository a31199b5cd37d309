/** Everything that exists while the desktop front runs: built once when Electron is ready, taken down at quit. */
import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Settings } from '@shared/contract/index.ts';
import {
  app,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  Notification,
  nativeTheme,
  protocol,
  session,
} from 'electron';
import { appMenuTemplate } from './app-menu.ts';
import { serveRenderer } from './app-protocol.ts';
import { appScheme } from './app-url.ts';
import { setAutostart } from './autostart.ts';
import { showBadge } from './badge.ts';
import type { DesktopLog } from './desktop-log.ts';
import type { DesktopBackend } from './gatehouse-app.ts';
import { brokerPorts } from './ipc.ts';
import { createNativeTray } from './native-tray.ts';
import { createNativeWindow } from './native-window.ts';
import { blockRemoteLoads } from './navigation-guard.ts';
import { type Notice, Notifier } from './notifications.ts';
import { desktopPaths } from './paths.ts';
import { denyPermissions } from './permissions.ts';
import { GatehouseTray } from './tray.ts';
import { actionRunner } from './tray-actions.ts';
import { TrayFeed } from './tray-feed.ts';
import { closeBehaviourFor, hasTrayHost } from './tray-host.ts';
import { trayIconFile } from './tray-icons.ts';
import { type TrayAction, type TrayState, waitingCount } from './tray-view.ts';
import { followUpdates, loadElectronUpdater } from './updates.ts';

const run = promisify(execFile);
const trayQuestionMs = 2000;

export interface Desktop extends AsyncDisposable {
  /** Brings the window to the front, at a route of the renderer if given. */
  openWindow(route?: string): Promise<void>;
  readonly settings: () => Settings;
}

export interface DesktopParts {
  readonly backend: DesktopBackend;
  readonly dataDir: string;
  readonly log: DesktopLog;
}

/** Builds window, tray, menu, notifications and the port to the page. Electron must be ready. Opens no window yet. */
export async function buildDesktop({ backend, dataDir, log }: DesktopParts): Promise<Desktop> {
  const { platform } = process;
  const paths = desktopPaths(app.getAppPath());
  const person = backend.client('window');
  let settings = await person.settings.get();
  const trayHost = await hasTrayHost(platform, async (file, args) => {
    const { stdout } = await run(file, [...args], { timeout: trayQuestionMs });
    return stdout;
  });

  await using building = new AsyncDisposableStack();
  protocol.handle(appScheme, serveRenderer(paths.renderer));
  denyPermissions(session.defaultSession);
  blockRemoteLoads(session.defaultSession);

  const showNotice = ({ title, body, route }: Notice) => {
    const notification = new Notification({ title, body });
    notification.on('click', () => void act({ type: 'open', route }));
    notification.show();
  };

  const window = building.use(
    createNativeWindow({
      paths,
      dataDir,
      closeBehaviour: () => closeBehaviourFor(trayHost),
      onClosedToTray: () => void sayOnceThatTheGateStays(),
      onPageGone: (reason) => log.warn({ reason }, 'The page ended unexpectedly; the next opening starts a new one'),
    }),
  );
  const sayOnceThatTheGateStays = async () => {
    if (settings.closeNoticeShown) return;
    const place = platform === 'darwin' ? 'the menu bar' : 'the tray';
    showNotice({
      title: 'Gatehouse keeps running',
      body: trayHost
        ? `The gate stays as it is. Open or quit Gatehouse from ${place}.`
        : 'The gate stays as it is. This desktop shows no tray, so the window was minimised; quit from its menu.',
      route: '/',
    });
    settings = await person.settings.set({ closeNoticeShown: true });
  };

  const act: (action: TrayAction) => Promise<void> = actionRunner({
    backend,
    openWindow: (route) => window.show(route),
    copy: (text) => clipboard.writeText(text),
    quit: () => app.quit(),
    failed: (what, error) => {
      log.error({ error }, what);
      dialog.showErrorBox(what, error instanceof Error ? error.message : String(error));
    },
  });

  // electron-store offers the data folder's path to pages; no page of ours asks, so the offer is withdrawn.
  ipcMain.removeAllListeners('electron-store-get-data');
  building.use(
    brokerPorts({
      ipcMain,
      createChannel: () => new MessageChannelMain(),
      ownFrame: () => window.native?.webContents.mainFrame ?? null,
      attach: (port) => backend.attachPort(port, 'window'),
      refused: (url) => log.warn({ url }, 'A frame that is not the Gatehouse page asked for a port and got none'),
    }),
  );

  let menuIsPaused: boolean | undefined;
  const renderMenu = (isPaused: boolean) => {
    if (isPaused === menuIsPaused) return;
    menuIsPaused = isPaused;
    const template = appMenuTemplate(
      { platform, isDevelopment: !app.isPackaged, isPaused },
      (action) => void act(action),
    );
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  };
  const tray = building.use(
    new GatehouseTray({
      create: (file) => createNativeTray(file, platform, () => void act({ type: 'open' })),
      iconFile: (icon) =>
        trayIconFile(paths.trayIcons, icon, platform, nativeTheme.shouldUseDarkColorsForSystemIntegratedUI),
      act: (action) => void act(action),
    }),
  );
  const show = (state: TrayState) => {
    tray.render(state);
    renderMenu(state.status.gate.paused);
    showBadge(waitingCount(state), window.native, trayIconFile(paths.trayIcons, 'attention', platform, true));
  };
  const feed = building.use(
    new TrayFeed({
      backend,
      clock: Date.now,
      show,
      failed: (error) => log.error({ error }, 'The tray is out of date'),
    }),
  );

  const notifier = building.use(
    new Notifier(
      {
        show: showNotice,
        isWindowFocused: () => window.native?.isFocused() ?? false,
        setTimer: (work, delayMs) => {
          const timer = setTimeout(work, delayMs);
          return { cancel: () => clearTimeout(timer) };
        },
      },
      await person.servers.list(),
    ),
  );

  const applySettings = (next: Settings) => {
    settings = next;
    nativeTheme.themeSource = next.theme;
    if (!app.isPackaged) return;
    const program = process.env.APPIMAGE ?? process.execPath;
    const configHome = process.env.XDG_CONFIG_HOME || join(homedir(), '.config');
    setAutostart({ app, platform, program, configHome }, next.startAtLogin);
  };
  applySettings(settings);
  building.use(
    backend.onEvent((event) => {
      notifier.take(event);
      if (event.type === 'settings') applySettings(event.settings);
    }),
  );
  await feed.start();
  const onTheme = () => feed.refresh();
  nativeTheme.on('updated', onTheme);
  building.defer(() => void nativeTheme.off('updated', onTheme));

  building.use(
    followUpdates({
      isPackaged: app.isPackaged,
      resourcesPath: process.resourcesPath,
      isWanted: () => settings.automaticUpdates,
      loadUpdater: loadElectronUpdater,
      failed: (error) => log.warn({ error }, 'Looking for a new version did not work'),
    }),
  );

  const parts = building.move();
  return {
    openWindow: (route) => window.show(route),
    settings: () => settings,
    async [Symbol.asyncDispose]() {
      // What the person sees goes first, then the services behind it.
      window[Symbol.dispose]();
      await parts.disposeAsync();
    },
  };
}
