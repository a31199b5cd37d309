/** The vault in a file: vault.json holds encrypted values, a `KeyStore` the key. Nothing is ever dropped in silence. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Vault } from './index.ts';
import { createKeyFileStore, type KeyStore, keyBytes } from './key-stores.ts';
import { isCode, replacePrivateFile } from './private-file.ts';
import { deriveKey, type SealedValue, sameSeal, seal, sealOfAll, unseal } from './sealed-values.ts';
import { secretNameSchema } from './secret-names.ts';
import { VaultError } from './vault-error.ts';

const formatVersion = 1;
/** Characters one secret may have: certificates and key files fit, mistakes do not. */
const longestValue = 1_000_000;

const sealedSchema = z.object({ nonce: z.string(), data: z.string(), tag: z.string() });
const vaultFileSchema = z.object({
  format: z.literal('gatehouse-vault'),
  version: z.literal(formatVersion),
  /** Milliseconds since epoch. */
  savedAt: z.number(),
  /** Opens with the right key only: tells a wrong key from a changed file. */
  check: sealedSchema,
  entries: z.array(sealedSchema.extend({ name: secretNameSchema })),
  /** Over all entries. */
  seal: z.string(),
});
const versionSchema = z.object({ format: z.literal('gatehouse-vault'), version: z.number() });

export interface FileVaultOptions {
  /** The data folder; holds vault.json, and vault.key when no other key store is given. */
  readonly dir: string;
  readonly keyStore?: KeyStore;
  /** Milliseconds since epoch. */
  readonly clock: () => number;
}

/**
 * Opens the vault, or makes an empty one where there is none.
 * @throws VaultError naming the file and what to do: key missing, wrong, damaged or readable by others; vault damaged,
 * changed by somebody else, or of a newer version. The files are left as they are.
 */
export async function createFileVault({ dir, keyStore, clock }: FileVaultOptions): Promise<Vault> {
  const file = join(dir, 'vault.json');
  const text = await readIfThere(file);
  const store = keyStore ?? createKeyFileStore(join(dir, 'vault.key'));
  const master = await store.read();
  if (master === undefined && text !== undefined) {
    throw new VaultError(
      'key_missing',
      `${file} is encrypted and its key is gone${keyStore === undefined ? ` (${join(dir, 'vault.key')})` : ''}. ` +
        'Restore the key, or move vault.json away to begin with an empty vault and enter the secrets again.',
    );
  }
  const key = master ?? (await newKey(store));
  const vault = new FileVault(file, key, clock, text === undefined ? new Map() : openEntries(file, text, key));
  if (text === undefined) await vault.save();
  return vault;
}

