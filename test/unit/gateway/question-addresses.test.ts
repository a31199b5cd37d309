import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressProblem, mayRelayAddresses, requestsProblem } from '../../../src/main/gateway/question-addresses.ts';

describe('an address a server wants opened', () => {
  it.each([
    'https://github.com/login/oauth/authorize?client_id=1&state=a%20b',
    'https://example.com:8443/consent#part',
    'http://127.0.0.1:9000/callback',
    'http://localhost/connect',
    'http://[::1]:9000/',
  ])('is passed on: %s', (address) => {
    expect(addressProblem(address)).toBeNull();
  });

  it.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>1</script>',
    'file:///etc/passwd',
    'vscode://settings',
    'blob:https://example.com/1',
    'view-source:https://example.com',
    'ftp://example.com',
    'http://example.com',
    'http://127.0.0.1.example.com/',
    'http://localhost@example.com/',
    'https://user:password@example.com/',
    'https://accounts.google.com@evil.example/',
    'https:\\\\evil.example/',
    'https://exa\u200Bmple.com/',
    'https://example.com/\u202Egpj.exe',
    ' https://example.com',
    '//example.com',
    '/consent',
    '',
    `https://example.com/${'a'.repeat(9_000)}`,
    undefined,
    7,
    { href: 'https://example.com' },
  ])('is not passed on: %j', (address) => {
    expect(addressProblem(address)).toMatch(/^asks to open /);
  });

  it('is judged by what a browser would open, whatever is written', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((rest) => `https://${rest}`),
        ),
        (address) => {
          if (addressProblem(address) !== null) return;
          const { protocol, hostname, username, password } = new URL(address);
          expect(username + password).toBe('');
          if (protocol !== 'https:') expect(['127.0.0.1', 'localhost', '[::1]']).toContain(hostname);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

describe('what holds several', () => {
  const url = (address: unknown) => ({ method: 'elicitation/create', params: { mode: 'url', url: address } });

  it('is turned away for one of them', () => {
    expect(requestsProblem({ inputRequests: { a: url('https://example.com'), b: url('file:///') } })).not.toBeNull();
    expect(mayRelayAddresses({ elicitations: [{ url: 'https://example.com' }, { url: 'javascript:1' }] })).toBe(false);
  });

  it('passes when there is nothing to open', () => {
    const form = { method: 'elicitation/create', params: { message: 'javascript:1', requestedSchema: {} } };
    expect(requestsProblem({ inputRequests: { a: form, b: null, c: 'x', d: url('https://example.com') } })).toBeNull();
    expect(requestsProblem({})).toBeNull();
    for (const data of [undefined, null, {}, { elicitations: 'x' }, { elicitations: [null] }]) {
      expect(mayRelayAddresses(data)).toBe(true);
    }
  });
});
