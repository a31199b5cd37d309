/** Which URIs an app was given, and how many are remembered. */
import { describe, expect, it } from 'vitest';
import { GivenLinks } from '../../../src/main/gateway/given-links.ts';
import { unwrapUri, wrapUri } from '../../../src/main/gateway/wrapped-uri.ts';

const link = (uri: string) => ({ type: 'resource_link', uri, name: 'x' });

describe('An app was given a URI', () => {
  it.each([
    ['a link in a tool result', { content: [link('a://1')] }],
    ['an embedded resource', { content: [{ type: 'resource', resource: { uri: 'a://1', text: '' } }] }],
    ['a link in a prompt', { messages: [{ role: 'user', content: link('a://1') }] }],
    ['one of several blocks in a prompt', { messages: [{ role: 'user', content: [{ type: 'text' }, link('a://1')] }] }],
    ['the contents of a resource', { contents: [{ uri: 'a://1', text: '' }] }],
  ])('by %s', (_how, result) => {
    const links = new GivenLinks();
    links.note('ann', 'files', 'files:find', result);
    expect(links.find('ann', 'a://1')).toEqual([{ server: 'files', by: 'files:find' }]);
    expect(links.find('bob', 'a://1')).toEqual([]);
    links.forget('ann');
    expect(links.find('ann', 'a://1')).toEqual([]);
  });

  it('by nothing of another shape', () => {
    const links = new GivenLinks();
    const odd = [
      { content: 'resource_link' },
      { content: [null, 5, { type: 'resource', resource: null }, { type: 'resource_link', uri: 7 }] },
      { messages: [null, { content: { type: 'resource' } }] },
      { contents: [{ uri: null }] },
      { content: [{ type: 'text', text: '"resource_link"', uri: 'a://1' }] },
      { content: [link(`a://${'x'.repeat(9_000)}`)] },
    ];
    for (const result of odd) links.note('ann', 's', 's:t', result);
    expect(links.find('ann', 'a://1')).toEqual([]);
  });

  it('by each server that gave it', () => {
    const links = new GivenLinks();
    for (const server of ['b', 'a']) links.note('ann', server, `${server}:t`, { content: [link('x://1')] });
    expect(links.find('ann', 'x://1').map(({ server }) => server)).toEqual(['b', 'a']);
  });
});

it('Two thousand URIs are remembered for an app, those given last', () => {
  const links = new GivenLinks();
  for (let index = 0; index < 3_000; index += 1) {
    links.note('ann', 's', 's:t', { content: [link(`a://${index}`), link('a://always')] });
  }
  const known = (index: number) => links.find('ann', `a://${index}`).length === 1;
  expect([known(1_000), known(1_001), known(2_999)]).toEqual([false, true, true]);
  expect(links.find('ann', 'a://always')).toHaveLength(1);
});

it('A wrapped URI names its server and keeps the URI as it is', () => {
  for (const uri of ['file:///a b', 'x://y/{+z}?q#f', 'gatehouse://b/x']) {
    expect(unwrapUri(wrapUri('my.server-1', uri))).toEqual({ server: 'my.server-1', uri });
  }
  for (const uri of [
    'gatehouse://',
    'gatehouse://a',
    'gatehouse://a/',
    'gatehouse:///x',
    'gatehouse://a#b/x',
    'file:///x',
  ]) {
    expect(unwrapUri(uri)).toBeUndefined();
  }
});
