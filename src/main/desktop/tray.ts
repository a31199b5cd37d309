import { assertNever } from '@shared/words.ts';
import type { MenuItemConstructorOptions } from 'electron';
import { renderTray, type TrayAction, type TrayIcon, type TrayItem, type TrayState } from './tray-view.ts';

/** The native tray, as far as it is used. One object for the life of the process; its image is swapped. */
export interface NativeTray {
  setImage(file: string): void;
  setToolTip(text: string): void;
  setMenu(template: MenuItemConstructorOptions[]): void;
  destroy(): void;
}

export interface TrayParts {
  /** Creates the native tray with its first image. */
  readonly create: (file: string) => NativeTray;
  readonly iconFile: (icon: TrayIcon) => string;
  readonly act: Act;
}

type Act = (action: TrayAction) => void;

function menuItem(item: TrayItem, act: Act): MenuItemConstructorOptions {
  switch (item.kind) {
    case 'separator':
      return { type: 'separator' };
    case 'text':
      return { label: item.label, enabled: false };
    case 'action':
      return { label: item.label, click: () => act(item.action) };
    case 'submenu':
      return { label: item.label, submenu: menuTemplate(item.items, act) };
    default:
      return assertNever(item);
  }
}

/** Turns a rendered menu into Electron's template; every action goes to `act`. */
export function menuTemplate(items: readonly TrayItem[], act: Act): MenuItemConstructorOptions[] {
  return items.map((item) => menuItem(item, act));
}

/** The tray: state in, menu out. Showing the same state twice touches nothing. */
export class GatehouseTray implements Disposable {
  readonly #parts: TrayParts;
  #native: NativeTray | undefined;
  #shownFile = '';
  #shownTooltip = '';
  #shownMenu = '';

  constructor(parts: TrayParts) {
    this.#parts = parts;
  }

  render(state: TrayState): void {
    const view = renderTray(state);
    const file = this.#parts.iconFile(view.icon);
    if (!this.#native) {
      this.#native = this.#parts.create(file);
    } else if (file !== this.#shownFile) {
      this.#native.setImage(file);
    }
    this.#shownFile = file;
    if (view.tooltip !== this.#shownTooltip) {
      this.#native.setToolTip(view.tooltip);
      this.#shownTooltip = view.tooltip;
    }
    // An open menu closes when it is replaced, so it is only replaced when it says something else.
    const menu = JSON.stringify(view.menu);
    if (menu !== this.#shownMenu) {
      this.#native.setMenu(menuTemplate(view.menu, this.#parts.act));
      this.#shownMenu = menu;
    }
  }

  [Symbol.dispose](): void {
    this.#native?.destroy();
    this.#native = undefined;
  }
}
