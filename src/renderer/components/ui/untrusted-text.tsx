import { useLayoutEffect, useRef, useState } from 'react';
import { classNames } from '../../lib/class-names.ts';
import { type Mark, MarkedText } from './marked-text.tsx';

interface UntrustedTextProps {
  text: string;
  className?: string;
  /** Lines shown before "Show everything". */
  lines?: number;
  /** What findings are about. */
  marks?: readonly Mark[];
}

/**
 * Text that came from a server or an app: never markup, never a link, nothing hidden, and not able to push the rest of
 * the page away.
 */
export function UntrustedText({ text, className, lines = 8, marks = [] }: UntrustedTextProps) {
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
        <MarkedText text={text} marks={marks} />
      </div>
      {(isCut || isWhole) && (
        <button type="button" className="link" onClick={() => setWhole(!isWhole)} aria-expanded={isWhole}>
          {isWhole ? 'Show less' : 'Show everything'}
        </button>
      )}
    </div>
  );
}