class FileVault implements Vault {
  readonly #file: string;
  readonly #master: Buffer;
  readonly #clock: () => number;
  readonly #keys: { readonly entries: Buffer; readonly seal: Buffer };
  #entries: ReadonlyMap<string, SealedValue>;
  /** Writes go one after the other: each starts from what the one before it left. */
  #writes: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(file: string, master: Buffer, clock: () => number, entries: ReadonlyMap<string, SealedValue>) {
    this.#file = file;
    this.#master = master;
    this.#clock = clock;
    this.#keys = vaultKeysOf(master);
    this.#entries = entries;
  }

  async get(name: string): Promise<string | undefined> {
    this.#refuseClosed();
    const sealed = this.#entries.get(name);
    if (sealed === undefined) return undefined;
    const value = unseal(this.#keys.entries, name, sealed);
    if (value === undefined) throw changedVault(this.#file);
    return value;
  }

  async set(name: string, value: string): Promise<void> {
    this.#refuseClosed();
    if (!secretNameSchema.safeParse(name).success) {
      throw new VaultError(
        'name_invalid',
        'A secret name has 1 to 128 letters, digits, dots, dashes, underscores or slashes.',
      );
    }
    if (value.length > longestValue) {
      throw new VaultError(
        'value_too_long',
        `The value of ${name} is longer than ${longestValue} characters. Check what was pasted.`,
      );
    }
    await this.#write((entries) => entries.set(name, seal(this.#keys.entries, name, value)));
  }

  async delete(name: string): Promise<boolean> {
    this.#refuseClosed();
    let removed = false;
    await this.#write((entries) => {
      removed = entries.delete(name);
    });
    return removed;
  }

  async names(): Promise<string[]> {
    this.#refuseClosed();
    return [...this.#entries.keys()].sort();
  }

  async key(purpose: string): Promise<Buffer> {
    this.#refuseClosed();
    return deriveKey(this.#master, `purpose:${purpose}`);
  }

  /** Writes the vault as it is, which a new one needs once. */
  async save(): Promise<void> {
    await this.#write(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // A failed write was reported to who asked for it.
    await this.#writes.catch(() => {});
    for (const key of [this.#master, this.#keys.entries, this.#keys.seal]) key.fill(0);
  }

  #write(change: (entries: Map<string, SealedValue>) => void): Promise<void> {
    const write = this.#writes.then(async () => {
      const entries = new Map(this.#entries);
      change(entries);
      try {
        await replacePrivateFile(this.#file, this.#textOf(entries));
      } catch (cause) {
        throw new VaultError(
          'vault_unwritable',
          `${this.#file} cannot be written. Check the disk and the folder's rights, then try again.`,
          { cause },
        );
      }
      // Only what is on disk counts as kept.
      this.#entries = entries;
    });
    this.#writes = write.catch(() => {});
    return write;
  }

  #textOf(entries: ReadonlyMap<string, SealedValue>): string {
    const content: z.infer<typeof vaultFileSchema> = {
      format: 'gatehouse-vault',
      version: formatVersion,
      savedAt: this.#clock(),
      check: seal(this.#keys.entries, checkName, ''),
      entries: [...entries].map(([name, sealed]) => ({ name, ...sealed })),
      seal: sealOfAll(this.#keys.seal, entries),
    };
    return `${JSON.stringify(content, null, 2)}\n`;
  }

  #refuseClosed(): void {
    if (this.#closed) throw new VaultError('closed', 'Gatehouse is shutting down; the vault is closed.');
  }
}

/** Not a valid secret name, so no entry can be mistaken for it. */
const checkName = ':check';

function vaultKeysOf(master: Buffer): { entries: Buffer; seal: Buffer } {
  return { entries: deriveKey(master, 'vault:entries'), seal: deriveKey(master, 'vault:seal') };
}

async function newKey(store: KeyStore): Promise<Buffer> {
  const key = randomBytes(keyBytes);
  await store.write(key);
  return key;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return undefined;
    throw new VaultError('vault_damaged', `${file} cannot be read. Make it readable for you: chmod 600 '${file}'`, {
      cause,
    });
  }
}

function openEntries(file: string, text: string, master: Buffer): Map<string, SealedValue> {
  const json = parsed(text);
  const stated = versionSchema.safeParse(json);
  if (stated.success && stated.data.version > formatVersion) {
    throw new VaultError(
      'vault_newer',
      `${file} was written by a newer Gatehouse (vault format ${stated.data.version}). Update Gatehouse.`,
    );
  }
  const content = vaultFileSchema.safeParse(json);
  if (!content.success) {
    throw new VaultError(
      'vault_damaged',
      `${file} is damaged and was left as it is. Restore it from a backup, or move it away to begin with an empty vault and enter the secrets again.`,
    );
  }
  const keys = vaultKeysOf(master);
  if (unseal(keys.entries, checkName, content.data.check) === undefined) {
    throw new VaultError(
      'key_wrong',
      `The key does not open ${file}. It belongs to another vault: restore the key that was used with this file, or ` +
        'move vault.json away to begin with an empty vault and enter the secrets again.',
    );
  }
  const entries = new Map(content.data.entries.map(({ name, ...sealed }) => [name, sealed]));
  if (!sameSeal(sealOfAll(keys.seal, entries), content.data.seal)) throw changedVault(file);
  return entries;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function changedVault(file: string): VaultError {
  return new VaultError(
    'vault_damaged',
    `${file} was changed by something other than Gatehouse and was left as it is. Restore it from a backup, or move it ` +
      'away to begin with an empty vault and enter the secrets again.',
  );
}
