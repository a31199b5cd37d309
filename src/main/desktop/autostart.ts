/** Starts Gatehouse with the session when the person wants it. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { App } from 'electron';
import { hiddenFlag } from './start-arguments.ts';

export interface AutostartParts {
  readonly app: Pick<App, 'setLoginItemSettings'>;
  readonly platform: NodeJS.Platform;
  /** The program to start: the AppImage when there is one, else the executable. Absolute. */
  readonly program: string;
  /** `$XDG_CONFIG_HOME` or `~/.config`. */
  readonly configHome: string;
}

/** A value of a desktop entry's Exec key, quoted (Desktop Entry Specification, "The Exec key"). */
function execQuoted(value: string): string {
  const escaped = value.replace(/["`$\\]/g, (char) => `\\${char}`).replaceAll('%', '%%');
  // The key's value is itself a string, in which a backslash is written twice.
  return `"${escaped.replaceAll('\\', '\\\\')}"`;
}

/** The XDG autostart entry that starts `program` without its window. */
export function autostartEntry(program: string): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Gatehouse',
    'Comment=The gate between AI apps and MCP servers',
    `Exec=${execQuoted(program)} ${hiddenFlag}`,
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/** Makes the system's own list of login items agree with the setting. Idempotent. */
export function setAutostart(parts: AutostartParts, isWanted: boolean): void {
  if (parts.platform !== 'linux') {
    parts.app.setLoginItemSettings({ openAtLogin: isWanted, args: [hiddenFlag] });
    return;
  }
  const file = join(parts.configHome, 'autostart', 'gatehouse.desktop');
  if (!isWanted) {
    rmSync(file, { force: true });
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  const fresh = `${file}.new`;
  writeFileSync(fresh, autostartEntry(parts.program), { mode: 0o644 });
  renameSync(fresh, file);
}
