/** Where the vault's master key is kept: a key file, or a file sealed by the operating system. */
import { constants, type FileHandle, open } from 'node:fs/promises';
import { createPrivateFile, isCode } from './private-file.ts';
import { VaultError } from './vault-error.ts';

/** Bytes of the master key. */
export const keyBytes = 32;

/** Keeps the vault's master key. `write` is called once, when `read` gave nothing and there is no vault yet. */
export interface KeyStore {
  read(): Promise<Buffer | undefined>;
  /** Never replaces a key. @throws VaultError when there is one already. */
  write(key: Buffer): Promise<void>;
}

/** Larger files are no key files. */
const longestKeyFile = 16_384;
const header = 'gatehouse-key-1';

/** A key file readable by its owner alone. One that others could read is refused: they may have the key. */
export function createKeyFileStore(file: string): KeyStore {
  return {
    async read() {
      const content = await readPrivateFile(file);
      if (content === undefined) return undefined;
      const [first, encoded, ...more] = content.toString('latin1').trimEnd().split('\n');
      const key = Buffer.from(encoded ?? '', 'base64url');
      if (first !== header || more.length > 0 || key.length !== keyBytes) {
        throw damagedKey(file);
      }
      return key;
    },
    async write(key) {
      await createOnce(file, `${header}\n${key.toString('base64url')}\n`);
    },
  };
}

/** What seals the key: on the desktop, Electron's safeStorage. */
export interface KeySealing {
  encrypt(plain: string): Buffer;
  decrypt(encrypted: Buffer): string;
  /** Holds the sealed key. */
  readonly file: string;
}

/** A key file whose content only this user's keychain can open. */
export function createSafeStorageKeyStore({ encrypt, decrypt, file }: KeySealing): KeyStore {
  return {
    async read() {
      const sealed = await readPrivateFile(file);
      if (sealed === undefined) return undefined;
      const key = Buffer.from(unseal(decrypt, sealed, file), 'base64url');
      if (key.length !== keyBytes) throw damagedKey(file);
      return key;
    },
    async write(key) {
      await createOnce(file, encrypt(key.toString('base64url')));
    },
  };
}

function unseal(decrypt: KeySealing['decrypt'], sealed: Buffer, file: string): string {
  try {
    return decrypt(sealed);
  } catch (cause) {
    throw new VaultError(
      'key_wrong',
      `The system keychain cannot open ${file}. It was sealed on another computer or for another user, or the ` +
        'keychain was reset. Restore the keychain, or move vault.json and this file away and enter the secrets again.',
      { cause },
    );
  }
}

async function createOnce(file: string, content: string | Buffer): Promise<void> {
  if (await createPrivateFile(file, content)) return;
  throw new VaultError('key_damaged', `${file} appeared while Gatehouse was creating it. Start Gatehouse again.`);
}

async function readPrivateFile(file: string): Promise<Buffer | undefined> {
  let handle: FileHandle;
  try {
    // A link in the place of a key file would let somebody else choose the key.
    handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return undefined;
    if (isCode(cause, 'ELOOP')) {
      throw new VaultError('key_unsafe', `${file} is a symbolic link. Put the key file itself there.`, { cause });
    }
    throw new VaultError('key_damaged', `${file} cannot be read. Make it readable for you: chmod 600 '${file}'`, {
      cause,
    });
  }
  try {
    await refuseUnsafe(handle, file);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

async function refuseUnsafe(handle: FileHandle, file: string): Promise<void> {
  const info = await handle.stat();
  if (!info.isFile() || info.size > longestKeyFile) throw damagedKey(file);
  if (process.platform === 'win32') return;
  if (info.uid !== process.getuid?.()) {
    throw new VaultError('key_unsafe', `${file} belongs to another user, who could read every secret. Make it yours.`);
  }
  if ((info.mode & 0o077) !== 0) {
    throw new VaultError(
      'key_unsafe',
      `${file} can be read by other users of this computer, so the vault stays closed. Run: chmod 600 '${file}' — ` +
        'and renew the secrets if somebody else may have copied it.',
    );
  }
}

function damagedKey(file: string): VaultError {
  return new VaultError(
    'key_damaged',
    `${file} is not a Gatehouse key. Restore it from a backup, or move it and vault.json away and enter the secrets again.`,
  );
}
