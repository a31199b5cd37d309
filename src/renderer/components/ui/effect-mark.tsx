import type { Effect } from '@shared/words.ts';

const marks = {
  read: { letter: 'R', tone: 'r', word: 'Read' },
  write: { letter: 'W', tone: 'w', word: 'Write' },
  destructive: { letter: 'D', tone: 'd', word: 'Destructive' },
  unclassed: { letter: '?', tone: 'u', word: 'Not classed yet' },
} as const;

export function effectWord(effect: Effect | null | undefined): string {
  return marks[effect ?? 'unclassed'].word;
}

/** One-letter effect class for dense lists; where a person decides, use `effectWord` beside it. */
export function EffectMark({ effect }: { effect: Effect | null | undefined }) {
  const mark = marks[effect ?? 'unclassed'];
  return (
    <span className={`fx ${mark.tone}`} role="img" aria-label={mark.word} title={mark.word}>
      {mark.letter}
    </span>
  );
}
