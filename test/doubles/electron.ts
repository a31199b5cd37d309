/**
 * A stand-in for Electron's main process, for machines without its binary: what Gatehouse uses of it, on Node 24, with
 * the window's page drawn by a real Chromium (`electron-window.ts`). `run-electron.ts` puts it in Electron's place.
 *
 * What it cannot show: the renderer sandbox, context isolation, the look of tray and menus, the keychain.
 */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type Electron from 'electron';
import { SingleInstance } from './electron-single-instance.ts';
import { BrowserWindowDouble, closeBrowser, type WindowHost } from './electron-window.ts';

const root = resolve(import.meta.dirname, '../..');
const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

type AppMembers =
  | 'dock'
  | 'enableSandbox'
  | 'exit'
  | 'getAppPath'
  | 'getPath'
  | 'getVersion'
  | 'isPackaged'
  | 'quit'
  | 'requestSingleInstanceLock'
  | 'setAsDefaultProtocolClient'
  | 'setBadgeCount'
  | 'setLoginItemSettings'
  | 'setPath'
  | 'whenReady';

class AppDouble extends EventEmitter implements Pick<Electron.App, AppMembers> {
  readonly isPackaged = false;
  readonly dock = undefined;
  readonly #ready = Promise.withResolvers<void>();
  readonly #paths = new Map<string, string>();
  #instance: SingleInstance | undefined;
  badge = 0;

  /** Electron is ready only after the entry module has been evaluated; `run-electron.ts` says when. */
  markReady(): void {
    this.#ready.resolve();
    this.emit('ready');
  }

  whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  getAppPath(): string {
    return root;
  }

  getVersion(): string {
    return packageJson.version;
  }

  getPath(name: string): string {
    return this.#paths.get(name) ?? join(tmpdir(), 'gatehouse-electron-double', name);
  }

  setPath(name: string, path: string): void {
    this.#paths.set(name, path);
  }

  enableSandbox(): void {
    facts.isSandboxed = true;
  }

  requestSingleInstanceLock(): boolean {
    this.#instance = SingleInstance.claim(this.getPath('userData'), (argv, cwd) =>
      this.emit('second-instance', {}, argv, cwd, undefined),
    );
    return this.#instance !== undefined;
  }

  setAsDefaultProtocolClient(): boolean {
    return true;
  }

  setBadgeCount(count?: number): boolean {
    this.badge = count ?? 0;
    return true;
  }

  setLoginItemSettings(): void {}

  quit(): void {
    let isPrevented = false;
    this.emit('before-quit', { preventDefault: () => (isPrevented = true) });
    if (!isPrevented) this.exit(0);
  }

  exit(code = 0): void {
    this.#instance?.[Symbol.dispose]();
    this.emit('quit', {}, code);
    void closeBrowser().finally(() => process.exit(code));
  }
}

class MenuDouble implements Pick<Electron.Menu, never> {
  static application: MenuDouble | undefined;
  readonly template: readonly Electron.MenuItemConstructorOptions[];

  constructor(template: readonly Electron.MenuItemConstructorOptions[] = []) {
    this.template = template;
  }

  static buildFromTemplate(template: readonly Electron.MenuItemConstructorOptions[]): MenuDouble {
    return new MenuDouble(template);
  }

  static setApplicationMenu(menu: MenuDouble | null): void {
    MenuDouble.application = menu ?? undefined;
  }
}

class TrayDouble extends EventEmitter {
  image: string;
  tooltip = '';
  menu: MenuDouble | undefined;
  isDestroyed = false;

  constructor(image: string) {
    super();
    // Electron throws for an image it cannot read.
    readFileSync(image);
    this.image = image;
    facts.trays.push(this);
  }

  setImage(image: string): void {
    readFileSync(image);
    this.image = image;
  }

  setToolTip(text: string): void {
    this.tooltip = text;
  }

  setContextMenu(menu: MenuDouble | null): void {
    this.menu = menu ?? undefined;
  }

  destroy(): void {
    this.isDestroyed = true;
  }
}

class NotificationDouble extends EventEmitter {
  readonly options: Electron.NotificationConstructorOptions;

  constructor(options: Electron.NotificationConstructorOptions = {}) {
    super();
    this.options = options;
  }

  show(): void {
    facts.notifications.push(this);
  }
}

class NativeThemeDouble extends EventEmitter {
  themeSource: 'system' | 'light' | 'dark' = 'system';
  readonly shouldUseDarkColors = false;
  readonly shouldUseDarkColorsForSystemIntegratedUI = false;
}

