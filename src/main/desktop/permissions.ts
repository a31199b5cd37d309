import type { Session } from 'electron';
import { isAppUrl } from './app-url.ts';

type GuardedSession = Pick<
  Session,
  'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'
>;

/** What the page may ask for: putting text on the clipboard, for its Copy buttons. Reading it is not included. */
const granted: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

/** Denies camera, microphone, location, notifications, devices, screens and everything else a page can ask for. */
export function denyPermissions(session: GuardedSession): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(granted.has(permission) && isAppUrl(details.requestingUrl));
  });
  session.setPermissionCheckHandler((_contents, permission, origin) => granted.has(permission) && isAppUrl(origin));
  session.setDevicePermissionHandler(() => false);
}
