import { elementsOf, membersOf, memberText, objectText, repeatedKey, withMember } from '@shared/json-text.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** JSON text written with spacing a program would not choose. */
const spaced = fc
  .tuple(fc.jsonValue(), fc.constantFrom(0, 1, 2, '\t', ' \n'))
  .map(([value, indent]) => JSON.stringify(value, null, indent));

describe('places in JSON text', () => {
  it('gives every member of an object as it was written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const members = membersOf(text);
        expect(members.map(({ key }) => key)).toEqual(Object.keys(value));
        for (const { key, start, end } of members) {
          expect(JSON.parse(text.slice(start, end))).toEqual(JSON.parse(JSON.stringify(value[key])));
        }
      }),
    );
  });

  it('gives every element of a list as it was written', () => {
    fc.assert(
      fc.property(fc.array(spaced), (texts) => {
        expect(elementsOf(`[ ${texts.join(' ,\n')} ]`)).toEqual(texts);
      }),
    );
  });

  it('keeps numbers that a program would round', () => {
    expect(memberText('{"a":{"n":12345678901234567890.5}, "b":1.0}', 'a')).toBe('{"n":12345678901234567890.5}');
    expect(memberText('{"a": 1.0 }', 'a')).toBe('1.0');
  });

  it('reads the last of a repeated key, as JSON.parse does', () => {
    expect(memberText('{"a":1,"a":2}', 'a')).toBe('2');
    expect(memberText('{"\\u0061":1}', 'a')).toBe('1');
  });

  it('replaces, adds and takes out one member and leaves the rest as written', () => {
    const text = '{ "b": 1.0,\n "a": [1, 2] }';
    expect(withMember(text, 'b', '"x"')).toBe('{ "b": "x",\n "a": [1, 2] }');
    expect(withMember(text, 'c', '3')).toBe('{ "b": 1.0,\n "a": [1, 2] ,"c":3}');
    expect(withMember(text, 'b', null)).toBe('{"a": [1, 2]}');
    expect(withMember(text, 'c', null)).toBe(text);
    expect(withMember('{}', 'a', '1')).toBe('{"a":1}');
    expect(withMember('{"a":1,"a":2,"b":3}', 'a', '4')).toBe('{"b":3,"a":4}');
  });

  it('replaces a member like an assignment would, for any object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), fc.jsonValue(), (object, key, value) => {
        fc.pre(key !== '__proto__' && !('__proto__' in object));
        const expected = JSON.parse(JSON.stringify({ ...object, [key]: value }));
        expect(JSON.parse(withMember(JSON.stringify(object), key, JSON.stringify(value)))).toEqual(expected);
      }),
    );
  });

  it('writes an object from texts', () => {
    expect(
      objectText([
        ['a"', '1.0'],
        ['b', '{}'],
      ]),
    ).toBe('{"a\\"":1.0,"b":{}}');
  });

  it('finds a key that an object has twice, however it is written and however deep', () => {
    expect(repeatedKey('{"a":1,"b":{"a":2}}')).toBeUndefined();
    expect(repeatedKey('{"a":[{"b":1},{"b":2}],"b":"a"}')).toBeUndefined();
    expect(repeatedKey('{"a":[{"b":1,"c":",","b":2}]}')).toBe('b');
    expect(repeatedKey('{"a":1,"\\u0061":2}')).toBe('a');
    expect(repeatedKey('["a","a",{"x":["x","x"]}]')).toBeUndefined();
  });

  it('finds no repeated key in what JSON.stringify wrote', () => {
    fc.assert(
      fc.property(spaced, (text) => {
        expect(repeatedKey(text)).toBeUndefined();
      }),
    );
  });

  it('ends on text that is not JSON', () => {
    for (const text of ['', '{', '{"a', '{"a":', '[1,', '"\\', '{"a":{"b":[', ']}', '{,}', '{"a" "b"}']) {
      membersOf(text);
      elementsOf(text);
      repeatedKey(text);
      memberText(text, 'a');
      withMember(text, 'a', '1');
    }
  });
});