/** Two ends of a channel; what arrives before `start` waits, as in Electron. */
class MessagePortDouble
  extends EventEmitter
  implements Pick<Electron.MessagePortMain, 'postMessage' | 'start' | 'close'>
{
  peer: MessagePortDouble | undefined;
  #isStarted = false;
  #isClosed = false;
  #waiting: unknown[] = [];

  postMessage(message: unknown): void {
    const { peer } = this;
    if (!this.#isClosed && peer) queueMicrotask(() => peer.#receive(message));
  }

  start(): void {
    this.#isStarted = true;
    for (const message of this.#waiting.splice(0)) this.#receive(message);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.emit('close');
    this.peer?.close();
  }

  #receive(message: unknown): void {
    if (this.#isClosed) return;
    if (this.#isStarted) this.emit('message', { data: message, ports: [] });
    else this.#waiting.push(message);
  }
}

class MessageChannelMainDouble {
  readonly port1 = new MessagePortDouble();
  readonly port2 = new MessagePortDouble();

  constructor() {
    this.port1.peer = this.port2;
    this.port2.peer = this.port1;
  }
}

type ProtocolHandler = (request: Request) => Promise<Response> | Response;
type BeforeRequest = (details: { url: string }, answer: (response: { cancel?: boolean }) => void) => void;

const handlers = new Map<string, ProtocolHandler>();
let beforeRequest: BeforeRequest | undefined;

/** What a test can look at through `electron-control.ts`. */
export const facts = {
  isSandboxed: false,
  privilegedSchemes: [] as string[],
  trays: [] as TrayDouble[],
  notifications: [] as NotificationDouble[],
  errorBoxes: [] as { title: string; content: string }[],
  opened: [] as string[],
  clipboard: '',
  hasPermissionHandlers: false,
};

const ipcMain = new EventEmitter();
export const appDouble = new AppDouble();
export { MenuDouble };

const host: WindowHost = {
  app: appDouble,
  ipcMain,
  protocolHandler: (scheme) => handlers.get(scheme),
  isCancelled(url) {
    let isCancelled = false;
    beforeRequest?.({ url }, (response) => {
      isCancelled = response.cancel === true;
    });
    return isCancelled;
  },
};

class BrowserWindow extends BrowserWindowDouble {
  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super(host, options);
  }
}

const electron = {
  app: appDouble,
  BrowserWindow,
  clipboard: {
    async writeText(text: string) {
      facts.clipboard = text;
    },
  },
  dialog: {
    showErrorBox(title: string, content: string) {
      facts.errorBoxes.push({ title, content });
      console.error(`${title}\n${content}`);
    },
  },
  ipcMain,
  Menu: MenuDouble,
  MessageChannelMain: MessageChannelMainDouble,
  nativeImage: { createFromPath: (file: string) => ({ file }) },
  nativeTheme: new NativeThemeDouble(),
  Notification: NotificationDouble,
  powerMonitor: new EventEmitter(),
  protocol: {
    registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]) {
      facts.privilegedSchemes.push(...schemes.map(({ scheme }) => scheme));
    },
    handle(scheme: string, handler: ProtocolHandler) {
      handlers.set(scheme, handler);
    },
  },
  safeStorage: {
    isEncryptionAvailable: () => true,
    getSelectedStorageBackend: () => 'gnome_libsecret' as const,
    encryptString: (plain: string) => Buffer.from(`sealed:${Buffer.from(plain).toString('hex')}`),
    decryptString(sealed: Buffer) {
      const text = sealed.toString('utf8');
      if (!text.startsWith('sealed:')) throw new Error('Error while decrypting the ciphertext provided.');
      return Buffer.from(text.slice('sealed:'.length), 'hex').toString('utf8');
    },
  },
  screen: {
    getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }],
  },
  session: {
    defaultSession: {
      setPermissionRequestHandler: () => {
        facts.hasPermissionHandlers = true;
      },
      setPermissionCheckHandler: () => {},
      setDevicePermissionHandler: () => {},
      webRequest: {
        onBeforeRequest(listener: BeforeRequest) {
          beforeRequest = listener;
        },
      },
    },
  },
  shell: {
    async openExternal(url: string) {
      facts.opened.push(url);
    },
    openPath: async () => '',
  },
  Tray: TrayDouble,
} satisfies ElectronShape;

/**
 * The declarations of the real Electron that each part of the double has to fit. `on` is left out: its declared result is
 * the whole object it belongs to.
 */
interface ElectronShape {
  app: Pick<Electron.App, AppMembers>;
  BrowserWindow: new (
    options?: Electron.BrowserWindowConstructorOptions,
  ) => Pick<
    Electron.BrowserWindow,
    | 'close'
    | 'destroy'
    | 'focus'
    | 'getNormalBounds'
    | 'hide'
    | 'isDestroyed'
    | 'isFocused'
    | 'isMaximized'
    | 'isMinimized'
    | 'loadURL'
    | 'maximize'
    | 'minimize'
    | 'restore'
    | 'show'
  >;
  clipboard: Pick<Electron.Clipboard, 'writeText'>;
  dialog: Pick<Electron.Dialog, 'showErrorBox'>;
  ipcMain: EventEmitter;
  Menu: {
    buildFromTemplate(template: Electron.MenuItemConstructorOptions[]): object;
    setApplicationMenu(menu: null): void;
  };
  MessageChannelMain: new () => Record<
    keyof Electron.MessageChannelMain,
    Pick<Electron.MessagePortMain, 'postMessage' | 'start' | 'close'>
  >;
  nativeTheme: Pick<
    Electron.NativeTheme,
    'themeSource' | 'shouldUseDarkColors' | 'shouldUseDarkColorsForSystemIntegratedUI'
  >;
  Notification: new (options?: Electron.NotificationConstructorOptions) => Pick<Electron.Notification, 'show'>;
  nativeImage: { createFromPath(file: string): object };
  powerMonitor: EventEmitter;
  protocol: {
    registerSchemesAsPrivileged: Electron.Protocol['registerSchemesAsPrivileged'];
    handle(scheme: string, handler: ProtocolHandler): void;
  };
  safeStorage: Pick<
    Electron.SafeStorage,
    'isEncryptionAvailable' | 'getSelectedStorageBackend' | 'encryptString' | 'decryptString'
  >;
  screen: { getAllDisplays(): Pick<Electron.Display, 'workArea'>[] };
  session: { defaultSession: object };
  shell: Pick<Electron.Shell, 'openExternal' | 'openPath'>;
  Tray: new (image: string) => Pick<Electron.Tray, 'setImage' | 'setToolTip' | 'destroy'>;
}

export const {
  app,
  clipboard,
  dialog,
  Menu,
  MessageChannelMain,
  nativeImage,
  nativeTheme,
  Notification,
  powerMonitor,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
} = electron;
export { BrowserWindow, ipcMain };
export default electron;
