import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CatalogInputError, createCatalog } from '../../../src/main/catalog/index.ts';
import { type CatalogEntry, catalogEntrySchema } from '../../../src/shared/contract/catalog.ts';

const input = (key: string, rest: object = {}) => ({
  key,
  label: key.toUpperCase(),
  type: 'text',
  required: false,
  ...rest,
});

function entryWith(launch: object, inputs: object[] = []): CatalogEntry {
  return catalogEntrySchema.parse({
    id: 'sample',
    name: 'sample',
    title: 'Sample',
    vendor: 'Nobody',
    official: false,
    description: 'Does samples.',
    category: 'files',
    icon: 'box',
    homepage: 'https://example.org',
    license: null,
    package: { kind: 'npm', identifier: 'sample', version: '1.0.0' },
    launch,
    inputs,
    tools: ['go'],
    needsNetwork: false,
    hosts: [],
    risks: ['None.'],
  });
}

const resolve = (entry: CatalogEntry, values: Record<string, string | string[]> = {}, name?: string) =>
  createCatalog({ entries: [entry] }).resolve('sample', values, name);
const argsFor = (args: string[], inputs: object[], values: Record<string, string | string[]> = {}) =>
  resolve(entryWith({ command: 'npx', args }, inputs), values).config.args;

describe('filling a catalog entry in', () => {
  test('a repeated input repeats its argument in place', () => {
    const inputs = [input('dirs', { type: 'directory', multiple: true, required: true })];
    expect(argsFor(['-y', 'p@1', '{dirs}', 'end'], inputs, { dirs: ['/a', '/b c'] })).toEqual([
      '-y',
      'p@1',
      '/a',
      '/b c',
      'end',
    ]);
    expect(argsFor(['--dir={dirs}'], inputs, { dirs: ['/a', '/b'] })).toEqual(['--dir=/a', '--dir=/b']);
  });

  test('an empty optional input takes its argument and the flag before it away', () => {
    const inputs = [input('sets')];
    expect(argsFor(['mcp', '--sets', '{sets}', '--quiet'], inputs)).toEqual(['mcp', '--quiet']);
    expect(argsFor(['mcp', '--sets', '{sets}'], inputs, { sets: 'a,b' })).toEqual(['mcp', '--sets', 'a,b']);
    expect(argsFor(['mcp', '{sets}'], inputs, { sets: '' })).toEqual(['mcp']);
    expect(argsFor(['--other=1', '{sets}'], inputs)).toEqual(['--other=1']);
    expect(argsFor(['-x', 'mid', '{sets}'], inputs)).toEqual(['-x', 'mid']);
  });

  test('a yes/no input keeps or drops its flag', () => {
    const inputs = [input('headless', { type: 'boolean', default: 'true' })];
    const args = ['start', '--headless', '{headless}'];
    expect(argsFor(args, inputs)).toEqual(['start', '--headless']);
    expect(argsFor(args, inputs, { headless: 'false' })).toEqual(['start']);
    expect(argsFor(['--headless={headless}'], inputs, { headless: 'false' })).toEqual(['--headless=false']);
  });

  test('variables and headers without a value are not set', () => {
    const inputs = [input('url'), input('mode', { default: 'ro' })];
    const { config } = resolve(
      entryWith({ command: 'npx', env: { URL: '{url}', MODE: '{mode}', FIXED: 'x{y}' } }, inputs),
    );
    expect(config.env).toEqual({ MODE: 'ro', FIXED: 'x{y}' });
  });

  test('secrets come apart, named after the server', () => {
    const entry = entryWith({ url: 'https://x.example/mcp', headers: { Authorization: 'Bearer {token}' } }, [
      input('token', { type: 'secret', required: true }),
    ]);
    const resolved = resolve(entry, { token: 's3cr3t {token}' }, 'mine');
    expect(resolved.config).toEqual({
      type: 'http',
      url: 'https://x.example/mcp',
      headers: { Authorization: 'Bearer ${secret:mine.token}' },
      gatehouse: { catalogId: 'sample' },
    });
    expect(resolved.secrets).toEqual({ 'mine.token': 's3cr3t {token}' });
    expect(JSON.stringify(resolved.config)).not.toContain('s3cr3t');
  });

  test('a value is never read as a template, whatever it holds', () => {
    const inputs = [input('a'), input('b'), input('k', { type: 'secret' })];
    const entry = entryWith({ command: 'npx', args: ['={a}={b}='], env: { A: '{a}', K: '{k}' } }, inputs);
    const text = fc
      .string({ minLength: 1 })
      .filter((value) => !value.includes('${secret:') && !/\p{Cc}/u.test(value) && !value.startsWith('-'));
    fc.assert(
      fc.property(
        fc.oneof(text, fc.constantFrom('{b}', '{k}', '$&', '$1{a}', '{a}{b}{k}', '{__proto__}')),
        fc.oneof(text, fc.constantFrom('{a}', '{k}', "$'")),
        (a, b) => {
          const { config } = resolve(entry, { a, b, k: 'secret value' });
          expect(config.args).toEqual([`=${a}=${b}=`]);
          expect(config.env).toEqual({ A: a, K: '${secret:sample.k}' });
        },
      ),
    );
  });

  test('a value cannot leave its place in an address', () => {
    const entry = entryWith({ url: 'https://x.example/{key}/mcp' }, [input('key', { required: true })]);
    expect(resolve(entry, { key: '../@evil.example/?a=b#c' }).config.url).toBe(
      'https://x.example/..%2F%40evil.example%2F%3Fa%3Db%23c/mcp',
    );
  });

  test.each<[string, object, string | string[], string]>([
    ['is missing', { required: true }, '', 'A (a) is needed.'],
    ['is a relative folder', { type: 'directory' }, 'home/me', 'full path'],
    ['is a folder given as a switch', { type: 'directory' }, '--allow-all', 'full path'],
    ['is a relative file', { type: 'file' }, '~/x', 'full path'],
    ['is no number', { type: 'number' }, '1e999', 'must be a number'],
    ['is no choice', { type: 'choice', choices: ['x', 'y'] }, 'z', 'must be one of: x, y'],
    ['is neither yes nor no', { type: 'boolean' }, 'yes', 'must be true or false'],
    ['is no web address', { type: 'url' }, 'file:///etc/passwd', 'https://'],
    ['is an address with a password', { type: 'url' }, 'https://u:p@x.example', 'https://'],
    ['would be a switch', {}, '--config=/etc/x', 'must not begin with a dash'],
    ['has two lines', {}, 'a\nb', 'one line'],
    ['is a secret with two lines', { type: 'secret' }, 'a\r\nX-Evil: 1', 'one line'],
    ["asks for somebody else's secret", {}, '${secret:github.token}', 'must not refer to a secret'],
    ['is given twice', {}, ['a', 'b'], 'takes one value'],
    ['is endless', {}, 'x'.repeat(20_001), 'longer than'],
  ])('a value that %s is refused, naming the input', (_what, rest, value, message) => {
    const entry = entryWith({ command: 'npx', env: { A: '{a}' } }, [input('a', rest)]);
    expect(() => resolve(entry, { a: value })).toThrow(message);
    expect(() => resolve(entry, { a: value })).toThrow(CatalogInputError);
  });

  test('no refusal repeats a secret', () => {
    const entry = entryWith({ command: 'npx', env: { A: '{a}' } }, [input('a', { type: 'secret' })]);
    expect(() => resolve(entry, { a: 'hunter2\n' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
  });

  test('unknown entries, inputs and server names are refused', () => {
    const entry = entryWith({ command: 'npx' });
    expect(() => createCatalog({ entries: [entry] }).resolve('other', {})).toThrow('no entry "other"');
    expect(() => resolve(entry, { extra: 'x' })).toThrow('no input "extra"');
    expect(() => resolve(entry, {}, 'a:b')).toThrow('server name');
  });
});
