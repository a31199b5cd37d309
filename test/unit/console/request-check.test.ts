import { describe, expect, it } from 'vitest';
import { cookieOf, pageKeyOf, refusalOf } from '../../../src/main/console/request-check.ts';

const read = { originRequired: false };
const act = { originRequired: true };

describe('the console answers', () => {
  it('this computer by either of its names', () => {
    expect(refusalOf({ host: '127.0.0.1:80' }, 80, read)).toBeNull();
    expect(refusalOf({ host: 'localhost:80', origin: 'http://localhost:80' }, 80, act)).toBeNull();
  });

  it.each([
    ['a rebound name', { host: 'evil.test:80' }, read],
    ['another port', { host: '127.0.0.1:81' }, read],
    ['no host', {}, read],
    ['a page from elsewhere', { host: '127.0.0.1:80', origin: 'http://evil.test' }, read],
    ['a page of another local port', { host: '127.0.0.1:80', origin: 'http://127.0.0.1:81' }, act],
    ['a sandboxed page', { host: '127.0.0.1:80', origin: 'null' }, act],
    ['the other name of the same computer', { host: '127.0.0.1:80', origin: 'http://localhost:80' }, act],
    ['an act without an origin', { host: '127.0.0.1:80' }, act],
  ])('nothing for %s', (_what, headers, options) => {
    expect(refusalOf(headers, 80, options)).not.toBeNull();
  });
});

it('finds its cookie among others', () => {
  expect(cookieOf({ cookie: 'a=1; gatehouse_80=x=y; b' }, 'gatehouse_80')).toBe('x=y');
  expect(cookieOf({ cookie: 'xgatehouse_80=1' }, 'gatehouse_80')).toBeUndefined();
  expect(cookieOf({}, 'gatehouse_80')).toBeUndefined();
});

it('finds the page key among the offered protocols', () => {
  expect(pageKeyOf({ 'sec-websocket-protocol': 'gatehouse, key.abc' })).toBe('abc');
  expect(pageKeyOf({ 'sec-websocket-protocol': 'gatehouse' })).toBeUndefined();
});
