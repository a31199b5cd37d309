import type { ToolDiff } from '@shared/contract/index.ts';
import { VisibleText } from '../../components/ui/visible-text.tsx';

const shownElsewhere = /^\/(?:description|inputSchema|outputSchema|annotations)(?:\/|$)/;

/** Differences that no other part of the page shows: title, inputs of a prompt, icons, `_meta`. */
export function OtherChanges({ diff }: { diff: ToolDiff }) {
  const fields = diff.fields.filter((field) => !shownElsewhere.test(field.path));
  if (fields.length === 0) return null;
  return (
    <section>
      <h3>Other changes</h3>
      <div className="diff">
        {fields.map((field) => (
          <div key={field.path} className="other">
            <span className="mono dim">
              <VisibleText text={field.path} />
            </span>
            {field.before !== null && (
              <del>
                <span className="sr">removed </span>
                <VisibleText text={field.before} />
              </del>
            )}
            {field.after !== null && (
              <ins>
                <span className="sr">added </span>
                <VisibleText text={field.after} />
              </ins>
            )}
          </div>
        ))}
      </div>
    </section>
  );
}
