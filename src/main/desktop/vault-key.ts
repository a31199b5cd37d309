/** Where the desktop keeps the key to the vault. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createSafeStorageKeyStore, type KeyStore } from '../secrets/index.ts';
import type { SystemCipher } from './safe-storage.ts';

/**
 * Sealed by the system's keychain, or, where there is none worth the name, in the vault's own key file (then undefined).
 * A folder stays with what it began with, because a vault has one key. Throws when the key was sealed and the keychain
 * is gone.
 */
export function keyStoreFor(dataDir: string, cipher: SystemCipher | undefined): KeyStore | undefined {
  const sealed = join(dataDir, 'vault.key.sealed');
  if (!cipher) {
    if (!existsSync(sealed)) return undefined;
    throw new Error(
      `The key to your secrets is sealed by the system keychain (${sealed}), and the keychain does not answer. ` +
        'Unlock or start it (on Linux: GNOME Keyring or KWallet), then start Gatehouse again.',
    );
  }
  if (existsSync(join(dataDir, 'vault.key'))) return undefined;
  return createSafeStorageKeyStore({ ...cipher, file: sealed });
}
