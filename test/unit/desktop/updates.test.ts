import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { followUpdates } from '../../../src/main/desktop/updates.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-desktop-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

describe('updates', () => {
  const following = (
    overrides: { isPackaged?: boolean; isWanted?: () => boolean; check?: () => Promise<void> } = {},
  ) => {
    let loaded = 0;
    const errors: unknown[] = [];
    const updates = followUpdates({
      isPackaged: overrides.isPackaged ?? true,
      resourcesPath: folder,
      isWanted: overrides.isWanted ?? (() => true),
      loadUpdater: async () => {
        loaded += 1;
        return { check: overrides.check ?? (async () => {}) };
      },
      failed: (error) => errors.push(error),
    });
    return { updates, errors, loaded: () => loaded };
  };

  test('are looked for at start and once a day, while the setting allows it', async () => {
    vi.useFakeTimers();
    writeFileSync(join(folder, 'app-update.yml'), '');
    let isWanted = true;
    const { updates, loaded } = following({ isWanted: () => isWanted });
    expect(loaded()).toBe(1);
    await vi.advanceTimersByTimeAsync(24 * 60 * 60_000);
    expect(loaded()).toBe(2);
    isWanted = false;
    await vi.advanceTimersByTimeAsync(24 * 60 * 60_000);
    expect(loaded()).toBe(2);
    updates[Symbol.dispose]();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('are never looked for in a build without a publisher, nor while developing', () => {
    expect(following().loaded()).toBe(0);
    writeFileSync(join(folder, 'app-update.yml'), '');
    expect(following({ isPackaged: false }).loaded()).toBe(0);
  });

  test('that cannot be looked for are reported and disturb nothing', async () => {
    writeFileSync(join(folder, 'app-update.yml'), '');
    const { updates, errors } = following({ check: () => Promise.reject(new Error('offline')) });
    await vi.waitFor(() => expect(errors).toHaveLength(1));
    updates[Symbol.dispose]();
  });
});
