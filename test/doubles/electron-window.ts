/**
 * BrowserWindow on a page of a real Chromium: the page's requests are answered by the app's own protocol handler, and
 * the built preload script runs in Node with its bridge carried into the page.
 */
import { EventEmitter } from 'node:events';
import type Electron from 'electron';
import type { Browser, Page, Request as PageRequest, Route } from 'playwright-core';
import { launchBrowser } from '../fixtures/browser.ts';
import { PreloadCarrier } from './electron-preload.ts';

export interface WindowHost {
  readonly app: EventEmitter;
  readonly ipcMain: EventEmitter;
  readonly protocolHandler: (scheme: string) => ((request: Request) => Promise<Response> | Response) | undefined;
  /** What `webRequest.onBeforeRequest` says of an address. */
  readonly isCancelled: (url: string) => boolean;
}

/** Chromium knows no schemes of ours, so a secure web origin stands for `app://gatehouse`. */
const webOrigin = 'https://gatehouse.test';
const toWeb = (url: string) => url.replace(/^app:\/\/gatehouse/, webOrigin);
const toApp = (url: string) =>
  url.startsWith(`${webOrigin}/`) ? `app://gatehouse${url.slice(webOrigin.length)}` : url;

type OpenHandler = (details: { url: string }) => { action: 'allow' | 'deny' };

class WebContentsDouble extends EventEmitter {
  readonly mainFrame: FrameDouble;
  openHandler: OpenHandler | undefined;
  url = '';

  constructor(frame: FrameDouble) {
    super();
    this.mainFrame = frame;
  }

  getURL(): string {
    return this.url;
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler;
  }
}

/** False for the request of a window the page opens: Playwright has no frame for it yet, and says so by throwing. */
function isOfPage(request: PageRequest, page: Page): boolean {
  try {
    return request.frame().page() === page;
  } catch {
    return false;
  }
}

/** A frame's identity and its way back to the preload script. */
interface FrameDouble {
  readonly processId: number;
  readonly routingId: number;
  readonly parent: null;
  readonly url: string;
  postMessage(channel: string, message: unknown, ports: EventEmitter[]): void;
}

export const windows: BrowserWindowDouble[] = [];

/** One browser for the process, started with its first window. */
let browser: Promise<Browser> | undefined;

/** Ends the browser; the process is about to exit. */
export async function closeBrowser(): Promise<void> {
  await (await browser?.catch(() => undefined))?.close();
}

export class BrowserWindowDouble extends EventEmitter {
  readonly options: Electron.BrowserWindowConstructorOptions;
  readonly webContents: WebContentsDouble;
  readonly #host: WindowHost;
  readonly #preload: PreloadCarrier;
  /** The page it shows, once something was loaded. */
  page: Promise<Page> | undefined;
  #isDestroyed = false;
  #isMaximized = false;
  isVisible = false;
  isMinimizedNow = false;

  constructor(host: WindowHost, options: Electron.BrowserWindowConstructorOptions) {
    super();
    this.#host = host;
    this.options = options;
    const self = this;
    const frame: FrameDouble = {
      processId: process.pid,
      routingId: windows.length + 1,
      parent: null,
      get url() {
        return self.webContents.url;
      },
      postMessage: (channel, _message, ports) => this.#preload.receive(channel, ports),
    };
    this.webContents = new WebContentsDouble(frame);
    const preload = options.webPreferences?.preload;
    if (!preload) throw new Error('The double needs webPreferences.preload.');
    this.#preload = new PreloadCarrier(preload, (channel, message) =>
      host.ipcMain.emit(channel, { senderFrame: frame, sender: this.webContents, ports: [] }, message),
    );
    windows.push(this);
    host.app.emit('web-contents-created', {}, this.webContents);
  }

  async loadURL(url: string): Promise<void> {
    const isFirst = this.page === undefined;
    this.page ??= this.#openPage();
    const page = await this.page;
    this.webContents.url = url;
    await page.goto(toWeb(url));
    if (isFirst) this.emit('ready-to-show');
  }

  async #openPage(): Promise<Page> {
    browser ??= launchBrowser();
    const { width = 1280, height = 832 } = this.options;
    const page = await (await browser).newPage({ viewport: { width, height } });
    // Of the whole context, so that the first request of a window the page opens is seen as well.
    await page.context().route('**/*', (route) => this.#answer(route, page));
    await this.#preload.carryInto(page);
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) this.webContents.url = toApp(frame.url());
    });
    return page;
  }

  async #answer(route: Route, page: Page): Promise<void> {
    const request = route.request();
    const url = toApp(request.url());
    if (!isOfPage(request, page)) {
      this.webContents.openHandler?.({ url });
      await route.abort('aborted');
      return;
    }
    if (this.#isRefusedNavigation(request, page, url)) {
      // As when Electron's event is prevented: the page stays, without an error in its place.
      await route.abort('aborted');
      return;
    }
    if (this.#host.isCancelled(url)) {
      await route.abort('blockedbyclient');
      return;
    }
    const scheme = new URL(url).protocol.replace(':', '');
    const handler = this.#host.protocolHandler(scheme);
    if (!handler) {
      await route.abort('failed');
      return;
    }
    const response = await handler(new Request(url, { method: request.method() }));
    await route.fulfill({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    });
  }

  /** Navigations the page started itself, as Electron's `will-navigate`; those of `loadURL` are not among them. */
  #isRefusedNavigation(request: PageRequest, page: Page, url: string): boolean {
    if (!request.isNavigationRequest() || url.split('#')[0] === this.webContents.url.split('#')[0]) return false;
    let isPrevented = false;
    const isMainFrame = request.frame() === page.mainFrame();
    const event = { url, isMainFrame, preventDefault: () => (isPrevented = true) };
    this.webContents.emit(isMainFrame ? 'will-navigate' : 'will-frame-navigate', event);
    return isPrevented;
  }

  show(): void {
    this.isVisible = true;
    this.emit('show');
  }

  hide(): void {
    this.isVisible = false;
    this.emit('hide');
  }

  focus(): void {}

  isFocused(): boolean {
    return false;
  }

  minimize(): void {
    this.isMinimizedNow = true;
  }

  isMinimized(): boolean {
    return this.isMinimizedNow;
  }

  restore(): void {
    this.isMinimizedNow = false;
  }

  maximize(): void {
    this.#isMaximized = true;
  }

  isMaximized(): boolean {
    return this.#isMaximized;
  }

  getNormalBounds(): Electron.Rectangle {
    return { x: 10, y: 20, width: this.options.width ?? 0, height: this.options.height ?? 0 };
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  close(): void {
    let isPrevented = false;
    this.emit('close', { preventDefault: () => (isPrevented = true) });
    if (!isPrevented) this.destroy();
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.isVisible = false;
    void this.page?.then((page) => page.close()).catch(() => {});
    this.emit('closed');
  }
}
