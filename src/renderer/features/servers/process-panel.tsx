import type { ServerDetail } from '@shared/contract/index.ts';
import type { ReactNode } from 'react';
import { Panel } from '../../components/ui/panel.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { ago, count, dayOf, listed, plural, timeOf } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { servesOf } from './launch.ts';

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="contents">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const at = (time: number) => `${dayOf(time)} at ${timeOf(time)}`;

function offers(server: ServerDetail): string {
  const parts = [
    plural(server.tools.total, 'tool'),
    server.resources > 0 && plural(server.resources, 'resource'),
    server.resourceTemplates > 0 && plural(server.resourceTemplates, 'resource template'),
    server.prompts > 0 && plural(server.prompts, 'prompt'),
  ].filter((part): part is string => part !== false);
  return listed(parts);
}

/** What is known about the running server. Unknown is a dash, never a zero. */
export function ProcessPanel({ server }: { server: ServerDetail }) {
  const now = useNow(30_000);
  const dash = <span className="dimmer">–</span>;
  return (
    <Panel title="State">
      <div className="panel-b">
        <dl className="kv facts2">
          {server.kind === 'stdio' && (
            <Fact name="Process">{server.pid === null ? dash : <span className="num">{server.pid}</span>}</Fact>
          )}
          <Fact name="Serves">
            {servesOf(server.launch)}
            {server.instances > 1 && `, ${count(server.instances)} run now`}
          </Fact>
          {server.kind === 'stdio' && (
            <Fact name="Stops">
              {server.idleMinutes === 0
                ? 'never by itself'
                : `after ${plural(server.idleMinutes, 'minute')} without use, until the next call`}
            </Fact>
          )}
          <Fact name="Started">{server.startedAt === null ? dash : at(server.startedAt)}</Fact>
          <Fact name="Restarts">
            <span className="num">{count(server.restarts)}</span>
          </Fact>
          <Fact name="Last used">{server.lastUsedAt === null ? 'never' : ago(server.lastUsedAt, now)}</Fact>
          <Fact name="Calls">
            {plural(server.calls.lastHour, 'call')} in the last hour
            {server.calls.running > 0 && `, ${count(server.calls.running)} running`}
          </Fact>
          <Fact name="Offers">{offers(server)}</Fact>
          <Fact name="Version">{server.version === null ? dash : <VisibleText text={server.version} />}</Fact>
          <Fact name="Protocol">
            {server.protocolVersion === null ? dash : <VisibleText text={server.protocolVersion} />}
          </Fact>
          <Fact name="Added">{at(server.addedAt)}</Fact>
          <Fact name="Launch">
            {server.decidedAt === null
              ? 'not decided'
              : `${server.approval === 'blocked' ? 'blocked' : 'approved'} ${dayOf(server.decidedAt)}`}
          </Fact>
        </dl>
      </div>
    </Panel>
  );
}
