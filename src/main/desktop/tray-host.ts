import type { CloseBehaviour } from './window.ts';

/** Runs a program and gives its standard output; rejects when it is missing, fails or takes too long. */
export type RunProgram = (file: string, args: readonly string[]) => Promise<string>;

const watcher = 'org.kde.StatusNotifierWatcher';

/**
 * Whether something on this desktop shows tray icons. Windows and macOS always do. On Linux the session bus is asked
 * whether a StatusNotifierWatcher is there (freedesktop StatusNotifierItem); when it cannot be asked, the answer is no,
 * because a window that hides with no way back is worse than one that minimises.
 */
export async function hasTrayHost(platform: NodeJS.Platform, run: RunProgram): Promise<boolean> {
  if (platform !== 'linux') return true;
  const bus = 'org.freedesktop.DBus';
  const asks: readonly (readonly [string, readonly string[]])[] = [
    ['gdbus', ['call', '--session', '-d', bus, '-o', '/org/freedesktop/DBus', '-m', `${bus}.NameHasOwner`, watcher]],
    [
      'dbus-send',
      [
        '--session',
        '--print-reply',
        `--dest=${bus}`,
        '/org/freedesktop/DBus',
        `${bus}.NameHasOwner`,
        `string:${watcher}`,
      ],
    ],
  ];
  for (const [file, args] of asks) {
    try {
      return /\btrue\b/.test(await run(file, args));
    } catch {
      // Not installed, or no session bus: ask the next one.
    }
  }
  return false;
}

export function closeBehaviourFor(trayHost: boolean): CloseBehaviour {
  return trayHost ? 'hide' : 'minimise';
}
