import { describe, expect, it } from 'vitest';
import { candidateDataDirs, desktopDataDir, headlessDataDir } from '../../../src/main/runtime/index.ts';

const linux = { platform: 'linux', home: '/home/mara', env: {} } as const;

describe('the data folder', () => {
  it('follows the XDG specification on Linux', () => {
    expect(headlessDataDir(linux)).toBe('/home/mara/.local/share/gatehouse');
    expect(headlessDataDir({ ...linux, env: { XDG_DATA_HOME: '/data' } })).toBe('/data/gatehouse');
  });

  it('ignores a relative XDG_DATA_HOME, as the specification demands', () => {
    expect(headlessDataDir({ ...linux, env: { XDG_DATA_HOME: 'data' } })).toBe('/home/mara/.local/share/gatehouse');
  });

  it.each(['linux', 'darwin', 'win32'] as const)('is never shared between desktop and headless on %s', (platform) => {
    const facts = { ...linux, platform };
    expect(headlessDataDir(facts).toLowerCase()).not.toBe(desktopDataDir(facts).toLowerCase());
  });

  it('is looked for in both fronts’ places, unless one is named', () => {
    expect(candidateDataDirs(undefined, linux)).toEqual([headlessDataDir(linux), desktopDataDir(linux)]);
    expect(candidateDataDirs('/somewhere', linux)).toEqual(['/somewhere']);
  });
});
