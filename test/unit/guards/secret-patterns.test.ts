/** Every pattern of the rules, looked at by a checker for expressions that blow up. */
import { check } from 'recheck';
import { describe, expect, it } from 'vitest';
import { bundledRules } from '../../../src/main/guards/secret-rules.ts';

const { rules } = bundledRules();

describe('patterns', () => {
  it.each(
    rules.map(
      ({ id, pattern, ignoreCase, literals, back, ahead }) => [id, pattern, ignoreCase, literals, back, ahead] as const,
    ),
  )(
    'the pattern of %s cannot blow up',
    async (_id, pattern, ignoreCase, literals, back, ahead) => {
      // It runs where a literal stands, or in a window of a few characters around it, or (cards, IBANs) begins anew at each
      // place with at most 40 characters to read; how long all of that takes together is measured in secret-rules.test.ts.
      expect((back ?? 0) + (ahead ?? 0)).toBeLessThan(128);
      if (literals.length === 0) expect(pattern).not.toMatch(/[*+]|,\}|\{\d{3,}/);
      const found = await check(`^(?:${pattern})`, ignoreCase === true ? 'i' : '', { timeout: 20_000 });
      expect(found.status, `${pattern}: ${JSON.stringify(found)}`).toBe('safe');
    },
    60_000,
  );
});
