import { EventEmitter } from 'node:events';
import type { BrowserWindow, BrowserWindowConstructorOptions, Rectangle } from 'electron';
import { beforeEach, describe, expect, test } from 'vitest';
import { closeBehaviourFor, hasTrayHost } from '../../../src/main/desktop/tray-host.ts';
import { MainWindow, type MainWindowParts, windowOptions } from '../../../src/main/desktop/window.ts';
import { openingBounds } from '../../../src/main/desktop/window-bounds.ts';

const screen: Rectangle = { x: 0, y: 0, width: 1920, height: 1080 };

class NativeWindow extends EventEmitter {
  readonly webContents = Object.assign(new EventEmitter(), { getURL: () => this.url });
  readonly did: string[] = [];
  url = '';
  isGone = false;
  minimised = false;

  failure: Error | undefined;

  async loadURL(url: string): Promise<void> {
    if (this.failure) throw this.failure;
    this.url = url;
    this.did.push(`load ${url}`);
  }
  show = () => this.did.push('show');
  hide = () => this.did.push('hide');
  focus = () => this.did.push('focus');
  maximize = () => this.did.push('maximize');
  restore = () => this.did.push('restore');
  minimize = () => this.did.push('minimize');
  isMinimized = () => this.minimised;
  isMaximized = () => false;
  isDestroyed = () => this.isGone;
  getNormalBounds = () => ({ x: 5, y: 6, width: 1000, height: 700 });
  destroy(): void {
    this.isGone = true;
    this.emit('closed');
  }
  close(): void {
    let isPrevented = false;
    this.emit('close', { preventDefault: () => (isPrevented = true) });
    if (!isPrevented) this.destroy();
  }
}

let created: NativeWindow[];
let options: BrowserWindowConstructorOptions[];
let stored: unknown;
let notices: number;
let crashes: string[];
let behaviour: 'hide' | 'minimise';
let window: MainWindow;

const parts = (): MainWindowParts => ({
  create: (given) => {
    options.push(given);
    const native = new NativeWindow();
    created.push(native);
    // MainWindow uses the members above and no others.
    return native as unknown as BrowserWindow;
  },
  platform: 'linux',
  preload: '/app/out/preload/index.cjs',
  icon: '/app/icon.png',
  isDevelopment: false,
  screens: () => [screen],
  isDark: () => true,
  store: {
    read: () => stored,
    write: (state) => {
      stored = state;
    },
  },
  closeBehaviour: () => behaviour,
  onClosedToTray: () => {
    notices += 1;
  },
  onPageGone: (reason) => crashes.push(reason),
  onVisibility: () => {},
});

beforeEach(() => {
  created = [];
  options = [];
  stored = undefined;
  notices = 0;
  crashes = [];
  behaviour = 'hide';
  window = new MainWindow(parts());
});

