/** Builds the app when its sources changed since the last build. Plain Node 20, no dependencies. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, toolchainEnv } from './setup-install.mjs';

const outputs = ['out/main/cli.js', 'out/main/index.js', 'out/preload/index.cjs', 'out/renderer/index.html'];
const stamp = join(root, 'out', '.sources');

/** A hash over every file the build reads. */
function hashOfSources() {
  const hash = createHash('sha256');
  const add = (file) =>
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0');
  for (const file of ['package.json', 'package-lock.json', 'electron.vite.config.ts', 'tsconfig.json']) add(file);
  for (const folder of ['src', 'assets']) {
    const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .sort();
    for (const file of files) add(file);
  }
  return hash.digest('hex');
}

export function isBuildStale() {
  return (
    outputs.some((file) => !existsSync(join(root, file))) ||
    !existsSync(stamp) ||
    readFileSync(stamp, 'utf8') !== hashOfSources()
  );
}

/** Builds if needed. Returns false when the build failed. */
export function buildIfStale() {
  if (!isBuildStale()) return true;
  console.log('Building Gatehouse.');
  // Taken before the build: a file that changes meanwhile makes the build stale again.
  const sources = hashOfSources();
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    stdio: 'inherit',
    env: toolchainEnv(),
    shell: process.platform === 'win32',
  });
  if (status !== 0) return false;
  mkdirSync(join(root, 'out'), { recursive: true });
  writeFileSync(stamp, sources);
  return true;
}
