/**
 * Electron's entry: checks what it runs on, then starts the desktop front. Nothing is awaited here, because Electron
 * becomes ready only after this module has been evaluated.
 */
import { startDesktop } from './desktop/index.ts';

/** better-sqlite3 crashes the process on older versions instead of refusing. */
const oldestNode = 22;
const [major = 0] = process.versions.node.split('.').map(Number);

if (major < oldestNode) {
  console.error(`Gatehouse needs Node ${oldestNode} or newer, and this is Node ${process.versions.node}.`);
  process.exit(1);
}

startDesktop({
  openLog: async (dataDir) => (await import('./log-file.ts')).openLogFile(dataDir),
  createBackend: async (parts) => (await import('./desktop-backend.ts')).createDesktopBackend(parts),
});
