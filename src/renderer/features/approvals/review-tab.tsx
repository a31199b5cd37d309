import type { ToolDetail } from '@shared/contract/index.ts';
import { StatusShape } from '../../components/icon/status-shape.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { useNow } from '../../lib/use-now.ts';
import { ClaimsTable } from './claims-table.tsx';
import { refusedSince } from './decision-words.ts';
import { Description } from './description.tsx';
import { FindingCards } from './finding-cards.tsx';
import { inShortOf } from './in-short.ts';
import { differs } from './json-lines.ts';
import { OfferFacts } from './offer-facts.tsx';
import { OtherChanges } from './other-changes.tsx';
import { ParameterTable } from './parameter-table.tsx';
import { ReviewBody } from './review-body.tsx';
import { SchemaDiff } from './schema-diff.tsx';

const shapes = { brick: 'problem', brass: 'you', moss: 'ok' } as const;

type SchemaName = 'inputSchema' | 'outputSchema';

const schemaWords: Record<SchemaName, { title: string; empty: string }> = {
  inputSchema: { title: 'Input', empty: 'It takes no input.' },
  outputSchema: { title: 'Output', empty: 'The server does not say what comes back.' },
};

function SchemaSection({ detail, name }: { detail: ToolDetail; name: SchemaName }) {
  const { title, empty } = schemaWords[name];
  const now = detail.definition[name];
  const before = detail.approvedDefinition?.[name];
  if (detail.diff && differs(before, now)) return <SchemaDiff title={title} before={before} after={now} />;
  if (name === 'outputSchema' && now === undefined) return null;
  return (
    <ParameterTable
      title={title}
      schema={now}
      meta={detail.diff ? 'unchanged' : undefined}
      empty={empty}
      findings={detail.findings}
      pointer={`/${name}`}
    />
  );
}

/** It as a person should read it: what it says, what it takes, what it claims, and the short version beside. */
export function ReviewTab({ detail }: { detail: ToolDetail }) {
  return (
    <ReviewBody label="What it says">
      <div className="rvm">
        <Description detail={detail} />
        {detail.kind === 'tool' ? (
          <>
            <SchemaSection detail={detail} name="inputSchema" />
            <ClaimsTable detail={detail} />
            <SchemaSection detail={detail} name="outputSchema" />
          </>
        ) : (
          <OfferFacts detail={detail} />
        )}
        {detail.diff && <OtherChanges diff={detail.diff} />}
      </div>
      <Evidence detail={detail} />
    </ReviewBody>
  );
}

function Evidence({ detail }: { detail: ToolDetail }) {
  const now = useNow(30_000);
  const refused = refusedSince(detail, now);
  return (
    <aside className="rva" aria-label="In short" data-region="aside">
      <FindingCards findings={detail.findings} />
      <h3>In short</h3>
      <ul className="short">
        {inShortOf(detail).map((fact) => (
          <li key={fact.text}>
            <StatusShape kind={shapes[fact.tone]} />
            <span>
              <VisibleText text={fact.text} />
            </span>
          </li>
        ))}
      </ul>
      {refused && (
        <>
          <h3>While you decide</h3>
          <p className="dim">{refused}</p>
        </>
      )}
      <h3>What approving pins</h3>
      <p className="dim">
        {detail.kind === 'tool'
          ? 'This text, these inputs and these claims, under this fingerprint. Any change comes back here.'
          : 'How it describes itself, under this fingerprint. What is in it may differ at every reading.'}
      </p>
      <p className="mono fingerprint">{detail.fingerprint}</p>
    </aside>
  );
}
