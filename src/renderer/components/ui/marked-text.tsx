import type { FindingSeverity } from '@shared/contract/index.ts';
import { classNames } from '../../lib/class-names.ts';
import { VisibleText } from './visible-text.tsx';

/** A span of a text that a numbered finding is about, in UTF-16 units. */
export interface Mark {
  number: number;
  severity: FindingSeverity;
  start: number;
  end: number;
}

interface Piece {
  start: number;
  text: string;
  marks: readonly Mark[];
}

/** The text cut where marks begin and end. Marks may lie in one another; nothing of the text is lost. */
export function piecesOf(text: string, marks: readonly Mark[]): Piece[] {
  const inside = marks.filter(({ start, end }) => start < end && start < text.length);
  const cuts = [0, text.length, ...inside.flatMap(({ start, end }) => [start, Math.min(end, text.length)])];
  const places = [...new Set(cuts)].sort((a, b) => a - b);
  return places.slice(0, -1).map((start, at) => {
    const end = places[at + 1] ?? text.length;
    return {
      start,
      text: text.slice(start, end),
      marks: inside.filter((mark) => mark.start <= start && mark.end >= end),
    };
  });
}

/** Server text with what findings are about underlined and numbered. The numbers are those of the finding cards. */
export function MarkedText({ text, marks }: { text: string; marks: readonly Mark[] }) {
  if (marks.length === 0) return <VisibleText text={text} />;
  return piecesOf(text, marks).map((piece) => {
    if (piece.marks.length === 0) return <VisibleText key={piece.start} text={piece.text} />;
    const isSerious = piece.marks.some(({ severity }) => severity === 'serious');
    const ending = piece.marks.filter(({ end }) => end === piece.start + piece.text.length || end > text.length);
    return (
      <span key={piece.start} className={classNames('hit', isSerious && 'bad')}>
        <VisibleText text={piece.text} />
        {ending.map(({ number }) => (
          <sup key={number}>
            <span className="sr">finding </span>
            {number}
          </sup>
        ))}
      </span>
    );
  });
}
