/**
 * Other gateways to measure beside Gatehouse. They are no dependencies: the bench installs these exact versions into a
 * cache folder, and does without them where it cannot.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../fixtures/gatehouse-process.ts';

const folder = join(root, 'node_modules/.cache/gatehouse-bench-peers');

export const peerVersions = { 'mcp-hub': '4.2.1', 'mcp-proxy': '6.7.19', supergateway: '4.0.0' } as const;
export type PeerName = keyof typeof peerVersions;

const programs: Record<PeerName, string> = {
  'mcp-hub': 'dist/cli.js',
  'mcp-proxy': 'dist/bin/mcp-proxy.mjs',
  supergateway: 'dist/index.js',
};

/** The peer's program file in the cache folder. */
export function peerProgram(name: PeerName): string {
  return join(folder, 'node_modules', name, programs[name]);
}

/** Installs what is missing. Gives the reason when a peer is not there afterwards. */
export function installPeers(): string | undefined {
  const missing = () => peerNames.filter((name) => installedVersion(name) !== peerVersions[name]);
  if (missing().length === 0) return undefined;
  mkdirSync(folder, { recursive: true });
  const packages = peerNames.map((name) => `${name}@${peerVersions[name]}`);
  // Without their install scripts: the bench runs their programs and nothing else of them.
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder, ...packages];
  const { stderr, error } = spawnSync('npm', args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 120_000,
    shell: process.platform === 'win32',
  });
  if (missing().length === 0) return undefined;
  const said = stderr?.trim().split('\n')[0];
  return `npm could not install ${missing().join(', ')}: ${error?.message ?? (said || 'no reason given')}`;
}

const peerNames = Object.keys(peerVersions) as PeerName[];

function installedVersion(name: PeerName): string | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;
  } catch {
    return undefined;
  }
}
