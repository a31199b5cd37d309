/** Which URIs a template covers, and that no template or URI costs more than its budget. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, readUriTemplate, TEMPLATE_BUDGET } from '../../../src/main/gateway/uri-template.ts';

function matches(template: string, uri: string): boolean {
  const read = readUriTemplate(template);
  return read !== undefined && covers(read, uri, { left: TEMPLATE_BUDGET });
}

describe('A template covers', () => {
  it.each([
    ['test://static', 'test://static'],
    ['test://template/{id}/data', 'test://template/123/data'],
    ['test://template/{id}/data', 'test://template/a%20b:c/data'],
    ['file:///{+path}', 'file:///a/b/c.txt'],
    ['file:///{+path}.md', 'file:///a.md/b.md'],
    ['a://{x},{y}', 'a://1,2'],
    ['a://{x,y}', 'a://1,2'],
    ['a://p{/x}', 'a://p'],
    ['a://p{/x}', 'a://p/q'],
    ['a://p{.x}', 'a://p.txt'],
    ['a://p{#x}', 'a://p#here/and?there'],
    ['a://s{?q,page}', 'a://s'],
    ['a://s{?q,page}', 'a://s?q=cats'],
    ['a://s{?q,page}', 'a://s?page=2&q=a/b'],
    ['a://s?fixed=1{&q}', 'a://s?fixed=1&q=x'],
    ['a://s{?any*}', 'a://s?whatever=1'],
    ['a://{x:3}/y', 'a://abc/y'],
    ['a://{x}{y}{z}', 'a://abc'],
  ])('%s: %s', (template, uri) => {
    expect(matches(template, uri)).toBe(true);
  });

  it.each([
    ['test://template/{id}/data', 'test://template/1/2/data'],
    ['test://template/{id}/data', 'test://template//data'],
    ['test://template/{id}', 'test://template/1?admin=true'],
    ['a://x?id={id}', 'a://x?id=1&admin=true'],
    ['a://s{?q}', 'a://s?q=1&admin=true'],
    ['a://s{?q}', 'a://s?'],
    ['a://s', 'a://s/'],
    ['a://{x}', 'b://1'],
    ['a://{x', 'a://{x'],
    ['a://x}', 'a://x}'],
    ['a://{}', 'a://1'],
    ['a://{ü}', 'a://1'],
  ])('nothing it does not name: %s, %s', (template, uri) => {
    expect(matches(template, uri)).toBe(false);
  });

  it.each([
    'file:///project/../secret',
    'file:///project/a/..',
    'file:///project/%2e%2E/secret',
    'file:///project/..%2fsecret',
    'file:///project/a%5c..%5csecret',
    'file:///project/a\\..\\secret',
    'file:///project/./x',
  ])('no URI that leads out of it: %s', (uri) => {
    expect(matches('file:///project/{+path}', uri)).toBe(false);
  });

  it('what it expands to, for any values', () => {
    const value = fc.stringMatching(/^[A-Za-z0-9~_-]{1,12}$/);
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        expect(matches('x://{a}/{+b}{?c}', `x://${a}/${b}/${b}?c=${c}`)).toBe(true);
      }),
    );
  });
});

describe('Matching', () => {
  it('ends once the budget is spent, for templates and URIs made to be slow', () => {
    const slow = [
      `a://${'{+a}'.repeat(60)}x`,
      `a://${'{+a}a'.repeat(31)}x`,
      `a://${'{?a*}{+b}'.repeat(30)}x`,
      `a://${'{a}{/b}'.repeat(30)}x`,
    ];
    for (const uri of [`a://${'a'.repeat(8_000)}!`, `a://${'?a&a'.repeat(2_000)}`, `a://${'?'.repeat(8_000)}`]) {
      const budget = { left: 100_000 };
      for (let round = 0; round < 10; round += 1) {
        for (const template of slow) {
          const read = readUriTemplate(template);
          expect(read && covers(read, uri, budget)).toBe(false);
        }
      }
      // What is over it is the last step but one: a look at each character of the URI.
      expect(budget.left).toBeLessThan(0);
      expect(budget.left).toBeGreaterThan(-2 * 8_100);
    }
  });

  it('takes few steps for what is ordinary', () => {
    const budget = { left: TEMPLATE_BUDGET };
    const read = readUriTemplate('github://repos/{owner}/{repo}/contents/{+path}{?ref}');
    expect(read && covers(read, `github://repos/a/b/contents/${'dir/'.repeat(20)}file.txt?ref=main`, budget)).toBe(
      true,
    );
    expect(TEMPLATE_BUDGET - budget.left).toBeLessThan(1_000);
  });

  it('reads no template that is too long or has too many parts', () => {
    expect(readUriTemplate('a'.repeat(9_000))).toBeUndefined();
    expect(readUriTemplate('{a}b'.repeat(40))).toBeUndefined();
  });
});
