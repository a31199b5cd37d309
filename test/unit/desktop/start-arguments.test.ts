import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { routeForLink } from '../../../src/main/desktop/deep-links.ts';
import { dataDirIn, routeIn } from '../../../src/main/desktop/start-arguments.ts';

describe('gatehouse:// links', () => {
  test.each([
    ['gatehouse://approvals', '/approvals'],
    ['gatehouse://approvals/?tool=github:search#approve', '/approvals'],
    ['GATEHOUSE://Settings', '/settings'],
    ['gatehouse://approve', undefined],
    ['gatehouse://__proto__', undefined],
    ['gatehouse://constructor', undefined],
    ['gatehouse:approvals', undefined],
    ['https://approvals', undefined],
    ['gatehouse://', undefined],
  ])('%s leads to %s', (link, route) => {
    expect(routeForLink(link)).toBe(route);
  });

  test('are found among the arguments of a second start', () => {
    expect(routeIn(['/opt/gatehouse', '--no-sandbox', 'gatehouse://servers'])).toBe('/servers');
    expect(routeIn(['/opt/gatehouse'])).toBeUndefined();
  });
});

describe('--data-dir', () => {
  test('is read in both spellings and made absolute', () => {
    expect(dataDirIn(['gatehouse', '--data-dir', '/tmp/a b'])).toBe('/tmp/a b');
    expect(dataDirIn(['gatehouse', '--data-dir=/tmp/a=b'])).toBe('/tmp/a=b');
    expect(dataDirIn(['gatehouse', '--data-dir', 'x'])).toBe(resolve('x'));
    expect(dataDirIn(['gatehouse'])).toBeUndefined();
  });

  test('without a folder is refused instead of ignored', () => {
    expect(() => dataDirIn(['gatehouse', '--data-dir'])).toThrow('--data-dir needs a folder');
    expect(() => dataDirIn(['gatehouse', '--data-dir', '--hidden'])).toThrow('--data-dir needs a folder');
  });
});
