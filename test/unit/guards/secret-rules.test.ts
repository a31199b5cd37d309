import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundledRules } from '../../../src/main/guards/secret-rules.ts';
import { SAMPLES, sampleOf } from '../../fixtures/secrets-corpus/samples.ts';

const rules = bundledRules();
const ids = rules.rules.map(({ id }) => id);
const rulesIn = (text: string): string[] => rules.find(text).map(({ rule }) => rule);
/** Rules whose matches another rule may describe as well, and then more exactly. */
const KIN: Readonly<Record<string, readonly string[]>> = {
  'npm-auth': ['npm-token'],
  'aws-secret-key': ['secret-word'],
  'discord-token': ['token-word'],
  'twilio-auth': ['token-word'],
  'scaleway-key': ['secret-word'],
  'odbc-password': ['password'],
  'jdbc-password': ['password'],
  'datadog-key': ['secret-word'],
};
const finds = (rule: string, text: string): boolean =>
  rulesIn(text).some((found) => found === rule || KIN[rule]?.includes(found));

describe('every rule', () => {
  it('has a sample, and there are more than sixty', () => {
    expect(Object.keys(SAMPLES).sort()).toEqual([...ids].sort());
    expect(ids.length).toBeGreaterThan(60);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(ids)('%s finds its secret, exactly, in prose, code and JSON', (rule) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { text, secret } = sampleOf(rule, seed);
      for (const around of [text, `see: ${text} .`, `const x = '${text}';\n`, `(${text})`, `a\n${text}\nb`]) {
        const found = rules.find(around);
        expect(finds(rule, around), `${rule} in ${around}: ${JSON.stringify(found)}`).toBe(true);
        const covered = found.some(
          ({ start, end }) => around.slice(start, end).includes(secret.trim()) && end - start <= secret.length + 8,
        );
        expect(covered, `${rule}: ${JSON.stringify(found)} does not cover the secret in ${around}`).toBe(true);
      }
    }
  });

  it.each(ids)('%s does not find it cut off, or with its characters in the shape of a placeholder', (rule) => {
    const { text, secret } = sampleOf(rule, 3);
    const at = text.indexOf(secret);
    const cut = text.slice(0, at) + secret.slice(0, 3);
    expect(rulesIn(cut)).not.toContain(rule);
    const placeholder = secret.replace(/[a-z]/g, 'x').replace(/[A-Z]/g, 'X').replace(/[0-9]/g, '0');
    expect(rulesIn(text.replace(secret, () => placeholder))).not.toContain(rule);
  });

  it.each(['github-token', 'npm-token', 'card-number', 'iban', 'age-key'])('%s needs its checksum', (rule) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { text, secret } = sampleOf(rule, seed);
      const last = secret.charAt(secret.length - 2);
      const other = last === 'Q' ? 'P' : /[0-9]/.test(last) ? String((Number(last) + 1) % 10) : 'Q';
      const wrong = secret.slice(0, -2) + other + secret.slice(-1);
      expect(rulesIn(text.replace(secret, () => wrong)), wrong).not.toContain(rule);
    }
  });

  it.each([
    ['jwt', 'eyJhbGciOiJIUzI1NiJ9.eyJub3QgSlNPTg.c2lnbmF0dXJlc2lnbmF0dXJlc2ln'],
    ['jwt', `${Buffer.from('{"typ":"JWT"}').toString('base64url')}.eyJhIjoxfQaa.c2lnbmF0dXJlc2lnbmF0dXJlc2ln`],
    ['discord-token', 'Bot abcdefghijklmnopqrstuvwx.G12345.abcdefghijklmnopqrstuvwxyz12'],
    ['basic-auth', 'Basic authentication is described below'],
    ['basic-auth', `Basic ${Buffer.from('no colon in it at all').toString('base64')}`],
    ['private-key', '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----'],
    ['private-key', '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----'],
    ['connection-string', 'postgres://postgres:postgres@localhost:5432/app'],
    ['connection-string', 'postgres://user:${DB_PASSWORD}@db/app'],
    ['url-password', 'https://user:password@example.com/'],
    ['url-password', 'http://localhost:3000/@scope/package'],
  ])('%s looks behind the shape: %s', (rule, text) => {
    expect(rulesIn(text)).not.toContain(rule);
  });
});

