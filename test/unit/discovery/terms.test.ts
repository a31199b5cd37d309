import { describe, expect, test } from 'vitest';
import { identifierTermsOf, joinedOf, spacedWordsOf, termsOf } from '../../../src/main/discovery/terms.ts';

describe('terms', () => {
  test('identifiers in every style give the same parts', () => {
    const parts = ['creat', 'issu'];
    for (const name of ['create_issue', 'createIssue', 'create-issue', 'CREATE ISSUE', 'Create.Issue']) {
      expect(identifierTermsOf(name, 50), name).toEqual(expect.arrayContaining(parts));
    }
  });

  test('acronyms and digits are split, and the whole is kept as one word too', () => {
    expect(termsOf('parseHTMLFile', 50)).toEqual(expect.arrayContaining(['pars', 'html', 'file']));
    expect(termsOf('s3', 50)).toEqual(['s', '3', 's3']);
    expect(identifierTermsOf('git_hub', 50)).toContain('github');
    expect(joinedOf('power point')).toBe(termsOf('powerpoint', 5)[0]);
  });

  test('inflected words meet in one stem', () => {
    expect(termsOf('repositories', 5)).toEqual(termsOf('repository', 5));
    expect(termsOf('running', 5)).toEqual(termsOf('run', 5));
    expect(termsOf('Créer CAFÉ', 5)).toEqual(termsOf('creer cafe', 5));
  });

  test('filler words are dropped, also when they are all there is', () => {
    expect(termsOf('what is the tool that I can use for this', 50)).toEqual([]);
  });

  test('words named like parts of Object.prototype are words like any other', () => {
    for (const word of ['constructor', 'hasOwnProperty', 'toString', 'valueOf', '__proto__']) {
      const terms = termsOf(word, 10);
      expect(terms.length, word).toBeGreaterThan(0);
      for (const term of terms) expect(typeof term).toBe('string');
    }
  });

  test('scripts without spaces are read in pairs of characters', () => {
    expect(termsOf('搜索关键词', 50)).toEqual(['搜索', '索关', '关键', '键词']);
  });

  test('a limit holds whatever the text is', () => {
    expect(termsOf('word '.repeat(100_000), 64)).toHaveLength(64);
    expect(termsOf(Array.from({ length: 50_000 }, (_, at) => `w${at}x`).join(' '), 300)).toHaveLength(300);
    expect(termsOf('x'.repeat(1_000_000), 10)).toEqual([]);
  });

  test('exact names are compared in one spaced form', () => {
    expect(spacedWordsOf('github:createIssue')).toBe('github create issue');
    expect(spacedWordsOf('GitHub create_issue')).toBe('git hub create issue');
  });
});
