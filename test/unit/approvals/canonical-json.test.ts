import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, TooDeepError } from '../../../src/main/approvals/canonical-json.ts';
import { fingerprintOf } from '../../../src/main/approvals/index.ts';

/** The same value with the members of every object in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, member] of Object.entries(value).reverse()) copy[key] = shuffled(member);
  return copy;
}

describe('canonical JSON', () => {
  it('sorts keys by UTF-16 code units, as RFC 8785 shows', () => {
    const value = JSON.parse(
      '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",' +
        '"\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
    );
    expect(Object.values(JSON.parse(canonicalJson(value)))).toHaveLength(7);
    expect(canonicalJson(value)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis",' +
        '"€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    );
  });

  it('writes numbers as RFC 8785 shows', () => {
    expect(canonicalJson(JSON.parse('[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001,-0]'))).toBe(
      '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
    );
  });

  it('is the same JSON value again, whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it('differs for values that are not the same JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const [left, right] = [canonicalJson(a), canonicalJson(b)];
        if (left === right) expect(JSON.parse(left)).toEqual(JSON.parse(JSON.stringify(b)));
        else expect(JSON.parse(left)).not.toEqual(JSON.parse(right));
      }),
    );
  });

  it('counts a property named __proto__ like any other', () => {
    const plain = JSON.parse('{"a":1}');
    const hostile = JSON.parse('{"a":1,"__proto__":{"readOnlyHint":true}}');
    expect(canonicalJson(hostile)).toBe('{"__proto__":{"readOnlyHint":true},"a":1}');
    expect(fingerprintOf(hostile)).not.toBe(fingerprintOf(plain));
  });

  it('refuses values nested so deeply that they would exhaust the stack', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(() => canonicalJson(deep)).toThrow(TooDeepError);
  });
});
