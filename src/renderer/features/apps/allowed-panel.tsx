import { useQuery } from '@tanstack/react-query';
import { EffectMark } from '../../components/ui/effect-mark.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { api } from '../../lib/client.ts';
import { count, plural } from '../../lib/format.ts';
import { ToolSplit } from '../servers/tool-split.tsx';

const effects = ['read', 'write', 'destructive'] as const;

/** What an app can use: every tool a person approved, nothing else. */
export function AllowedPanel() {
  const tools = useQuery(api.tools.list.queryOptions({ input: { kind: 'tool' } })).data ?? [];
  const approved = tools.filter((tool) => tool.state === 'approved');
  const numberOf = (effect: (typeof effects)[number]) => approved.filter((tool) => tool.effect === effect).length;
  const counts = {
    total: approved.length,
    read: numberOf('read'),
    write: numberOf('write'),
    destructive: numberOf('destructive'),
  };
  return (
    <Panel title="What it may use" meta="the same for every app">
      <div className="panel-b allowed">
        <div className="row">
          <b className="num">
            {count(approved.length)} of {plural(tools.length, 'tool')}
          </b>
          <span className="grow" />
          <span className="meta">approved by you</span>
        </div>
        <ToolSplit counts={counts} />
        <div className="row g16 dim sm">
          {effects.map((effect) => (
            <span key={effect} className="row g6">
              <EffectMark effect={effect} />
              {count(counts[effect])} {effect}
            </span>
          ))}
        </div>
        <p className="hint">
          {tools.length - approved.length > 0
            ? `The other ${count(tools.length - approved.length)} are held or blocked. No app can find or call them.`
            : 'New and changed tools are held until you approve them.'}
        </p>
      </div>
    </Panel>
  );
}
