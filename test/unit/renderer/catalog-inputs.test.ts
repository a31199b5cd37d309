import { describe, expect, it } from 'vitest';
import { inputProblems, sentValues, startValues } from '../../../src/renderer/features/catalog/input-values.ts';
import type { CatalogInput } from '../../../src/shared/contract/index.ts';

const input = (key: string, type: CatalogInput['type'], rest: Partial<CatalogInput> = {}): CatalogInput => ({
  key,
  label: key,
  type,
  required: false,
  multiple: false,
  description: '',
  ...rest,
});

describe('The form of a catalog entry', () => {
  const inputs = [
    input('folders', 'directory', { required: true, multiple: true }),
    input('token', 'secret', { required: true }),
    input('headless', 'boolean'),
    input('url', 'url'),
  ];

  it('asks for what is required', () => {
    expect(Object.keys(inputProblems(inputs, startValues(inputs)))).toEqual(['folders', 'token']);
  });

  it('leaves out what was left empty and masks secrets in a plan', () => {
    const values = { ...startValues(inputs), folders: [' /srv ', ''], token: 's3cret' };
    expect(inputProblems(inputs, values)).toEqual({});
    expect(sentValues(inputs, values, 'masked')).toEqual({ folders: ['/srv'], token: '•', headless: 'false' });
    expect(sentValues(inputs, values, 'with secrets')).toMatchObject({ token: 's3cret' });
  });

  it.each([
    ['directory', 'projects', false],
    ['directory', '/srv/projects', true],
    ['file', 'C:\\data\\a.db', true],
    ['url', 'example.com', false],
    ['url', 'https://example.com', true],
    ['number', '12.5', true],
    ['number', 'many', false],
    ['text', '--force', false],
    ['text', 'acme', true],
  ] as const)('%s “%s”', (type, value, isFine) => {
    expect(Object.keys(inputProblems([input('it', type)], { it: value }))).toHaveLength(isFine ? 0 : 1);
  });
});
