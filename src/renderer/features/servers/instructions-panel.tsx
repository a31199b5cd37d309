import type { ServerDetail } from '@shared/contract/index.ts';
import { Link } from '@tanstack/react-router';
import { Panel } from '../../components/ui/panel.tsx';
import { Status } from '../../components/ui/status.tsx';
import { UntrustedText } from '../../components/ui/untrusted-text.tsx';

/** What the server tells agents, and whether they see it. */
export function InstructionsPanel({ server }: { server: ServerDetail }) {
  const { instructions, instructionsState } = server;
  if (instructions === null || instructions === '') return null;
  return (
    <Panel title="What it tells agents" meta="text from the server">
      <div className="panel-b">
        <UntrustedText text={instructions} />
      </div>
      <div className="panel-f">
        {instructionsState === 'approved' ? (
          <Status kind="ok">Agents see it</Status>
        ) : (
          <>
            <Status kind="you" className="grow">
              Held. No agent sees it
            </Status>
            {server.approval === 'approved' && (
              <Link className="link" to="/approvals" search={{ server: server.name }}>
                Review
              </Link>
            )}
          </>
        )}
      </div>
    </Panel>
  );
}
