import type { ToolDetail } from '@shared/contract/index.ts';
import type { Mark } from '../../components/ui/marked-text.tsx';
import { UntrustedText } from '../../components/ui/untrusted-text.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { marksAt } from './finding-marks.ts';
import { decodeHidden, hiddenCount, visiblePart } from './hidden-text.ts';

/** What a server says its tool does. Changed words are marked; text that cannot be seen is put beside what can. */
export function Description({ detail }: { detail: ToolDetail }) {
  const text = detail.definition.description ?? '';
  if (hiddenCount(text) > 0) {
    return (
      <>
        {detail.diff && <DescriptionDiff detail={detail} />}
        <HiddenText text={text} marks={marksAt(detail.findings, '/description')} />
      </>
    );
  }
  if (detail.diff && (detail.approvedDefinition?.description ?? '') !== text) {
    return <DescriptionDiff detail={detail} />;
  }
  return (
    <section>
      <h3>
        Description
        {detail.diff && <span className="meta">unchanged</span>}
      </h3>
      {text === '' ? (
        <p className="dim">The server says nothing about it.</p>
      ) : (
        <UntrustedText text={text} className="prose" marks={marksAt(detail.findings, '/description')} />
      )}
    </section>
  );
}

function DescriptionDiff({ detail }: { detail: ToolDetail }) {
  let offset = 0;
  return (
    <section>
      <h3>Description</h3>
      <p className="prose untrusted">
        {detail.diff?.description.map((part) => {
          const key = `${part.kind} ${offset}`;
          offset += part.text.length;
          if (part.kind === 'same') return <VisibleText key={key} text={part.text} />;
          const Mark = part.kind === 'added' ? 'ins' : 'del';
          return (
            <Mark key={key}>
              <span className="sr">{part.kind} </span>
              <VisibleText text={part.text} />
            </Mark>
          );
        })}
      </p>
    </section>
  );
}

function HiddenText({ text, marks }: { text: string; marks: readonly Mark[] }) {
  const decoded = decodeHidden(text);
  return (
    <>
      <div className="two">
        <section>
          <h3>What you would see</h3>
          <UntrustedText text={visiblePart(text)} className="prose boxed" />
        </section>
        <section>
          <h3 className="c-brick">What the agent reads</h3>
          <UntrustedText text={text} className="prose boxed bad" marks={marks} />
        </section>
      </div>
      {decoded !== '' && (
        <section>
          <h3>The hidden text, decoded</h3>
          <pre className="code decoded">
            <VisibleText text={decoded} />
          </pre>
          <p className="meta mt-1">Shown as plain text. Gatehouse never passes it on before you approve it.</p>
        </section>
      )}
    </>
  );
}
