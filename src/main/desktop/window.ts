import type { BrowserWindow, BrowserWindowConstructorOptions, Rectangle } from 'electron';
import { appPageUrl, isAppUrl } from './app-url.ts';
import { minimumSize, openingBounds, type WindowState } from './window-bounds.ts';

/** What closing the window does: `hide` leaves the tray, `minimise` is for desktops that have none. */
export type CloseBehaviour = 'hide' | 'minimise';

export interface MainWindowParts {
  readonly create: (options: BrowserWindowConstructorOptions) => BrowserWindow;
  readonly platform: NodeJS.Platform;
  /** Absolute path of the preload script. */
  readonly preload: string;
  /** The window icon, for Windows and Linux. */
  readonly icon: string;
  readonly isDevelopment: boolean;
  readonly screens: () => readonly Rectangle[];
  readonly isDark: () => boolean;
  readonly store: { read(): unknown; write(state: WindowState): void };
  readonly closeBehaviour: () => CloseBehaviour;
  /** The window was closed by the person and Gatehouse goes on. */
  readonly onClosedToTray: () => void;
  /** The page's process ended; `reason` is Electron's word for why. */
  readonly onPageGone: (reason: string) => void;
  /** The window came or went; macOS shows its dock icon accordingly. */
  readonly onVisibility: (isVisible: boolean) => void;
}

/** The options every window of Gatehouse has, whatever else changes. */
export function windowOptions(
  parts: Pick<MainWindowParts, 'platform' | 'preload' | 'icon' | 'isDevelopment'>,
): BrowserWindowConstructorOptions {
  return {
    title: 'Gatehouse',
    minWidth: minimumSize.width,
    minHeight: minimumSize.height,
    show: false,
    autoHideMenuBar: true,
    ...(parts.platform === 'darwin' ? { titleBarStyle: 'hiddenInset' } : { icon: parts.icon }),
    webPreferences: {
      preload: parts.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: parts.isDevelopment,
    },
  };
}

/** Loads the page at a route. Being overtaken by a newer load is no failure. */
async function load(window: BrowserWindow, route: string | undefined): Promise<void> {
  try {
    await window.loadURL(appPageUrl(route));
  } catch (error) {
    const isOvertaken = error instanceof Error && 'code' in error && error.code === 'ERR_ABORTED';
    if (!isOvertaken) throw error;
  }
}

/** Gatehouse's one window: created at first need, hidden instead of closed, gone only at quit. */
export class MainWindow implements Disposable {
  readonly #parts: MainWindowParts;
  #window: BrowserWindow | undefined;
  #isQuitting = false;

  constructor(parts: MainWindowParts) {
    this.#parts = parts;
  }

  /** The live native window, if there is one. */
  get native(): BrowserWindow | undefined {
    return this.#window && !this.#window.isDestroyed() ? this.#window : undefined;
  }

  /** Brings the window to the front, creating it if needed. `route`: a path of the renderer, e.g. `/approvals`. */
  async show(route?: string): Promise<void> {
    const open = this.native;
    if (!open) return this.#open(route);
    if (open.isMinimized()) open.restore();
    open.show();
    open.focus();
    // Only the part behind the hash changes, so the page stays as it is and its router follows.
    if (route !== undefined && isAppUrl(open.webContents.getURL())) await load(open, route);
  }

  async #open(route: string | undefined): Promise<void> {
    const { maximized, ...bounds } = openingBounds(this.#parts.store.read(), this.#parts.screens());
    const window = this.#parts.create({
      ...windowOptions(this.#parts),
      ...bounds,
      // The canvas of the page's own theme, so that nothing flashes before the first paint.
      backgroundColor: this.#parts.isDark() ? '#0e1214' : '#f4f6f7',
    });
    this.#window = window;
    if (maximized) window.maximize();
    window.once('ready-to-show', () => window.show());
    window.on('show', () => this.#parts.onVisibility(true));
    window.on('hide', () => this.#parts.onVisibility(false));
    window.on('close', (event) => this.#onClose(window, event));
    window.on('closed', () => {
      if (this.#window === window) this.#window = undefined;
      this.#parts.onVisibility(false);
    });
    // A page that crashed is replaced at the next opening; the gate does not depend on it.
    window.webContents.on('render-process-gone', (_event, { reason }) => {
      this.#parts.onPageGone(reason);
      window.destroy();
    });
    await load(window, route);
  }

  #onClose(window: BrowserWindow, event: { preventDefault(): void }): void {
    this.#parts.store.write({ ...window.getNormalBounds(), maximized: window.isMaximized() });
    if (this.#isQuitting) return;
    event.preventDefault();
    if (this.#parts.closeBehaviour() === 'hide') window.hide();
    else window.minimize();
    this.#parts.onClosedToTray();
  }

  /** Lets the window close for real. */
  [Symbol.dispose](): void {
    this.#isQuitting = true;
    this.native?.close();
  }
}
