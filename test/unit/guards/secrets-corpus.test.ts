import { describe, expect, it } from 'vitest';
import { bundledRules } from '../../../src/main/guards/secret-rules.ts';
import { labelledTexts, scoreOf } from '../../fixtures/secrets-corpus/corpus.ts';

describe('the labelled corpus', () => {
  const texts = [1, 2, 3].flatMap(labelledTexts);

  it('is found but for what no rule is made for, without a false alarm', () => {
    const { found, missed, falseAlarms } = scoreOf(bundledRules(), texts, false);
    expect(falseAlarms).toEqual([]);
    expect(found / (found + missed.length), missed.join('\n---\n')).toBeGreaterThan(0.85);
  });

  it('raises no certain alarm where there is none, which would stop a call', () => {
    expect(scoreOf(bundledRules(), texts, true).falseAlarms).toEqual([]);
  });
});
