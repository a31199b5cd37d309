import type { SafeStorage } from 'electron';

/** Encrypts and decrypts with a key the operating system keeps for this app and user. */
export interface SystemCipher {
  encrypt(plain: string): Buffer;
  decrypt(encrypted: Buffer): string;
}

type Parts = Pick<
  SafeStorage,
  'isEncryptionAvailable' | 'encryptString' | 'decryptString' | 'getSelectedStorageBackend'
>;

/**
 * The system's cipher, or undefined when there is none worth the name: on Linux without a keyring Electron encrypts
 * with a password that is in its source (`basic_text`), which protects nothing. Call after the app is ready.
 */
export function systemCipher(safeStorage: Parts, platform: NodeJS.Platform): SystemCipher | undefined {
  if (!safeStorage.isEncryptionAvailable()) return undefined;
  if (platform === 'linux') {
    const backend = safeStorage.getSelectedStorageBackend();
    if (backend === 'basic_text' || backend === 'unknown') return undefined;
  }
  return {
    encrypt: (plain) => safeStorage.encryptString(plain),
    decrypt: (encrypted) => safeStorage.decryptString(encrypted),
  };
}
