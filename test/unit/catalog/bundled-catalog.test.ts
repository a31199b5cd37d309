import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { problemsOfCatalog } from '../../../src/main/catalog/check-catalog.ts';
import { createCatalog } from '../../../src/main/catalog/index.ts';
import { iconShapes } from '../../../src/renderer/components/icon/icon-shapes.tsx';

const content = (): { entries: Record<string, unknown>[] } =>
  JSON.parse(readFileSync(new URL('../../../assets/catalog.json', import.meta.url), 'utf8'));
const icons = new Set(Object.keys(iconShapes));
const catalog = createCatalog();

describe('the bundled catalog', () => {
  test('is fit to ship', () => {
    expect(problemsOfCatalog(content(), { icons })).toEqual([]);
    expect(catalog.all().length).toBeGreaterThanOrEqual(40);
  });

  test('has at least twenty servers that start without any input or network', () => {
    const offline = JSON.parse(readFileSync(new URL('./starts-offline.json', import.meta.url), 'utf8')) as string[];
    const ready = catalog
      .all()
      .filter(
        ({ package: { identifier, version }, inputs }) =>
          offline.includes(`${identifier}@${version}`) &&
          inputs.every(({ required, default: preset }) => !required || preset !== undefined),
      );
    expect(ready.length).toBeGreaterThanOrEqual(20);
    for (const { id } of ready) expect(() => catalog.resolve(id, {}), id).not.toThrow();
  });

  test('gives every entry a runnable config, with no secret in the command line', () => {
    for (const entry of catalog.all()) {
      const values = Object.fromEntries(entry.inputs.map(({ key, type }) => [key, sampleOf[type]]));
      const { config, secrets } = catalog.resolve(entry.id, values);
      expect(config.command === undefined, entry.id).toBe(config.url !== undefined);
      expect(JSON.stringify(config), entry.id).not.toMatch(/\{[a-z]\w*\}|s3cr3t/i);
      expect([...(config.args ?? []), config.url ?? ''].join(' '), entry.id).not.toContain('${secret:');
      expect(Object.keys(secrets)).toHaveLength(entry.inputs.filter(({ type }) => type === 'secret').length);
    }
  });

  test('search finds servers by what they are called, do and offer', () => {
    const first = (text: string) => catalog.search(text)[0]?.id;
    expect(first('postgres')).toBe('dbhub');
    expect(first('file')).toBe('filesystem');
    expect(first('GitHub')).toBe('github');
    expect(first('browser_navigate')).toBe('playwright');
    expect(catalog.search('')).toHaveLength(catalog.all().length);
    expect(catalog.search('no such thing anywhere')).toEqual([]);
  });
});

describe('the catalog check', () => {
  test.each<[string, (entry: Record<string, unknown>) => void, string]>([
    [
      'a range instead of a version',
      (entry) => {
        entry.package = { kind: 'npm', identifier: 'x', version: '^1.0.0' };
      },
      'not exact',
    ],
    [
      'another package than the pinned one',
      (entry) => {
        entry.launch = { command: 'npx', args: ['-y', 'evil@1.0.0'] };
      },
      'not the pinned package',
    ],
    [
      'an unknown icon',
      (entry) => {
        entry.icon = 'unicorn';
      },
      'no icon "unicorn"',
    ],
    [
      'plain http',
      (entry) => {
        entry.homepage = 'http://example.org';
      },
      'not https',
    ],
    [
      'two sentences',
      (entry) => {
        entry.description = 'One. Two.';
      },
      'not one sentence',
    ],
    [
      'an undeclared input',
      (entry) => {
        entry.inputs = [];
      },
      'is not an input',
    ],
    [
      'a secret in the command line',
      (entry) => {
        entry.inputs = [{ key: 'folders', label: 'F', type: 'secret', required: true }];
      },
      'would stand in the command line',
    ],
  ])('notices %s', (_what, change, problem) => {
    const changed = content();
    const [entry] = changed.entries;
    if (entry === undefined) throw new Error('The catalog is empty.');
    change(entry);
    expect(problemsOfCatalog(changed, { icons }).join('\n')).toContain(problem);
  });

  test('notices an id used twice and content of the wrong shape', () => {
    const changed = content();
    changed.entries.push({ ...changed.entries[0] });
    expect(problemsOfCatalog(changed, { icons }).join()).toContain('filesystem: the id is used twice.');
    expect(problemsOfCatalog({ entries: 7 }, { icons })).not.toEqual([]);
  });
});

const sampleOf = {
  text: 'sample',
  number: '1',
  boolean: 'true',
  choice: '',
  file: '/tmp/file',
  directory: '/tmp',
  secret: 's3cr3t',
  url: 'https://example.org',
} as const;
