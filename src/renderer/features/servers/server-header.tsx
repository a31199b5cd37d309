import type { ServerDetail } from '@shared/contract/index.ts';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { Chip } from '../../components/ui/chip.tsx';
import { Menu } from '../../components/ui/menu.tsx';
import { ConfirmIrreversible } from '../../components/ui/sheet.tsx';
import { Status } from '../../components/ui/status.tsx';
import { Tile } from '../../components/ui/tile.tsx';
import { dayOf, plural, timeOf } from '../../lib/format.ts';
import { countWaiting } from '../../lib/offers.ts';
import { useServerIcon } from '../../lib/server-icon.ts';
import { useNow } from '../../lib/use-now.ts';
import { shortLaunch } from './launch.ts';
import { statusOf } from './server-status.ts';
import type { ServerActions } from './use-server-actions.ts';

/** How it runs, without what waits: that is said beside it. */
const ownStatus = (server: ServerDetail) =>
  statusOf({ ...server, waiting: 0, tools: { ...server.tools, pending: 0, changed: 0 } });

function stateSentence(server: ServerDetail, now: number): string {
  const { text } = ownStatus(server);
  if (server.health === 'ready' && server.startedAt !== null) {
    const day = dayOf(server.startedAt, now);
    return `${text} since ${day === 'today' ? '' : `${day}, `}${timeOf(server.startedAt)}`;
  }
  if (server.health === 'asleep') return 'Asleep. It starts on the first call';
  return text;
}

export function ServerHeader({ server, actions }: { server: ServerDetail; actions: ServerActions }) {
  const navigate = useNavigate();
  const now = useNow(30_000);
  const iconOf = useServerIcon();
  const [asksRemove, setAsksRemove] = useState(false);
  const isDisabled = server.health === 'disabled';
  const kind = ownStatus(server).kind;
  return (
    <div className="hero">
      <Tile icon={iconOf(server)} size="l" />
      <div className="grow">
        <div className="row wrap">
          <h2>{server.name}</h2>
          <Chip tone="line">
            <span className="cut chipcut">{shortLaunch(server.commandLine)}</span>
          </Chip>
          <Chip tone="line">{server.kind === 'stdio' ? 'stdio' : server.kind}</Chip>
        </div>
        <div className="row g12 mt-1 wrap">
          <Status kind={kind}>{stateSentence(server, now)}</Status>
          {server.approval !== 'approved' && (
            <Link className="u" to="/approvals" search={{ server: server.name }}>
              Review how it starts
            </Link>
          )}
          {server.waiting > 0 && (
            <Status kind="you">
              <Link className="u" to="/approvals" search={{ server: server.name }}>
                {countWaiting(server)} {server.waiting === 1 ? 'waits' : 'wait'} for your review
              </Link>
            </Status>
          )}
        </div>
      </div>
      {server.approval === 'approved' && !isDisabled && (
        <Button icon="restart" keys={['R']} busy={actions.isBusy} onClick={actions.restart}>
          Restart
        </Button>
      )}
      {isDisabled ? (
        <Button icon="play" onClick={() => actions.setDisabled(false)}>
          Use again
        </Button>
      ) : (
        <Button icon="stop" onClick={() => actions.setDisabled(true)}>
          Stop using
        </Button>
      )}
      <Menu
        label="More actions"
        entries={[
          {
            label: 'Show its calls',
            icon: 'activity',
            onSelect: () => void navigate({ to: '/activity', search: { server: server.name } }),
          },
          ...(server.approval === 'blocked'
            ? []
            : [
                {
                  label: 'Block',
                  icon: 'ban' as const,
                  danger: true,
                  onSelect: () => actions.block.mutate({ name: server.name }),
                },
              ]),
          { kind: 'line' },
          { label: 'Remove', icon: 'trash', danger: true, onSelect: () => setAsksRemove(true) },
        ]}
      >
        <IconButton icon="more" label="More actions" />
      </Menu>
      <ConfirmIrreversible
        open={asksRemove}
        onClose={() => setAsksRemove(false)}
        title={`Remove ${server.name}?`}
        confirmLabel={`Remove ${server.name}`}
        busy={actions.remove.isPending}
        onConfirm={() => actions.remove.mutate({ name: server.name })}
      >
        It is stopped and taken out of servers.json. Your decisions about its {plural(server.tools.total, 'tool')} are
        forgotten. The call log keeps what it did.
      </ConfirmIrreversible>
    </div>
  );
}
