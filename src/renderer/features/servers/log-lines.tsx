import type { ServerLogLine } from '@shared/contract/index.ts';
import { memo } from 'react';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { classNames } from '../../lib/class-names.ts';
import { timeWithSeconds } from '../../lib/format.ts';

const worrying = /\b(?:error|fatal|panic|exception|failed|refused|denied)\b/i;

/** What a server wrote, as it wrote it. Untrusted, so nothing in it is markup. */
export function LogLines({ lines }: { lines: readonly ServerLogLine[] }) {
  return lines.map((line) => <LogLine key={line.seq} line={line} />);
}

/** A line never changes once it was written, so only new ones are drawn. */
const LogLine = memo(
  function LogLine({ line }: { line: ServerLogLine }) {
    return (
      <div className="ll">
        <span className="h">{timeWithSeconds(line.at)}</span>{' '}
        <span className={classNames(line.stream === 'gatehouse' && 'c-slate', worrying.test(line.text) && 'c-brick')}>
          {line.stream === 'gatehouse' && <span className="sr">Gatehouse: </span>}
          <VisibleText text={line.text} />
        </span>
      </div>
    );
  },
  (before, after) => before.line.seq === after.line.seq && before.line.at === after.line.at,
);
