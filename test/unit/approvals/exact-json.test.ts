import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/main/approvals/canonical-json.ts';
import { mayHoldLongNumbers, parseExactly } from '../../../src/main/approvals/exact-json.ts';
import { sealedText } from '../../../src/main/approvals/seal.ts';
import { offerKindSchema } from '../../../src/shared/words.ts';

const exactly = (text: string): string => canonicalJson(parseExactly(text));

describe('numbers that a double cannot hold', () => {
  it.each([
    ['9007199254740993', '9007199254740992'],
    ['0.1000000000000000055', '0.1'],
    ['1e400', '1e401'],
    ['1e400', 'null'],
    ['1e-400', '0'],
    ['123456789012345678901234567890', '123456789012345678901234567891'],
  ])('%s is told from %s', (a, b) => {
    expect(JSON.stringify([JSON.parse(a)])).toBe(JSON.stringify([JSON.parse(b)]));
    expect(exactly(`{"x":[${a}]}`)).not.toBe(exactly(`{"x":[${b}]}`));
    expect(mayHoldLongNumbers(`{"x":[${a}]}`)).toBe(true);
  });

  it.each([
    ['9007199254740993', '9007199254740993.0'],
    ['9007199254740993', '9.007199254740993e15'],
    ['1e400', '10E+0399'],
    ['-1.50e-400', '-15e-401'],
  ])('%s is %s however it is written', (a, b) => {
    expect(exactly(a)).toBe(exactly(b));
  });

  it.each(['1', '1.0', '-0', '0.30000000000000004', '1e21', '5e-324', '1.7976931348623157e308'])(
    '%s, which a double holds, stays what it was',
    (text) => {
      expect(exactly(text)).toBe(canonicalJson(JSON.parse(text)));
    },
  );

  it('are never looked for in vain: whatever loses nothing keeps its canonical text', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(exactly(text)).toBe(canonicalJson(JSON.parse(text)));
      }),
    );
  });

  it('are always found: when parsing changes a number, the cheap look says so', () => {
    const digits = fc.stringMatching(/^[1-9]\d{0,30}$/);
    const power = fc.option(fc.integer({ min: -400, max: 400 }), { nil: undefined });
    fc.assert(
      fc.property(digits, fc.option(digits, { nil: undefined }), power, (whole, fraction, exponent) => {
        const number = `${whole}${fraction === undefined ? '' : `.${fraction}`}${exponent === undefined ? '' : `e${exponent}`}`;
        if (exactly(number) !== canonicalJson(JSON.parse(number))) expect(mayHoldLongNumbers(number)).toBe(true);
      }),
    );
  });

  it('cannot be forged with an object or a string', () => {
    const raw = exactly('9007199254740993');
    expect(exactly(`{"rawJSON":${JSON.stringify(raw)}}`)).not.toBe(raw);
    expect(exactly(JSON.stringify(raw))).not.toBe(raw);
  });

  it('take linear time, whatever their digits', () => {
    const started = performance.now();
    exactly(`[1${'0'.repeat(500_000)}1${'0'.repeat(500_000)},0.${'0'.repeat(500_000)}1e-${'9'.repeat(10_000)}]`);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('the text that is sealed', () => {
  it('is canonical JSON, whatever an offer is called', () => {
    fc.assert(
      fc.property(
        fc.record({
          kind: fc.constantFrom(...offerKindSchema.options),
          server: fc.string(),
          name: fc.string({ unit: 'grapheme' }),
          decision: fc.constantFrom('approved' as const, 'blocked' as const),
          fingerprint: fc.string(),
          definitionHash: fc.string(),
          effect: fc.option(fc.constantFrom('read', 'write')),
        }),
        (decision) => {
          expect(sealedText(decision)).toBe(canonicalJson(decision));
        },
      ),
    );
  });
});
