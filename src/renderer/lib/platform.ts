export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** True when the window is drawn by Electron, false in the headless console's browser page. */
export const isDesktop = typeof window !== 'undefined' && 'gatehouse' in window;

/** ⌘ on macOS, Ctrl elsewhere: the modifier of every in-app shortcut. */
export function hasMod(event: { metaKey: boolean; ctrlKey: boolean }): boolean {
  return isMac ? event.metaKey : event.ctrlKey;
}

/** `aria-keyshortcuts` value for a mod shortcut, e.g. `Meta+K`. */
export function ariaShortcut(...keys: string[]): string {
  return keys.map((key) => (key === 'mod' ? (isMac ? 'Meta' : 'Control') : key)).join('+');
}
