import { partsOf } from '@shared/suspicious-characters.ts';
import { useLayoutEffect, useRef, useState } from 'react';
import { classNames } from '../../lib/class-names.ts';

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

interface UntrustedTextProps {
  text: string;
  className?: string;
  /** Lines shown before "Show everything". */
  lines?: number;
}

/**
 * Text that came from a server or an app: never markup, never a link, nothing hidden, and not able to push the rest of
 * the page away.
 */
export function UntrustedText({ text, className, lines = 8 }: UntrustedTextProps) {
  const body = useRef<HTMLDivElement>(null);
  const [isWhole, setWhole] = useState(false);
  const [isCut, setCut] = useState(false);
  useLayoutEffect(() => {
    const element = body.current;
    if (!element || isWhole) return;
    const measure = () => setCut(text.length > 0 && element.scrollHeight > element.clientHeight + 1);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [text, isWhole]);
  return (
    <div className={classNames('untrusted', className)}>
      <div
        ref={body}
        className={isWhole ? undefined : 'clamp'}
        style={isWhole ? undefined : { WebkitLineClamp: lines }}
      >
        <VisibleText text={text} />
      </div>
      {(isCut || isWhole) && (
        <button type="button" className="link" onClick={() => setWhole(!isWhole)} aria-expanded={isWhole}>
          {isWhole ? 'Show less' : 'Show everything'}
        </button>
      )}
    </div>
  );
}
