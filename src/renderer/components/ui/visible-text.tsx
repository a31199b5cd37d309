import { partsOf } from '@shared/suspicious-characters.ts';

/** Server text on one line: plain, with characters that cannot be seen drawn as tokens. */
export function VisibleText({ text }: { text: string }) {
  let offset = 0;
  return partsOf(text).map((part) => {
    const key = offset;
    offset += part.kind === 'text' ? part.text.length : part.count;
    if (part.kind === 'text') return <span key={key}>{part.text}</span>;
    return (
      <span key={key} className="inv" title={part.names}>
        {part.count === 1 ? (part.names.split(' ')[0] ?? part.names) : `${part.count} invisible characters`}
        <span className="sr">{part.count === 1 ? ` ${part.names}` : `: ${part.names}`}</span>
      </span>
    );
  });
}
