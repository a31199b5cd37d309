import { VisibleText } from '../../components/ui/visible-text.tsx';
import { plural } from '../../lib/format.ts';
import { type DiffLine, diffJson } from './json-lines.ts';

const signs = { same: '', added: '+', removed: '−' } as const;
const marks = { same: 'span', added: 'ins', removed: 'del' } as const;
const tones = { same: 'dl', added: 'dl add', removed: 'dl rem' } as const;

function Words({ line }: { line: DiffLine }) {
  if (!line.words) return <VisibleText text={line.text} />;
  return line.words.map((part, at) => {
    const Mark = marks[part.kind];
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: words have no identity but their place
      <Mark key={at}>
        <VisibleText text={part.item} />
      </Mark>
    );
  });
}

function Line({ line }: { line: DiffLine }) {
  return (
    <div className={tones[line.kind]}>
      <span className="g">{line.before}</span>
      <span className="g">{line.after}</span>
      <span className="s" aria-hidden="true">
        {signs[line.kind]}
      </span>
      <span className="t">
        {line.kind !== 'same' && <span className="sr">{line.kind} </span>}
        <Words line={line} />
      </span>
    </div>
  );
}

interface SchemaDiffProps {
  title: string;
  before: unknown;
  after: unknown;
}

/** Two versions of a schema, line by line; long equal parts are left out and counted. */
export function SchemaDiff({ title, before, after }: SchemaDiffProps) {
  return (
    <section>
      <h3>{title}</h3>
      <div className="diff">
        {diffJson(before, after).map((block, at) => {
          // biome-ignore lint/suspicious/noArrayIndexKey: blocks have no identity but their place
          if (block.kind === 'gap') return <Gap key={at} count={block.count} />;
          return block.lines.map((line) => <Line key={`${line.before} ${line.after}`} line={line} />);
        })}
      </div>
    </section>
  );
}

function Gap({ count }: { count: number }) {
  return (
    <div className="dl gap">
      <span className="g" />
      <span className="g" />
      <span className="s">⋯</span>
      <span className="t">{plural(count, 'equal line')}</span>
    </div>
  );
}
