import type { ServerDetail } from '@shared/contract/index.ts';
import { Button } from '../../components/ui/button.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { FailureNote } from './failure-note.tsx';
import { LaunchCompare } from './launch-compare.tsx';
import { Warnings } from './launch-consent.tsx';
import type { ServerActions } from './use-server-actions.ts';

const titles = {
  pending: 'Its launch waits for you',
  changed: 'What it would run is not what you approved',
  blocked: 'You blocked this server',
} as const;

/** The launch a person has to decide about, with both decisions. */
export function HeldLaunchPanel({ server, actions }: { server: ServerDetail; actions: ServerActions }) {
  if (server.approval === 'approved') return null;
  return (
    <Panel
      title={titles[server.approval]}
      meta="It does not run and none of its tools can be used."
      className="heldlaunch"
    >
      <div className="rvm">
        <LaunchCompare now={server.launch} approved={server.approvedLaunch} />
        <Warnings warnings={server.warnings} />
        {actions.approve.error && (
          <div className="mt-3">
            <FailureNote title="The launch was not approved." error={actions.approve.error} />
          </div>
        )}
      </div>
      <div className="panel-f">
        <span className="grow">Approving lets exactly this start. Any later change comes back to you.</span>
        {server.approval !== 'blocked' && (
          <Button
            size="lg"
            tone="danger"
            busy={actions.block.isPending}
            onClick={() => actions.block.mutate({ name: server.name })}
          >
            Block
          </Button>
        )}
        <Button
          size="lg"
          tone="approve"
          busy={actions.approve.isPending}
          onClick={() => actions.approve.mutate({ name: server.name, fingerprint: server.fingerprint })}
        >
          Approve launch
        </Button>
      </div>
    </Panel>
  );
}
