import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createFileVault,
  createKeyFileStore,
  createSafeStorageKeyStore,
  type KeyStore,
  type Vault,
  VaultError,
} from '../../../src/main/secrets/index.ts';

let dir: string;
const open: Vault[] = [];
const at = (name: string): string => join(dir, name);
const modeOf = async (name: string): Promise<number> => (await stat(at(name))).mode & 0o777;

async function vaultHere(keyStore?: KeyStore): Promise<Vault> {
  const vault = await createFileVault({ dir, clock: () => 1_700_000_000_000, ...(keyStore && { keyStore }) });
  open.push(vault);
  return vault;
}

async function refusal(action: Promise<unknown>): Promise<VaultError> {
  const error = await action.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof VaultError)) throw new Error(`Expected a VaultError, got ${String(error)}`);
  return error;
}

/** Changes the JSON of vault.json behind Gatehouse's back. */
async function tamper(
  change: (content: {
    version: number;
    check: object;
    entries: { name: string; data: string; nonce: string; tag: string }[];
    seal: string;
  }) => void,
): Promise<void> {
  const content = JSON.parse(await readFile(at('vault.json'), 'utf8'));
  change(content);
  await writeFile(at('vault.json'), JSON.stringify(content));
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gatehouse-vault-'));
});
afterEach(async () => {
  for (const vault of open.splice(0)) await vault[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

describe('the vault in a file', () => {
  test('gives back what was put in, also after a restart', async () => {
    const vault = await vaultHere();
    await vault.set('github.token', 'ghp_ü🦊');
    await vault.set('empty', '');
    const again = await vaultHere();
    expect(await again.get('github.token')).toBe('ghp_ü🦊');
    expect(await again.get('empty')).toBe('');
    expect(await again.get('missing')).toBeUndefined();
    expect(await again.names()).toEqual(['empty', 'github.token']);
  });

  test('any names and values survive a restart', async () => {
    const entries = fc.uniqueArray(
      fc.tuple(fc.stringMatching(/^[A-Za-z0-9._/-]{1,128}$/), fc.string({ unit: 'grapheme' })),
      {
        selector: ([name]) => name,
        maxLength: 6,
      },
    );
    await fc.assert(
      fc.asyncProperty(entries, async (pairs) => {
        await using vault = await createFileVault({ dir, clock: Date.now });
        for (const name of await vault.names()) await vault.delete(name);
        for (const [name, value] of pairs) await vault.set(name, value);
        await using again = await createFileVault({ dir, clock: Date.now });
        for (const [name, value] of pairs) expect(await again.get(name)).toBe(value);
        expect(await again.names()).toEqual(pairs.map(([name]) => name).sort());
      }),
      { numRuns: 25 },
    );
  });

  test('names that are parts of Object.prototype are names like any other', async () => {
    const vault = await vaultHere();
    for (const name of ['__proto__', 'constructor', 'toString']) await vault.set(name, `of ${name}`);
    const again = await vaultHere();
    for (const name of ['__proto__', 'constructor', 'toString']) expect(await again.get(name)).toBe(`of ${name}`);
    expect(await again.get('hasOwnProperty')).toBeUndefined();
  });

  test('no value and no key stands readable in the folder, and only the owner may read', async () => {
    const vault = await vaultHere();
    await vault.set('a', 'correct horse battery');
    const text = await readFile(at('vault.json'), 'utf8');
    expect(text).not.toContain('correct horse');
    expect(text).not.toContain(Buffer.from('correct horse battery').toString('base64').slice(0, 12));
    expect([await modeOf('vault.json'), await modeOf('vault.key')]).toEqual([0o600, 0o600]);
    expect((await readdir(dir)).toSorted()).toEqual(['vault.json', 'vault.key']);
  });

  test('the same value is never encrypted the same way twice', async () => {
    const vault = await vaultHere();
    await vault.set('a', 'same');
    await vault.set('b', 'same');
    const { entries } = JSON.parse(await readFile(at('vault.json'), 'utf8'));
    expect(new Set(entries.map((entry: { nonce: string }) => entry.nonce)).size).toBe(2);
    expect(entries[0].data).not.toBe(entries[1].data);
  });

  test('many writes at once all arrive', async () => {
    const vault = await vaultHere();
    await Promise.all(Array.from({ length: 40 }, (_, number) => vault.set(`n${number}`, String(number))));
    await Promise.all([vault.delete('n1'), vault.set('n2', 'two'), vault.delete('n3')]);
    const again = await vaultHere();
    expect(await again.names()).toHaveLength(38);
    expect(await again.get('n2')).toBe('two');
  });

  test('delete says whether there was something', async () => {
    const vault = await vaultHere();
    await vault.set('a', '1');
    expect([await vault.delete('a'), await vault.delete('a')]).toEqual([true, false]);
  });

  test('two that start at once in an empty folder do not both make a key', async () => {
    const outcomes = await Promise.allSettled([vaultHere(), vaultHere(), vaultHere()]);
    const vaults = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(vaults.length).toBeGreaterThan(0);
    await vaults[0]?.set('a', '1');
    expect(await (await vaultHere()).get('a')).toBe('1');
  });

  test('a failed write changes nothing and says what to do', async () => {
    const vault = await vaultHere();
    await vault.set('a', 'kept');
    await rm(dir, { recursive: true });
    const error = await refusal(vault.set('a', 'lost'));
    expect(error.code).toBe('vault_unwritable');
    expect(error.message).toContain(at('vault.json'));
    expect(await vault.get('a')).toBe('kept');
    dir = await mkdtemp(join(tmpdir(), 'gatehouse-vault-'));
  });

  test('bad names and endless values are refused', async () => {
    const vault = await vaultHere();
    expect((await refusal(vault.set('a b', 'x'))).code).toBe('name_invalid');
    const error = await refusal(vault.set('a', 'v'.repeat(1_000_001)));
    expect(error.code).toBe('value_too_long');
    expect(error.message).not.toContain('vvvv');
  });

  test('a closed vault refuses', async () => {
    const vault = await vaultHere();
    await vault[Symbol.asyncDispose]();
    expect((await refusal(vault.get('a'))).code).toBe('closed');
  });
});

describe('a vault somebody touched', () => {
  beforeEach(async () => {
    const vault = await vaultHere();
    await vault.set('first', 'one');
    await vault.set('second', 'two');
  });

  test.each<[string, Parameters<typeof tamper>[0]]>([
    [
      'a changed value',
      ({ entries: [entry] }) => {
        if (entry) entry.data = randomBytes(3).toString('base64url');
      },
    ],
    [
      'two values swapped',
      ({ entries: [a, b] }) => {
        if (a && b) [a.name, b.name] = [b.name, a.name];
      },
    ],
    [
      'an entry removed',
      ({ entries }) => {
        entries.pop();
      },
    ],
    [
      'an entry copied under another name',
      ({ entries }) => {
        const [entry] = entries;
        if (entry) entries.push({ ...entry, name: 'third' });
      },
    ],
    [
      'a forged seal',
      (content) => {
        content.seal = randomBytes(32).toString('base64url');
      },
    ],
  ])('%s closes the vault, and the file stays as it is', async (_what, change) => {
    await tamper(change);
    const before = await readFile(at('vault.json'), 'utf8');
    const error = await refusal(vaultHere());
    expect(error.code).toBe('vault_damaged');
    expect(error.message).toContain(at('vault.json'));
    expect(await readFile(at('vault.json'), 'utf8')).toBe(before);
  });

  test.each(['', '{', 'null', '[]', '{"format":"gatehouse-vault","version":1}', '\u0000'])(
    'content %j is reported as damaged and kept',
    async (content) => {
      await writeFile(at('vault.json'), content);
      const error = await refusal(vaultHere());
      expect(error.code).toBe('vault_damaged');
      expect(await readFile(at('vault.json'), 'utf8')).toBe(content);
    },
  );

  test('every single changed byte is noticed or harmless, never a wrong value', async () => {
    const original = await readFile(at('vault.json'));
    for (let position = 0; position < original.length; position += 7) {
      const changed = Buffer.from(original);
      changed[position] = (changed[position] ?? 0) ^ 0x04;
      await writeFile(at('vault.json'), changed);
      const vault = await createFileVault({ dir, clock: Date.now }).catch((error: unknown) => error);
      if (vault instanceof VaultError) continue;
      if (vault instanceof Error) throw vault;
      await using opened = vault as Vault;
      expect([await opened.get('first'), await opened.get('second')]).toEqual(['one', 'two']);
    }
  });

  test('a vault of a newer version is not touched', async () => {
    await tamper((content) => {
      content.version = 2;
    });
    const error = await refusal(vaultHere());
    expect(error.code).toBe('vault_newer');
    expect(error.message).toContain('Update Gatehouse');
  });

  test('a wrong key is told from a damaged file', async () => {
    await rm(at('vault.key'));
    await createKeyFileStore(at('vault.key')).write(randomBytes(32));
    expect((await refusal(vaultHere())).code).toBe('key_wrong');
  });

  test('a lost key is never replaced by a new one', async () => {
    await rm(at('vault.key'));
    const error = await refusal(vaultHere());
    expect(error.code).toBe('key_missing');
    expect(error.message).toContain(at('vault.key'));
    expect(await readdir(dir)).toEqual(['vault.json']);
  });

  test.each(['', 'garbage', 'gatehouse-key-1\nAAAA\n'])(
    'a damaged key file %j is reported and kept',
    async (content) => {
      await writeFile(at('vault.key'), content);
      const error = await refusal(vaultHere());
      expect(error.code).toBe('key_damaged');
      expect(error.message).toContain(at('vault.key'));
      expect(await readFile(at('vault.key'), 'utf8')).toBe(content);
    },
  );

  test.skipIf(process.platform === 'win32')(
    'a key file others can read is refused with the command that helps',
    async () => {
      await chmod(at('vault.key'), 0o640);
      const error = await refusal(vaultHere());
      expect(error.code).toBe('key_unsafe');
      expect(error.message).toContain(`chmod 600 '${at('vault.key')}'`);
      await chmod(at('vault.key'), 0o600);
      expect(await (await vaultHere()).get('first')).toBe('one');
    },
  );

  test.skipIf(process.platform === 'win32')('a link in the place of the key file is refused', async () => {
    const key = await readFile(at('vault.key'));
    await rm(at('vault.key'));
    await writeFile(at('elsewhere'), key, { mode: 0o600 });
    await symlink(at('elsewhere'), at('vault.key'));
    expect((await refusal(vaultHere())).code).toBe('key_unsafe');
  });

  test('no message about a broken vault holds a secret or the key', async () => {
    const key = (await readFile(at('vault.key'), 'utf8')).split('\n')[1] ?? 'none';
    await tamper((content) => {
      content.entries.pop();
    });
    const error = await refusal(vaultHere());
    expect(`${error.message}${String(error.cause)}`).not.toMatch(new RegExp(`one|two|${key}`));
  });
});

describe('keys for purposes', () => {
  test('are 32 bytes, the same after a restart, and different for every purpose and vault', async () => {
    const vault = await vaultHere();
    const approvals = await vault.key('approvals');
    expect(approvals).toHaveLength(32);
    expect((await (await vaultHere()).key('approvals')).equals(approvals)).toBe(true);
    expect((await vault.key('other')).equals(approvals)).toBe(false);
    const elsewhere = await mkdtemp(join(tmpdir(), 'gatehouse-vault-'));
    await using other = await createFileVault({ dir: elsewhere, clock: Date.now });
    expect((await other.key('approvals')).equals(approvals)).toBe(false);
    await rm(elsewhere, { recursive: true });
  });
});

describe('a key sealed by the system', () => {
  const sealing = (pad: number) => ({
    encrypt: (plain: string) => Buffer.from(plain).map((byte) => byte ^ pad) as Buffer,
    decrypt: (sealed: Buffer) => {
      const plain = Buffer.from(sealed.map((byte) => byte ^ pad)).toString('latin1');
      if (!/^[\w-]+$/.test(plain)) throw new Error('wrong keychain');
      return plain;
    },
  });

  test('opens the vault without a key file', async () => {
    const store = createSafeStorageKeyStore({ ...sealing(0xa5), file: at('vault.key.sealed') });
    await (await vaultHere(store)).set('a', '1');
    expect(await (await vaultHere(store)).get('a')).toBe('1');
    expect((await readdir(dir)).toSorted()).toEqual(['vault.json', 'vault.key.sealed']);
  });

  test('of another keychain is reported, naming the file', async () => {
    await vaultHere(createSafeStorageKeyStore({ ...sealing(0xa5), file: at('vault.key.sealed') }));
    const error = await refusal(
      vaultHere(createSafeStorageKeyStore({ ...sealing(0x11), file: at('vault.key.sealed') })),
    );
    expect(error.code).toBe('key_wrong');
    expect(error.message).toContain(at('vault.key.sealed'));
  });
});
