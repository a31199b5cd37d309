import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonPieces, withoutEscapes } from '../../../src/main/guards/json-places.ts';
import { bundledRules } from '../../../src/main/guards/secret-rules.ts';
import { redactJson, redactText, SecretScan } from '../../../src/main/guards/secret-scan.ts';
import { SAMPLES, sampleOf } from '../../fixtures/secrets-corpus/samples.ts';

const scanOf = (key = 1) =>
  new SecretScan({
    rules: bundledRules,
    stored: { find: () => [], isEmpty: () => true },
    key: Buffer.alloc(32, key),
  });
const scan = scanOf();
const redact = (json: string): string => redactJson(json, scan.inJson(json));
const token = sampleOf('github-token', 1).secret;

describe('redaction of JSON', () => {
  it('puts a mark that names the rule and recognises the secret', () => {
    const json = redact(JSON.stringify({ a: token, b: [`x ${token}`] }));
    const [mark] = /\[secret github-token #[0-9a-f]{8}\]/.exec(json) ?? [];
    expect(JSON.parse(json)).toEqual({ a: mark, b: [`x ${mark}`] });
    const other = scanOf(2);
    const elsewhere = redactJson(`"${token}"`, other.inJson(`"${token}"`));
    expect(elsewhere).not.toContain(mark);
  });

  it('gives the very text back when there is nothing to take out', () => {
    const json = '{ "a" : 1.0, "a": 12345678901234567890, "\\u0061": "\\/" }';
    expect(redact(json)).toBe(json);
  });

  it('leaves JSON, every other byte, and no byte of the secret, wherever it stands', () => {
    const rules = Object.keys(SAMPLES);
    const anyJson = fc.json({ maxDepth: 3, noUnicodeString: false });
    fc.assert(
      fc.property(
        fc.constantFrom(...rules),
        fc.nat(1_000_000),
        anyJson,
        fc.constantFrom('value', 'key', 'list', 'nested', 'json-in-json'),
        (rule, seed, other, place) => {
          const { text, secret } = sampleOf(rule, seed);
          const rest = JSON.stringify(JSON.parse(other));
          const string = JSON.stringify(text);
          const json = {
            value: `{"before":${rest},"it":${string},"after":${rest}}`,
            key: `{"before":${rest},${string}:1,"after":${rest}}`,
            list: `[${rest},${string},${rest}]`,
            nested: `{"before":${rest},"a":[{"b":${string}}],"after":${rest}}`,
            'json-in-json': `{"before":${rest},"it":${JSON.stringify(JSON.stringify({ it: text }))},"after":${rest}}`,
          }[place];
          const redacted = redact(json);
          expect(() => JSON.parse(redacted)).not.toThrow();
          if (scan.inJson(rest).length > 0) return;
          const place0 = json.indexOf(rest);
          expect(redacted.slice(0, place0 + rest.length)).toBe(json.slice(0, place0 + rest.length));
          const read = withoutEscapes(withoutEscapes(redacted).text).text;
          const longest = secret
            .trim()
            .split(/[^A-Za-z0-9]+/)
            .reduce((a, b) => (a.length >= b.length ? a : b));
          expect(read, `${rule} in ${json} gave ${redacted}`).not.toContain(longest);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('finds a secret behind escapes, each character of it or some', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), (chosen) => {
        const hidden = [...token]
          .map((unit, at) =>
            chosen[at % chosen.length] ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}` : unit,
          )
          .join('');
        const json = `{"a":"\\n${hidden}\\u0022","b":1}`;
        const redacted = redact(json);
        expect(redacted).toMatch(/^\{"a":"\\n\[secret github-token #[0-9a-f]{8}\]\\u0022","b":1\}$/);
      }),
    );
  });

  it('takes a number out as a whole and leaves a string in its place', () => {
    const { secret } = sampleOf('card-number', 5);
    expect(redact(`{"card":${secret},"n":1}`)).toMatch(/^\{"card":"\[secret card-number #[0-9a-f]{8}\]","n":1\}$/);
    expect(redact(`[${secret}]`)).toMatch(/^\["\[secret card-number #[0-9a-f]{8}\]"\]$/);
  });

  it('takes every line of a key out that is written as a list of lines', () => {
    const lines = sampleOf('private-key', 2).secret.split('\n');
    const redacted = redact(JSON.stringify({ lines, after: 1 }));
    expect(JSON.parse(redacted).after).toBe(1);
    for (const line of lines.slice(1, -1)) expect(redacted).not.toContain(line);
  });

  it('takes out what is left of a key that was cut off', () => {
    const { secret } = sampleOf('private-key', 3);
    const begun = JSON.stringify({ key: secret }).slice(0, 400);
    expect(redact(begun)).toMatch(/^\{"key":"\[secret private-key #[0-9a-f]{8}\]$/);
  });

  it('is sound on text that is no JSON, and ends', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('"', '\\', 'u', '0', token, ',', '\n'), maxLength: 40 }),
        (junk) => {
          expect(redact(junk)).not.toContain(token);
        },
      ),
    );
  });

  it('stays linear with thousands of secrets', () => {
    const many = JSON.stringify(Array.from({ length: 20_000 }, (_, n) => sampleOf('stripe-key', n).secret));
    const before = performance.now();
    const redacted = redact(many);
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(redacted).not.toContain('sk_live_');
    expect(JSON.parse(redacted)).toHaveLength(20_000);
  });
});

describe('redaction of plain text', () => {
  it('leaves everything else', () => {
    const text = `before "${token}" after\n`;
    expect(redactText(text, scan.inText(text))).toMatch(/^before "\[secret github-token #[0-9a-f]{8}\]" after\n$/);
  });
});

describe('places in JSON text', () => {
  it('are found again after the escapes were read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), fc.nat(30), fc.nat(30), (value, a, b) => {
        const json = JSON.stringify(value);
        const { text, toWritten } = withoutEscapes(json);
        const [start, end] = [Math.min(a, b, text.length), Math.min(Math.max(a, b), text.length)];
        const written = toWritten({ start, end });
        expect(withoutEscapes(json.slice(written.start, written.end)).text).toBe(text.slice(start, end));
      }),
      { numRuns: 1000 },
    );
  });

  it('are cut at the quotes that close and open strings', () => {
    const json = '["ab","c\\"d",12]';
    expect(new JsonPieces(json).of({ start: 2, end: 9 })).toEqual([
      { start: 2, end: 4, isInString: true },
      { start: 7, end: 9, isInString: true },
    ]);
  });
});