describe('no false alarm on', () => {
  const hex = (length: number) => '3f786850e387550fdab836ed7e6dc881de23001b7c4a8d09ca3762af61e59520'.slice(0, length);
  it.each([
    ['a UUID', 'id=550e8400-e29b-41d4-a716-446655440000'],
    ['a UUID called a token', '"token":"550e8400-e29b-41d4-a716-446655440000"'],
    ['a git commit', `commit ${hex(40)}`],
    ['a git commit called a token', `token: ${hex(40)}`],
    ['a SHA-256', `sha256:${hex(64)}`],
    ['an integrity', '"integrity": "sha512-P4nbQYQfePJxRSmY+v/KINxVucm4NF3p3s7pJveMTtom52FR4YGltUQLB8idDXwDDWW=="'],
    ['an image', `data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUA${'AAAFCAYAAACNbyblAAAAHElEQVQI12P4'.repeat(50)}`],
    ['YOUR_API_KEY', 'API_KEY=YOUR_API_KEY_GOES_HERE_12345678'],
    ['stars', 'password: ********'],
    ['x', 'token = xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'],
    ['a variable', 'password=${DB_PASSWORD} api_key="{{ secrets.API_KEY }}" token=$GITHUB_TOKEN'],
    ['an environment', 'secret: process.env.CLIENT_SECRET_VALUE_1, token: os.environ["TOKEN_FOR_2024"]'],
    ["AWS's example", 'AKIAIOSFODNN7EXAMPLE and wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
    ['a schema', '{"properties":{"password":{"type":"string","description":"The password"}}}'],
    ['a place in a list', '"next_page_token":"CAUQAA9fJx8b2QkY7dLmZ3w","progressToken":"a8Kd92jdLsk3Jd9sKd02"'],
    ['a count', 'max_tokens: 4096, token_count=12345678901234567890123'],
    ['a word', 'password: required, passphrase: correct-horse'],
    ['a number of an order', 'order 4111111111111112 and tracking 1Z999AA10123456784'],
    ['a timestamp', 'at 1732945123456 until 20261130054107123'],
    ['a version', '"recheck": "4.5.0", "resolved": "https://registry.npmjs.org/recheck/-/recheck-4.5.0.tgz"'],
    ['a path', 'token: src/auth/token-service2.test.ts'],
    ['words', 'The task asks for a risk-free desk-based secret: Meeting at noon about the token economy.'],
    ['a mark of our own', 'token=[secret github-token #3fa9c2d1]'],
  ])('%s', (_what, text) => {
    expect(rules.find(text)).toEqual([]);
  });

  it('what is drawn without any word before it', () => {
    const seen: string[] = [];
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 10, maxLength: 200 }), (bytes) => {
        const base64 = Buffer.from(bytes).toString('base64');
        seen.push(...rulesIn(`"${base64}"`), ...rulesIn(Buffer.from(bytes).toString('hex')));
      }),
      { numRuns: 3000, seed: 1 },
    );
    expect(seen).toEqual([]);
  });
});

describe('time', () => {
  it('is linear in the length, whatever the text repeats', () => {
    const units = [
      ...new Set(rules.rules.flatMap(({ literals }) => literals)),
      'token=',
      'password="',
      '-----BEGIN RSA PRIVATE KEY-----',
      'eyJ-eyJ.',
      'jdbc:x?password=',
      '"kty":"RSA"',
      'PuTTY-User-Key-File-2: x',
      '4111 1111 1111 1111 ',
      '4',
      'A1',
      'DE89 3704 ',
      '-us',
      ':AA',
      'postgres://a:b',
      'Bearer a',
    ];
    const size = 200_000;
    const slow = units
      .map((unit) => {
        const text = unit.repeat(Math.ceil(size / unit.length));
        // Time of this process alone: the machine may be busy.
        const before = process.cpuUsage();
        rules.find(text);
        return { unit, ms: process.cpuUsage(before).user / 1000 };
      })
      .filter(({ ms }) => ms > 600);
    expect(slow).toEqual([]);
  });
});
