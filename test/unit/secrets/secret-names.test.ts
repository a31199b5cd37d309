import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveSecretRefs, secretNameSchema, secretNamesIn, secretRefOf } from '../../../src/main/secrets/index.ts';

const names = fc.stringMatching(/^[A-Za-z0-9._/-]{1,128}$/);
const lookup = (values: ReadonlyMap<string, string>) => async (name: string) => values.get(name);

describe('secret references', () => {
  test('names are found in order, each once', () => {
    expect(secretNamesIn('Bearer ${secret:a.KEY} ${secret:b} ${secret:a.KEY}')).toEqual(['a.KEY', 'b']);
    expect(secretNamesIn('${secret:} ${secret:a b} $secret:c} ${env:D} ${secret:ü}')).toEqual([]);
  });

  test('every reference that can be written is read back', () => {
    fc.assert(
      fc.property(names, fc.string(), fc.string(), (name, before, after) => {
        fc.pre(!`${before}${after}`.includes('${secret:') && !before.endsWith('$'));
        expect(secretNamesIn(`${before}${secretRefOf(name)}${after}`)).toEqual([name]);
      }),
    );
  });

  test('values are put in as they are, whatever they hold', async () => {
    await fc.assert(
      fc.asyncProperty(names, fc.string(), async (name, value) => {
        const text = `x ${secretRefOf(name)} y`;
        expect(await resolveSecretRefs(text, lookup(new Map([[name, value]])))).toBe(`x ${value} y`);
      }),
    );
  });

  test('a value that looks like a reference or a replacement pattern is not read again', async () => {
    const values = new Map([
      ['a', '${secret:b}$&$1$`'],
      ['b', 'never'],
    ]);
    expect(await resolveSecretRefs('<${secret:a}>', lookup(values))).toBe('<${secret:b}$&$1$`>');
  });

  test('a missing secret is named, the values of others are not', async () => {
    const error = await resolveSecretRefs(
      '${secret:there} ${secret:gone}',
      lookup(new Map([['there', 's3cr3t']])),
    ).catch(String);
    expect(error).toContain('gone');
    expect(error).not.toContain('s3cr3t');
  });

  test('names outside the grammar are refused', () => {
    for (const name of ['', 'a b', 'a}', 'é', 'x'.repeat(129), 'a\n'])
      expect(secretNameSchema.safeParse(name).success).toBe(false);
  });
});
