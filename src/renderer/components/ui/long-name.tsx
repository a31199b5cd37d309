import { VisibleText } from './visible-text.tsx';

/** Names up to here are cut at their end, as a word is. */
const longest = 24;
/** Letters of the end that stay: the last part of an address tells which one it is. */
const tail = 14;

/** A name from a server on one line. A long one loses its middle instead of its end, and is read out whole. */
export function LongName({ text }: { text: string }) {
  const letters = [...text];
  if (letters.length <= longest) {
    return (
      <span className="longname">
        <span className="cut">
          <VisibleText text={text} />
        </span>
      </span>
    );
  }
  return (
    <span className="longname" title={text}>
      <span className="sr">
        <VisibleText text={text} />
      </span>
      <span className="cut" aria-hidden="true">
        <VisibleText text={letters.slice(0, -tail).join('')} />
      </span>
      <span className="nametail" aria-hidden="true">
        <VisibleText text={letters.slice(-tail).join('')} />
      </span>
    </span>
  );
}
