import type { ToolDetail } from '@shared/contract/index.ts';
import { JsonView } from '../../components/ui/json-view.tsx';
import { ReviewBody } from './review-body.tsx';

/** The definition exactly as the server sent it, and the approved one below when it differs. */
export function FullTextTab({ detail }: { detail: ToolDetail }) {
  return (
    <ReviewBody label="Full text" isWhole>
      <div className="rvm">
        <section>
          <h3>
            Everything the server sent <span className="meta">exactly, with hidden characters drawn</span>
          </h3>
          <JsonView json={JSON.stringify(detail.definition)} lines={400} />
        </section>
        {detail.diff && detail.approvedDefinition && (
          <section>
            <h3>What you approved</h3>
            <JsonView json={JSON.stringify(detail.approvedDefinition)} lines={400} />
          </section>
        )}
      </div>
    </ReviewBody>
  );
}
