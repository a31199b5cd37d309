/** Lets a test look at the double from outside and act as the person does: click the tray, close the window, quit. */
import type { MenuItemConstructorOptions } from 'electron';
import type { Page } from 'playwright-core';
import { until } from '../fixtures/until.ts';
import { appDouble, facts, ipcMain, MenuDouble } from './electron.ts';
import { windows } from './electron-window.ts';

export interface DoubleState {
  readonly tray: { readonly image: string; readonly tooltip: string; readonly menu: string[] } | null;
  readonly appMenu: string[];
  readonly badge: number;
  readonly windows: {
    readonly isVisible: boolean;
    readonly isMinimized: boolean;
    readonly url: string;
    readonly webPreferences: Record<string, unknown>;
  }[];
  readonly notifications: { readonly title: string; readonly body: string }[];
  readonly errorBoxes: { readonly title: string; readonly content: string }[];
  readonly opened: string[];
  readonly clipboard: string;
  readonly isSandboxed: boolean;
  readonly hasPermissionHandlers: boolean;
  /** Channels the main process listens on. */
  readonly channels: string[];
}

/** `path`: labels from the top menu down, e.g. `['Pause one app', 'Cursor']`. */
export type Command =
  | { readonly do: 'state' }
  | { readonly do: 'click-tray'; readonly path: string[] }
  | { readonly do: 'click-app-menu'; readonly path: string[] }
  | { readonly do: 'click-notification'; readonly title: string }
  | { readonly do: 'close-window' }
  /** Waits until the page shows the text. */
  | { readonly do: 'see'; readonly text: string }
  | { readonly do: 'click'; readonly button: string }
  /** Runs `expression` in the page; the answer carries its value. */
  | { readonly do: 'evaluate'; readonly expression: string }
  | { readonly do: 'quit' };

type Template = readonly MenuItemConstructorOptions[];

function labels(items: Template | undefined): string[] {
  return (items ?? []).flatMap((item) => {
    if (item.type === 'separator') return ['-'];
    const own = item.label ?? String(item.role);
    const below = Array.isArray(item.submenu) ? labels(item.submenu).map((label) => `> ${label}`) : [];
    return [own, ...below];
  });
}

function click(items: Template | undefined, [label, ...rest]: string[]): void {
  const item = items?.find((candidate) => candidate.label === label);
  if (!item) throw new Error(`There is no menu item "${label}" among: ${labels(items).join(' | ')}`);
  if (rest.length > 0) {
    click(Array.isArray(item.submenu) ? item.submenu : undefined, rest);
    return;
  }
  if (item.enabled === false || !item.click) throw new Error(`"${label}" cannot be clicked.`);
  // Gatehouse's own items take none of the arguments a real click has.
  Reflect.apply(item.click, undefined, []);
}

function state(): DoubleState {
  const tray = facts.trays.find((candidate) => !candidate.isDestroyed);
  return {
    tray: tray ? { image: tray.image, tooltip: tray.tooltip, menu: labels(tray.menu?.template) } : null,
    appMenu: labels(MenuDouble.application?.template),
    badge: appDouble.badge,
    windows: windows
      .filter((window) => !window.isDestroyed())
      .map((window) => ({
        isVisible: window.isVisible,
        isMinimized: window.isMinimizedNow,
        url: window.webContents.getURL(),
        webPreferences: { ...window.options.webPreferences },
      })),
    notifications: facts.notifications.map(({ options }) => ({ title: options.title ?? '', body: options.body ?? '' })),
    errorBoxes: facts.errorBoxes,
    opened: facts.opened,
    clipboard: facts.clipboard,
    isSandboxed: facts.isSandboxed,
    hasPermissionHandlers: facts.hasPermissionHandlers,
    channels: ipcMain.eventNames().map(String),
  };
}

/** The page of the window, once there is one. */
function pageOfWindow(): Promise<Page> {
  return until(() => windows.find((window) => !window.isDestroyed())?.page, { timeoutMs: 20_000, what: 'A window' });
}

async function obey(command: Command): Promise<unknown> {
  switch (command.do) {
    case 'state':
      return undefined;
    case 'see':
      return (await pageOfWindow()).getByText(command.text).first().waitFor();
    case 'click':
      return (await pageOfWindow()).getByRole('button', { name: command.button }).first().click();
    case 'evaluate':
      return (await pageOfWindow()).evaluate(command.expression);
    case 'click-tray':
      click(facts.trays.find((tray) => !tray.isDestroyed)?.menu?.template, command.path);
      return undefined;
    case 'click-app-menu':
      click(MenuDouble.application?.template, command.path);
      return undefined;
    case 'click-notification':
      facts.notifications.find(({ options }) => options.title === command.title)?.emit('click', {});
      return undefined;
    case 'close-window':
      windows.find((window) => !window.isDestroyed())?.close();
      return undefined;
    case 'quit':
      appDouble.quit();
      return undefined;
  }
}

export interface Answer {
  readonly id: number;
  readonly state?: DoubleState;
  readonly value?: unknown;
  readonly error?: string;
}

function send(answer: Answer): void {
  if (process.connected) process.send?.(answer);
}

/** Answers commands on the process's IPC channel. */
export function listenForCommands(): void {
  process.on('message', ({ id, command }: { id: number; command: Command }) => {
    obey(command).then(
      (value) => send({ id, value, state: state() }),
      (error: unknown) => send({ id, error: error instanceof Error ? error.message : String(error) }),
    );
  });
  // The channel alone must not keep a process alive, nor end it when the test goes away.
  process.channel?.unref();
}
