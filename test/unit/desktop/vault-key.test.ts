import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemCipher } from '../../../src/main/desktop/safe-storage.ts';
import { keyStoreFor } from '../../../src/main/desktop/vault-key.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-desktop-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the system keychain', () => {
  const safeStorage = {
    isEncryptionAvailable: () => true,
    encryptString: (plain: string) => Buffer.from(`x${plain}`),
    decryptString: (sealed: Buffer) => sealed.toString().slice(1),
    getSelectedStorageBackend: (): ReturnType<typeof backend> => 'gnome_libsecret',
  };
  const backend = (): 'basic_text' | 'gnome_libsecret' | 'kwallet' | 'kwallet5' | 'kwallet6' | 'unknown' => 'unknown';

  test('is used when there is one', () => {
    const cipher = systemCipher(safeStorage, 'linux');
    expect(cipher?.decrypt(cipher.encrypt('secret'))).toBe('secret');
  });

  test('counts as missing when Electron would encrypt with a password everybody knows', () => {
    const basic = { ...safeStorage, getSelectedStorageBackend: () => 'basic_text' as const };
    expect(systemCipher(basic, 'linux')).toBeUndefined();
    expect(systemCipher({ ...safeStorage, isEncryptionAvailable: () => false }, 'darwin')).toBeUndefined();
  });

  test('is not asked for its backend where Electron has no such question', () => {
    const onMac = {
      ...safeStorage,
      getSelectedStorageBackend: () => {
        throw new Error('Linux only');
      },
    };
    expect(systemCipher(onMac, 'darwin')).toBeDefined();
  });

  test('seals the key of a new vault, and gives it back', async () => {
    const store = keyStoreFor(folder, systemCipher(safeStorage, 'linux'));
    const key = Buffer.alloc(32, 7);
    await store?.write(key);
    expect(readFileSync(join(folder, 'vault.key.sealed')).includes(key)).toBe(false);
    expect(await keyStoreFor(folder, systemCipher(safeStorage, 'linux'))?.read()).toEqual(key);
  });

  test('leaves a vault that began with a key file to its key file', () => {
    writeFileSync(join(folder, 'vault.key'), '');
    expect(keyStoreFor(folder, systemCipher(safeStorage, 'linux'))).toBeUndefined();
  });

  test('that is gone stops the start with what to do, instead of beginning a new vault', () => {
    writeFileSync(join(folder, 'vault.key.sealed'), '');
    expect(() => keyStoreFor(folder, undefined)).toThrow(/Unlock or start it/);
  });

  test('that never was leaves the key to the vault', () => {
    expect(keyStoreFor(folder, undefined)).toBeUndefined();
  });
});