describe('the window', () => {
  test('is sandboxed and isolated, without Node, and with developer tools only in development', () => {
    const { webPreferences } = windowOptions(parts());
    expect(webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      devTools: false,
    });
    expect(windowOptions({ ...parts(), isDevelopment: true }).webPreferences?.devTools).toBe(true);
  });

  test('opens at 1280 by 832, cannot be made smaller than 900 by 600, and loads our page', async () => {
    await window.show();
    expect(options[0]).toMatchObject({ width: 1280, height: 832, minWidth: 900, minHeight: 600, show: false });
    expect(created[0]?.did).toEqual(['load app://gatehouse/index.html#/']);
  });

  test('has its title bar inside on macOS only', () => {
    expect(windowOptions({ ...parts(), platform: 'darwin' }).titleBarStyle).toBe('hiddenInset');
    expect(windowOptions(parts()).titleBarStyle).toBeUndefined();
  });

  test('is created once and then brought to the front, restored if it was minimised', async () => {
    await window.show();
    const [native] = created;
    if (!native) throw new Error('no window');
    native.minimised = true;
    native.did.length = 0;
    await window.show();
    expect(created).toHaveLength(1);
    expect(native.did).toEqual(['restore', 'show', 'focus']);
  });

  test('goes to a route without losing its page', async () => {
    await window.show();
    await window.show('/approvals');
    expect(created[0]?.did.at(-1)).toBe('load app://gatehouse/index.html#/approvals');
  });

  test('takes no harm from a load that a newer one overtook, and reports one that failed', async () => {
    await window.show();
    const [native] = created;
    if (!native) throw new Error('no window');
    native.failure = Object.assign(new Error('aborted'), { code: 'ERR_ABORTED' });
    await window.show('/servers');
    native.failure = Object.assign(new Error('missing'), { code: 'ERR_FILE_NOT_FOUND' });
    await expect(window.show('/servers')).rejects.toThrow('missing');
  });

  test('hides when it is closed, says so, and remembers its place', async () => {
    await window.show();
    created[0]?.close();
    expect(created[0]?.did.at(-1)).toBe('hide');
    expect(created[0]?.isGone).toBe(false);
    expect(notices).toBe(1);
    expect(stored).toEqual({ x: 5, y: 6, width: 1000, height: 700, maximized: false });
  });

  test('minimises where no tray would bring it back', async () => {
    behaviour = 'minimise';
    await window.show();
    created[0]?.close();
    expect(created[0]?.did.at(-1)).toBe('minimize');
  });

  test('really closes when Gatehouse quits', async () => {
    await window.show();
    window[Symbol.dispose]();
    expect(created[0]?.isGone).toBe(true);
    expect(notices).toBe(0);
  });

  test('is replaced after its page crashed', async () => {
    await window.show();
    created[0]?.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(crashes).toEqual(['crashed']);
    await window.show();
    expect(created).toHaveLength(2);
  });
});

describe('where the window opens', () => {
  const state = { x: 100, y: 50, width: 1000, height: 700, maximized: false };

  test('where it was, while a screen shows that place', () => {
    expect(openingBounds(state, [screen])).toEqual(state);
  });

  test('centred with its size when that screen is gone', () => {
    expect(openingBounds({ ...state, x: 5000 }, [screen])).toEqual({ width: 1000, height: 700, maximized: false });
    expect(openingBounds({ ...state, y: -400 }, [screen])).toEqual({ width: 1000, height: 700, maximized: false });
  });

  test('on a second screen left of the first', () => {
    expect(openingBounds({ ...state, x: -1800 }, [screen, { ...screen, x: -1920 }])).toMatchObject({ x: -1800 });
  });

  test.each([undefined, null, 'x', { x: 1 }, { ...state, width: -4 }, { ...state, x: Number.NaN }])(
    'at its default size when the file holds %o',
    (broken) => {
      expect(openingBounds(broken, [screen])).toEqual({ width: 1280, height: 832, maximized: false });
    },
  );

  test('never smaller than it may be', () => {
    expect(openingBounds({ ...state, width: 10, height: 10 }, [screen])).toMatchObject({ width: 900, height: 600 });
  });
});

describe('a tray host', () => {
  const fails = async () => Promise.reject(new Error('not found'));

  test('is always there on Windows and macOS, without asking', async () => {
    expect(await hasTrayHost('win32', fails)).toBe(true);
    expect(await hasTrayHost('darwin', fails)).toBe(true);
  });

  test('is what the session bus says on Linux', async () => {
    expect(await hasTrayHost('linux', async () => '(true,)\n')).toBe(true);
    expect(await hasTrayHost('linux', async () => '(false,)\n')).toBe(false);
  });

  test('is asked for with the next program when one is missing', async () => {
    const asked: string[] = [];
    const run = async (file: string) => {
      asked.push(file);
      if (file === 'gdbus') throw new Error('ENOENT');
      return '   boolean true\n';
    };
    expect(await hasTrayHost('linux', run)).toBe(true);
    expect(asked).toEqual(['gdbus', 'dbus-send']);
  });

  test('counts as missing when nobody can say, so that the window never hides for good', async () => {
    expect(closeBehaviourFor(await hasTrayHost('linux', fails))).toBe('minimise');
  });
});
