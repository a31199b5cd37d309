/** Entry of the secrets room: the vault. Values never leave the main process except into the one server they are for. */
export interface Vault extends AsyncDisposable {
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string): Promise<void>;
  delete(name: string): Promise<boolean>;
  names(): Promise<string[]>;
  /** A stable 32-byte key for a purpose (e.g. sealing approvals), created on first use. */
  key(purpose: string): Promise<Buffer>;
}

export { createFileVault, type FileVaultOptions } from './file-vault.ts';
export { createKeyFileStore, createSafeStorageKeyStore, type KeySealing, type KeyStore } from './key-stores.ts';
export { isSealOf, type SealedParts, sealParts } from './seals.ts';
export { resolveSecretRefs, secretNameSchema, secretNamesIn, secretRefOf } from './secret-names.ts';
export { type StoredMatch, type StoredSecrets, watchStoredSecrets } from './stored-secrets.ts';
export { VaultError, type VaultErrorCode } from './vault-error.ts';
