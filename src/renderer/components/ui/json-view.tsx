import { useState } from 'react';
import { bytes } from '../../lib/format.ts';
import { VisibleText } from './visible-text.tsx';

interface JsonViewProps {
  /** JSON text; shown as it is when it does not parse. Untrusted. */
  json: string;
  /** Lines shown before "Show all". */
  lines?: number;
}

/** What a fold shows of one long line. */
const mostFolded = 1200;
/** Letters that never fill the height a view has. */
const mostStill = 500;
/** Colouring longer text would cost more than it helps. */
const mostColoured = 60_000;
const token = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/g;

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

function Coloured({ text }: { text: string }) {
  const parts: React.ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(token)) {
    if (match.index > from) parts.push(<span key={from}>{text.slice(from, match.index)}</span>);
    const [whole, string, colon] = match;
    const tone = string === undefined ? 'n' : colon === undefined ? 's' : 'k';
    parts.push(
      <span key={match.index} className={tone}>
        <VisibleText text={string ?? whole} />
      </span>,
    );
    if (colon) parts.push(colon);
    from = match.index + whole.length;
  }
  if (from < text.length) parts.push(<VisibleText key={from} text={text.slice(from)} />);
  return parts;
}

/** Arguments or a result, coloured, with hidden characters drawn. */
export function JsonView({ json, lines = 12 }: JsonViewProps) {
  const [isWhole, setWhole] = useState(false);
  const all = pretty(json);
  const rows = all.split('\n');
  const isLong = rows.length > lines || all.length > mostFolded;
  const shown = isWhole || !isLong ? all : rows.slice(0, lines).join('\n').slice(0, mostFolded);
  return (
    <>
      {/* Text that may scroll must be reachable by keyboard. */}
      <pre className="code tight json" tabIndex={isWhole || shown.length > mostStill ? 0 : undefined}>
        {shown.length <= mostColoured ? <Coloured text={shown} /> : <VisibleText text={shown} />}
      </pre>
      {isLong && (
        <button type="button" className="link meta2" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Show less' : `Show all ${bytes(new TextEncoder().encode(all).length)}`}
        </button>
      )}
    </>
  );
}
