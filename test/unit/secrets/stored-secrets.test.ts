import { describe, expect, it } from 'vitest';
import { createFileVault, watchStoredSecrets } from '../../../src/main/secrets/index.ts';
import { temporaryDir } from '../../fixtures/gatehouse-process.ts';

async function watched(values: Record<string, string> = {}) {
  const folder = temporaryDir();
  const { vault, stored } = await watchStoredSecrets(await createFileVault({ dir: folder.path, clock: () => 1 }));
  for (const [name, value] of Object.entries(values)) await vault.set(name, value);
  return {
    folder,
    vault,
    stored,
    async [Symbol.asyncDispose]() {
      await vault[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const VALUE = 'kX9-vR2_mQ7+tL4/zB8?wN5';

describe('values of the vault in a text', () => {
  it('are found by name and place, also those of an earlier run', async () => {
    await using room = await watched({ 'github/TOKEN': VALUE });
    const text = `see ${VALUE}, and ${VALUE}`;
    const expected = [
      { name: 'github/TOKEN', start: 4, end: 4 + VALUE.length },
      { name: 'github/TOKEN', start: text.length - VALUE.length, end: text.length },
    ];
    expect(room.stored.find(text)).toEqual(expected);
    await room.vault[Symbol.asyncDispose]();
    const again = await watchStoredSecrets(await createFileVault({ dir: room.folder.path, clock: () => 1 }));
    await using _vault = again.vault;
    expect(again.stored.find(text)).toEqual(expected);
  });

  it.each([
    ['percent-encoded', encodeURIComponent(VALUE)],
    ['in hex', Buffer.from(VALUE).toString('hex')],
    ['in base64', Buffer.from(VALUE).toString('base64')],
    ['in base64url', Buffer.from(VALUE).toString('base64url')],
    ['in the middle of something in base64', Buffer.from(`user:${VALUE}`).toString('base64')],
    ['elsewhere in something in base64', Buffer.from(`1234567${VALUE}\n`).toString('base64')],
    ['glued to something', `x${VALUE}y`],
  ])('are found %s', async (_how, text) => {
    await using room = await watched({ key: VALUE });
    expect(room.stored.find(text).map(({ name }) => name)).toContain('key');
  });

  it('are forgotten when they are deleted or replaced', async () => {
    await using room = await watched({ key: VALUE });
    await room.vault.set('key', 'another-value-1234');
    expect([room.stored.find(VALUE), room.stored.find('another-value-1234')]).toMatchObject([[], [{ name: 'key' }]]);
    await room.vault.delete('key');
    expect(room.stored.find('another-value-1234')).toEqual([]);
  });

  it('of fewer than eight characters are words, and simple ones count only where they stand alone', async () => {
    await using room = await watched({ port: '5432', host: 'acme-internal' });
    expect(room.stored.find('5432')).toEqual([]);
    expect(room.stored.find('host: acme-internal;')).toHaveLength(1);
    expect(room.stored.find('acme-internals and xacme-internal')).toEqual([]);
  });

  it('that are sign-ins are found by their tokens, not by their addresses', async () => {
    const kept = {
      url: 'https://mcp.acme.example/endpoint',
      tokens: { value: { access_token: `at-${VALUE}`, token_type: 'Bearer', refresh_token: `rt-${VALUE}` } },
      clients: { 'https://as.example': { info: { token_endpoint: 'https://as.example/oauth/token' } } },
    };
    await using room = await watched({ 'oauth/acme': JSON.stringify(kept) });
    expect(room.stored.find(`a at-${VALUE} b rt-${VALUE}`)).toHaveLength(2);
    expect(room.stored.find('https://as.example/oauth/token https://mcp.acme.example/endpoint Bearer')).toEqual([]);
  });

  it('that begin alike are told apart', async () => {
    await using room = await watched({ one: `${VALUE}-one`, two: `${VALUE}-two` });
    expect(room.stored.find(`${VALUE}-two`).map(({ name }) => name)).toEqual(['two']);
  });

  it('of a million characters, or of a thousand secrets, do not slow a text down', async () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`k${n}`, `${n}-${VALUE}-${n * 7919}`]));
    await using room = await watched({ ...many, big: `${VALUE}\n`.repeat(40_000) });
    room.stored.find('warm');
    const text = VALUE.slice(0, 12).repeat(50_000);
    const before = performance.now();
    room.stored.find(text);
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});
