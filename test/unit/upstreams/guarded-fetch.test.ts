import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../../src/main/upstreams/oauth/allowed-address.ts';
import { AddressRefused, guardedFetch } from '../../../src/main/upstreams/oauth/guarded-fetch.ts';

const remote = new URL('https://mcp.example/mcp');
const local = new URL('http://127.0.0.1:9/mcp');

async function serving(
  handler: Parameters<typeof createServer>[1],
): Promise<AsyncDisposable & { readonly origin: string }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

describe('an address a server names', () => {
  test.each([
    '10.1.2.3',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    '::',
    'fd00::1',
    'fe80::1%eth0',
    '::ffff:10.0.0.1',
    '::ffff:a9fe:a9fe',
    '0:0:0:0:0:ffff:7f00:1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    'not an address',
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(['8.8.8.8', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each([
    ['http://login.example/', /not https/],
    ['http://127.0.0.1:80/', /not https/],
    ['https://127.0.0.1/', /private network/],
    ['https://[::ffff:169.254.169.254]/', /private network/],
    ['https://0x7f.1/', /private network/],
    ['https://user:word@login.example/', /user name/],
    ['file:///etc/passwd', /not https/],
  ])('%s is not asked for a remote server', async (url, reason) => {
    const asked: string[] = [];
    const resolve = async (name: string) => {
      asked.push(name);
      return [{ address: '8.8.8.8', family: 4 }];
    };
    const refusal = guardedFetch({ serverUrl: remote, resolve })(url);
    await expect(refusal).rejects.toThrow(AddressRefused);
    await expect(refusal).rejects.toThrow(reason);
    expect(asked).toEqual([]);
  });

  test.each(['10.0.0.1', '127.0.0.1', '169.254.169.254', '::ffff:10.0.0.1', 'fd12::1'])(
    'by a public name that leads to %s is not asked',
    async (address) => {
      const resolve = async () => [
        { address: '8.8.8.8', family: 4 },
        { address, family: address.includes(':') ? 6 : 4 },
      ];
      await expect(guardedFetch({ serverUrl: remote, resolve })('https://login.example/')).rejects.toThrow(
        /private network/,
      );
    },
  );

  test('that is the name localhost but leads elsewhere is not asked', async () => {
    const resolve = async () => [{ address: '10.0.0.1', family: 4 }];
    await expect(guardedFetch({ serverUrl: local, resolve })('http://localhost:1/')).rejects.toThrow(/private network/);
  });
});

describe('an answer', () => {
  test('that redirects is given back as it is', async () => {
    await using server = await serving((_request, response) => response.writeHead(302, { location: '/next' }).end());
    const response = await guardedFetch({ serverUrl: local })(server.origin);
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('/next');
  });

  test('of more than a mebibyte is given up', async () => {
    await using server = await serving((_request, response) => response.end(Buffer.alloc(1024 * 1024 + 1)));
    await expect(guardedFetch({ serverUrl: local })(server.origin)).rejects.toThrow(/more than/);
  });

  test('that does not end in time is given up', async () => {
    await using server = await serving((_request, response) => void response.write('{'));
    await expect(guardedFetch({ serverUrl: local, timeoutMs: 100 })(server.origin)).rejects.toThrow(/in time/);
  });
});
