import type { ServerSummary } from '@shared/contract/index.ts';
import { plural } from '../../lib/format.ts';

type Counts = Pick<ServerSummary['tools'], 'total' | 'read' | 'write' | 'destructive'>;

export function splitWords(counts: Counts): string {
  if (counts.total === 0) return 'No tools known yet';
  return `${plural(counts.total, 'tool')}: ${counts.read} read, ${counts.write} write, ${counts.destructive} destructive`;
}

/** How many tools read, write and destroy, as one bar; the words are in its name and tooltip. */
export function ToolSplit({ counts }: { counts: Counts }) {
  if (counts.total === 0) return <span className="split" aria-hidden="true" />;
  const words = splitWords(counts);
  return (
    <span className="split" role="img" aria-label={words} title={words}>
      {counts.read > 0 && <i className="r" style={{ flexGrow: counts.read }} />}
      {counts.write > 0 && <i className="w" style={{ flexGrow: counts.write }} />}
      {counts.destructive > 0 && <i className="d" style={{ flexGrow: counts.destructive }} />}
    </span>
  );
}
