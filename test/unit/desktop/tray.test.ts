import type { MenuItemConstructorOptions } from 'electron';
import { beforeEach, expect, test } from 'vitest';
import { GatehouseTray } from '../../../src/main/desktop/tray.ts';
import { trayIconFile } from '../../../src/main/desktop/tray-icons.ts';
import type { TrayAction, TrayState } from '../../../src/main/desktop/tray-view.ts';

let native: string[];
let menu: MenuItemConstructorOptions[];
let acts: TrayAction[];
let tray: GatehouseTray;

beforeEach(() => {
  native = [];
  acts = [];
  tray = new GatehouseTray({
    create: (file) => {
      native.push(`create ${file}`);
      return {
        setImage: (next) => native.push(`image ${next}`),
        setToolTip: (text) => native.push(`tooltip ${text}`),
        setMenu: (template) => {
          native.push('menu');
          menu = template;
        },
        destroy: () => native.push('destroy'),
      };
    },
    iconFile: (icon) => `${icon}.png`,
    act: (action) => acts.push(action),
  });
});

function state(isPaused: boolean): TrayState {
  return {
    port: 4283,
    waiting: [],
    apps: [{ id: 'cursor', name: 'Cursor' }],
    recentCalls: 0,
    refusedWhilePaused: 0,
    status: {
      endpoint: 'http://127.0.0.1:4283/mcp',
      gate: { paused: isPaused, since: null, until: null, by: null, apps: {}, cancelledCalls: 0 },
      tools: { total: 0, approved: 0, waiting: 0, blocked: 0 },
      waiting: 0,
      servers: { total: 0, ready: 0, failing: 0, held: 0 },
      problems: [],
      log: { entries: 0, intact: null, checkedAt: null },
    },
  };
}

test('the native tray is created once and its image is swapped', () => {
  tray.render(state(false));
  tray.render(state(true));
  tray.render(state(false));
  expect(native.filter((line) => line.startsWith('create'))).toEqual(['create open.png']);
  expect(native.filter((line) => line.startsWith('image'))).toEqual(['image paused.png', 'image open.png']);
});

test('showing the same state twice touches nothing, so an open menu stays open', () => {
  tray.render(state(false));
  native.length = 0;
  tray.render(state(false));
  expect(native).toEqual([]);
});

test('a click on an item acts, also in a submenu', () => {
  tray.render(state(false));
  const click = (item: MenuItemConstructorOptions | undefined) =>
    Reflect.apply(item?.click ?? (() => {}), undefined, []);
  click(menu.find((item) => item.label === 'Pause all tools'));
  const one = menu.find((item) => item.label === 'Pause one app')?.submenu;
  click(Array.isArray(one) ? one[0] : undefined);
  expect(acts).toEqual([{ type: 'pause' }, { type: 'pause', app: 'cursor' }]);
});

test('the heading cannot be clicked', () => {
  tray.render(state(false));
  expect(menu[0]).toEqual({ label: 'Gate open', enabled: false });
});

test('disposing removes the icon', () => {
  tray.render(state(false));
  tray[Symbol.dispose]();
  expect(native.at(-1)).toBe('destroy');
});

test('macOS gets template images, the others one for the colour of their bar', () => {
  expect(trayIconFile('/i', 'paused', 'darwin', true)).toBe('/i/pausedTemplate.png');
  expect(trayIconFile('/i', 'attention', 'win32', true)).toBe('/i/attention-onDark.png');
  expect(trayIconFile('/i', 'open', 'linux', false)).toBe('/i/open-onLight.png');
});
