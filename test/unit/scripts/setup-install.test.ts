import { describe, expect, it } from 'vitest';
import { staleness } from '../../../scripts/setup-install.mjs';

const lock = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/other-platform': { version: '1.0.0', integrity: 'sha512-b', optional: true },
  },
};
const installed = { packages: { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } } };

describe('npm start and npm test install', () => {
  it('nothing when what is installed is what the lock file says', () => {
    expect(staleness(lock, installed)).toBeUndefined();
  });

  it('when nothing is installed', () => {
    expect(staleness(lock, undefined)).toBe('no dependencies are installed');
  });

  it('when a package is missing, or is another version or another content', () => {
    expect(staleness(lock, { packages: {} })).toBe('node_modules/a is not installed');
    const other = (change: object) => ({
      packages: { 'node_modules/a': { ...lock.packages['node_modules/a'], ...change } },
    });
    expect(staleness(lock, other({ version: '2.0.0' }))).toBe('node_modules/a is another version');
    expect(staleness(lock, other({ integrity: 'sha512-x' }))).toBe('node_modules/a is another version');
  });
});
