/** Installs the dependencies when they are missing or are not those of package-lock.json. Plain Node 20, no dependencies. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..');
const isWindows = process.platform === 'win32';

/** The pinned Node of the toolchain; it exists once the dependencies are installed. */
export const pinnedNode = join(root, 'node_modules', 'node', 'bin', isWindows ? 'node.exe' : 'node');

/** The environment of every step: what is run as `node` or by name comes from node_modules first. */
export function toolchainEnv() {
  const separator = isWindows ? ';' : ':';
  return { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${separator}${process.env.PATH ?? ''}` };
}

/**
 * What is installed differently from the lock file, as a sentence; undefined when nothing is. npm keeps its own record of
 * what it installed in node_modules/.package-lock.json, so neither times nor a build server's checkout matter.
 */
export function staleness(lock, installed) {
  if (!installed) return 'no dependencies are installed';
  for (const [path, wanted] of Object.entries(lock.packages ?? {})) {
    if (path === '' || wanted.link) continue;
    const found = installed.packages?.[path];
    // Packages for other platforms are left out on purpose.
    if (!found && wanted.optional) continue;
    if (!found) return `${path} is not installed`;
    if (found.version !== wanted.version || found.integrity !== wanted.integrity) return `${path} is another version`;
  }
  return undefined;
}

/** Runs `npm ci` if needed. Ends the process with a message when that fails. */
export function installIfStale() {
  const record = join(root, 'node_modules', '.package-lock.json');
  const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
  const why = staleness(read(join(root, 'package-lock.json')), existsSync(record) ? read(record) : undefined);
  if (!why) return;
  console.log(`Installing the dependencies: ${why}.`);
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
    shell: isWindows,
  });
  if (status === 0) return;
  console.error('The dependencies could not be installed. Check the network and run: npm ci');
  process.exit(1);
}
