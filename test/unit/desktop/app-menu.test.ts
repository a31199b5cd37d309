import { describe, expect, test } from 'vitest';
import { appMenuTemplate } from '../../../src/main/desktop/app-menu.ts';

describe('the application menu', () => {
  const labels = (platform: NodeJS.Platform, isPaused: boolean, isDevelopment = false) =>
    appMenuTemplate({ platform, isPaused, isDevelopment }, () => {}).flatMap((menu) => [
      menu.label ?? String(menu.role),
      ...(Array.isArray(menu.submenu) ? menu.submenu.map((item) => `> ${item.label ?? item.role ?? '-'}`) : []),
    ]);

  test('offers to pause the open gate and to resume the paused one', () => {
    expect(labels('linux', false)).toEqual(expect.arrayContaining(['> Pause all tools', '> Pause for 15 minutes']));
    expect(labels('linux', true)).toContain('> Resume');
    expect(labels('linux', true)).not.toContain('> Pause all tools');
  });

  test('says what quitting stops', () => {
    expect(labels('darwin', false)).toContain('> Quit, and stop all servers');
    expect(labels('linux', false)).toContain('> Quit, and stop all servers');
  });

  test('has the usual macOS entries on macOS only, and copy and paste everywhere', () => {
    expect(labels('darwin', false)).toEqual(expect.arrayContaining(['> about', '> hide', 'editMenu']));
    expect(labels('win32', false)).not.toContain('> hide');
    expect(labels('win32', false)).toContain('editMenu');
  });

  test('has developer tools in development only', () => {
    expect(labels('linux', false)).not.toContain('> toggleDevTools');
    expect(labels('linux', false, true)).toContain('> toggleDevTools');
  });
});
