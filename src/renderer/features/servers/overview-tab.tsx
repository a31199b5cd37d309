import type { ServerDetail, ToolSummary } from '@shared/contract/index.ts';
import { Button } from '../../components/ui/button.tsx';
import { EffectMark } from '../../components/ui/effect-mark.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { count } from '../../lib/format.ts';
import { HeldLaunchPanel } from './held-launch-panel.tsx';
import { InstructionsPanel } from './instructions-panel.tsx';
import { LaunchPanel } from './launch-panel.tsx';
import { LogPanel } from './log-panel.tsx';
import { ProcessPanel } from './process-panel.tsx';
import { ReachWalls } from './reach-walls.tsx';
import { waitingTools } from './server-status.ts';
import { SignInPanel } from './sign-in-panel.tsx';
import { ToolSplit } from './tool-split.tsx';
import { sortTools } from './tool-states.ts';
import { NoTools } from './tools-tab.tsx';
import { ToolsTable } from './tools-table.tsx';
import type { ServerActions } from './use-server-actions.ts';

const shownTools = 8;

function SplitLegend({ server }: { server: ServerDetail }) {
  const { read, write, destructive } = server.tools;
  return (
    <div className="splitlegend">
      <ToolSplit counts={server.tools} />
      <span className="row g6">
        <EffectMark effect="read" />
        {count(read)} read
      </span>
      <span className="row g6">
        <EffectMark effect="write" />
        {count(write)} write
      </span>
      <span className="row g6">
        <EffectMark effect="destructive" />
        {count(destructive)} destructive
      </span>
    </div>
  );
}

interface OverviewProps {
  server: ServerDetail;
  tools: readonly ToolSummary[];
  actions: ServerActions;
  onOpenTab: (tab: 'tools' | 'log') => void;
}

export function OverviewTab({ server, tools, actions, onOpenTab }: OverviewProps) {
  const waiting = waitingTools(server);
  const shown = sortTools(tools).slice(0, shownTools);
  return (
    <div className="det mt-4">
      <div className="col g16">
        <HeldLaunchPanel server={server} actions={actions} />
        <ReachWalls server={server} />
        {server.approval === 'approved' && <LaunchPanel server={server} />}
        <Panel
          title="Tools"
          meta={`${count(server.tools.approved)} approved, ${count(waiting)} held, ${count(server.tools.blocked)} blocked`}
          aside={
            tools.length > shownTools && (
              <Button size="sm" tone="ghost" onClick={() => onOpenTab('tools')}>
                All {count(tools.length)} tools
              </Button>
            )
          }
        >
          {tools.length === 0 ? (
            <NoTools server={server} />
          ) : (
            <>
              <SplitLegend server={server} />
              <ToolsTable tools={shown} />
            </>
          )}
        </Panel>
      </div>
      <div className="col g16">
        <ProcessPanel server={server} />
        <SignInPanel server={server} />
        <InstructionsPanel server={server} />
        {server.kind === 'stdio' && (
          <LogPanel name={server.name} isLive={server.health === 'ready'} onOpen={() => onOpenTab('log')} />
        )}
      </div>
    </div>
  );
}
