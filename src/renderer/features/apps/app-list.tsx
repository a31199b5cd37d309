import type { AppSummary, GateState } from '@shared/contract/index.ts';
import { StatusShape } from '../../components/icon/status-shape.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Monogram } from '../../components/ui/tile.tsx';
import { useNow } from '../../lib/use-now.ts';
import { appFacts, appStatus, sortApps } from './app-status.ts';

interface AppListProps {
  apps: readonly AppSummary[];
  selected: string | undefined;
  gate: GateState | undefined;
  onSelect: (id: string) => void;
  onConnect: () => void;
}

function AppRow({
  app,
  gate,
  isSelected,
  onSelect,
}: {
  app: AppSummary;
  gate: GateState | undefined;
  isSelected: boolean;
  onSelect: () => void;
}) {
  const now = useNow(60_000);
  const status = appStatus(app, gate, now);
  return (
    <button type="button" className="ai" aria-current={isSelected || undefined} onClick={onSelect}>
      <Monogram name={app.name} size="m" />
      <span className="grow">
        <b className="cut">{app.name}</b>
        <span className="meta cut">{appFacts(app)}</span>
      </span>
      <StatusShape kind={status.kind} />
      <span className="sr">{status.text}</span>
    </button>
  );
}

export function AppList({ apps, selected, gate, onSelect, onConnect }: AppListProps) {
  const sorted = sortApps(apps);
  const groups = [
    { title: 'Connected', apps: sorted.filter((app) => app.revokedAt === null) },
    { title: 'Token revoked', apps: sorted.filter((app) => app.revokedAt !== null) },
  ].filter((group) => group.apps.length > 0);
  return (
    <section className="queue apps" aria-label="AI apps">
      <div className="qs">
        {groups.map((group) => (
          <div key={group.title}>
            <div className="h4">{group.title}</div>
            {group.apps.map((app) => (
              <AppRow
                key={app.id}
                app={app}
                gate={gate}
                isSelected={app.id === selected}
                onSelect={() => onSelect(app.id)}
              />
            ))}
          </div>
        ))}
      </div>
      <div className="qf">
        <Button size="sm" icon="plus" className="wide" onClick={onConnect}>
          Connect an app
        </Button>
        <span className="meta">Any app that speaks MCP over HTTP can use the address and a token of its own.</span>
      </div>
    </section>
  );
}
