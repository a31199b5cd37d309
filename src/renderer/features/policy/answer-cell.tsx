import type { PolicyAnswer } from '@shared/contract/index.ts';
import type { Effect } from '@shared/words.ts';
import { Icon, type IconName } from '../../components/icon/icon.tsx';
import { effectWord } from '../../components/ui/effect-mark.tsx';
import { Menu } from '../../components/ui/menu.tsx';

export const answerFaces: Readonly<
  Record<PolicyAnswer, { word: string; icon: IconName; tone: string; means: string }>
> = {
  allow: { word: 'Allow', icon: 'check', tone: 'a', means: 'goes through' },
  ask: { word: 'Ask', icon: 'user', tone: 'q', means: 'asks you first' },
  hide: { word: 'Hide', icon: 'minus', tone: 'h', means: 'is not seen' },
};

interface AnswerCellProps {
  /** What the row is about, for the name of the cell. */
  about: string;
  effect: Effect;
  answer: PolicyAnswer;
  /** Tools it covers; null for those that are not there yet. */
  count: number | null;
  disabled: boolean;
  onChange: (answer: PolicyAnswer) => void;
}

/** One answer of the matrix; pressing it offers the three. */
export function AnswerCell({ about, effect, answer, count, disabled, onChange }: AnswerCellProps) {
  if (count === 0) return <span className="pc0">none</span>;
  const face = answerFaces[answer];
  const options: readonly PolicyAnswer[] = ['allow', 'ask', 'hide'];
  return (
    <Menu
      label={`${effectWord(effect)} tools of ${about}`}
      align="start"
      entries={options.map((option) => ({
        label: answerFaces[option].word,
        icon: answerFaces[option].icon,
        detail: answerFaces[option].means,
        disabled: option === answer,
        onSelect: () => onChange(option),
      }))}
    >
      <button
        type="button"
        className={`pcell ${face.tone}`}
        disabled={disabled}
        aria-label={`${about}, ${effectWord(effect)}: ${face.word}${count === null ? '' : ` ${count} tools`}`}
      >
        <Icon name={face.icon} size="xs" />
        <span>{face.word}</span> {count !== null && <i className="num">{count}</i>}
      </button>
    </Menu>
  );
}
