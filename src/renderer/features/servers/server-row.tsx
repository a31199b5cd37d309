import type { ServerSummary } from '@shared/contract/index.ts';
import { Link, useNavigate } from '@tanstack/react-router';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { Menu } from '../../components/ui/menu.tsx';
import { Status } from '../../components/ui/status.tsx';
import { TableRow } from '../../components/ui/table.tsx';
import { Tile } from '../../components/ui/tile.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { ago, count } from '../../lib/format.ts';
import { useServerIcon } from '../../lib/server-icon.ts';
import { IsolationBadge } from './isolation-badge.tsx';
import { shortLaunch } from './launch.ts';
import { statusOf, waitingTools } from './server-status.ts';
import { ToolSplit } from './tool-split.tsx';
import { useServerActions } from './use-server-actions.ts';

/** Short in the row; the exact line appears while the row has the focus or the pointer rests on it. */
function CommandHint({ line }: { line: string }) {
  return (
    <span className="cmdhint">
      <span className="meta mono cut">
        <VisibleText text={shortLaunch(line)} />
      </span>
      <span className="tip mono">
        <VisibleText text={line} />
      </span>
    </span>
  );
}

function ToolCount({ server }: { server: ServerSummary }) {
  const waiting = waitingTools(server);
  if (server.approval !== 'approved') return <span className="dimmer">–</span>;
  if (server.tools.approved === 0 && waiting > 0) return <span className="c-brass">{count(waiting)} held</span>;
  return (
    <>
      {count(server.tools.approved)}
      {waiting > 0 && (
        <span className="c-brass">
          {' '}
          +{count(waiting)}
          <span className="sr"> held</span>
        </span>
      )}
    </>
  );
}

function RowAction({ server, needsReview }: { server: ServerSummary; needsReview: boolean }) {
  const navigate = useNavigate();
  const actions = useServerActions(server.name);
  const isDisabled = server.health === 'disabled';
  if (needsReview) {
    return (
      <Button size="sm" onClick={() => void navigate({ to: '/approvals', search: { server: server.name } })}>
        Review<span className="sr"> {server.name}</span>
      </Button>
    );
  }
  if (server.health === 'failing') {
    return (
      <Button
        size="sm"
        onClick={() => void navigate({ to: '/servers/$name', params: { name: server.name }, search: { tab: 'log' } })}
      >
        See why<span className="sr"> {server.name} fails</span>
      </Button>
    );
  }
  return (
    <Menu
      label={`Actions for ${server.name}`}
      entries={[
        { label: 'Restart', icon: 'restart', disabled: isDisabled, onSelect: actions.restart },
        {
          label: isDisabled ? 'Use again' : 'Stop using',
          icon: isDisabled ? 'play' : 'stop',
          onSelect: () => actions.setDisabled(!isDisabled),
        },
      ]}
    >
      <IconButton icon="more" label={`Actions for ${server.name}`} tone="ghost" size="sm" />
    </Menu>
  );
}

export function ServerRow({ server, now }: { server: ServerSummary; now: number }) {
  const navigate = useNavigate();
  const iconOf = useServerIcon();
  const status = statusOf(server);
  return (
    <TableRow onOpen={() => void navigate({ to: '/servers/$name', params: { name: server.name } })}>
      <td>
        <div className="row g12">
          <Tile icon={iconOf(server)} />
          <div className="col">
            <Link className="m" to="/servers/$name" params={{ name: server.name }} tabIndex={-1}>
              {server.name}
            </Link>
            <CommandHint line={server.commandLine} />
          </div>
        </div>
      </td>
      <td>
        <Status kind={status.kind}>{status.text}</Status>
      </td>
      <td>
        <IsolationBadge isolation={server.isolation} />
      </td>
      <td className="tr">
        <div className="toolcell">
          <span className="num">
            <ToolCount server={server} />
          </span>
          {server.approval === 'approved' && <ToolSplit counts={server.tools} />}
        </div>
      </td>
      <td className="tr num dim">{count(server.calls.lastHour)}</td>
      <td className="tr num dim">
        {server.lastUsedAt === null ? <span className="dimmer">never</span> : ago(server.lastUsedAt, now)}
      </td>
      <td className="tr">
        <RowAction server={server} needsReview={status.group === 'needs-you'} />
      </td>
    </TableRow>
  );
}
