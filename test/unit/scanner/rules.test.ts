import { readFileSync } from 'node:fs';
import { checkSync } from 'recheck';
import { describe, expect, it } from 'vitest';
import { allRules } from '../../../src/main/scanner/index.ts';
import { compilePhrase } from '../../../src/main/scanner/phrases.ts';
import { patternRules, phraseRules } from '../../../src/main/scanner/rule-data.ts';
import { Vocabulary } from '../../../src/main/scanner/words.ts';
import { rulesTable } from '../../fixtures/rules-table.ts';

describe('The rules of the scanner', () => {
  it('have ids of their own', () => {
    const ids = allRules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(
    patternRules.flatMap(({ id, patterns, pairs = [] }) =>
      [...patterns, ...pairs.flatMap(({ first, second }) => [first, second])].map((pattern) => [id, pattern] as const),
    ),
  )(
    '%s takes linear time: %s',
    (_, pattern) => {
      expect(checkSync(pattern, 'gi', { timeout: 20_000 }).status).toBe('safe');
    },
    30_000,
  );

  it.each(phraseRules.flatMap(({ id, phrases }) => phrases.map((phrase) => [id, phrase] as const)))(
    '%s is a phrase: %s',
    (_, phrase) => {
      expect(compilePhrase(phrase, new Vocabulary()).steps.length).toBeGreaterThan(0);
    },
  );

  it('are all in docs/scanner.md', () => {
    expect(readFileSync('docs/scanner.md', 'utf8')).toContain(rulesTable());
  });
});
