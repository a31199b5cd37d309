import type { ServerSummary, Status } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Status as StatusMark } from '../../components/ui/status.tsx';
import { api } from '../../lib/client.ts';
import { plural, timeOf } from '../../lib/format.ts';
import { startOfToday } from './time-window.ts';

function Isolation({ servers }: { servers: readonly ServerSummary[] }) {
  const open = servers.filter((server) => server.isolation === 'none').length;
  const remote = servers.filter((server) => server.isolation === 'remote').length;
  const boxed = servers.length - open - remote;
  if (servers.length === 0) return <StatusMark kind="off">No servers yet</StatusMark>;
  return (
    <StatusMark kind={open > 0 ? 'you' : 'ok'} className="cut">
      {boxed > 0 && `${boxed} sandboxed${open + remote > 0 ? ', ' : ''}`}
      {open > 0 && (
        <Link className="u" to="/servers">
          {open} on this computer, not isolated
        </Link>
      )}
      {open === 0 && remote > 0 && `${remote} remote`}
    </StatusMark>
  );
}

/** Is it safe? Four facts, each with its own state. */
export function SafetyStrip({ status }: { status: Status }) {
  const servers = useQuery(api.servers.list.queryOptions()).data ?? [];
  const refused = useQuery(api.calls.counts.queryOptions({ input: { since: startOfToday() } })).data?.refused ?? 0;
  const { log, waiting } = status;
  return (
    <dl className="safe four panel" aria-label="Is it safe?">
      <div>
        <dt>Isolation</dt>
        <dd>
          <Isolation servers={servers} />
        </dd>
      </div>
      <div>
        <dt>New and changed</dt>
        <dd>
          <StatusMark kind="ok">{waiting === 0 ? 'None' : `${waiting} held back`}</StatusMark>
        </dd>
      </div>
      <div>
        <dt>Refused today</dt>
        <dd>
          <StatusMark kind={refused > 0 ? 'blocked' : 'ok'}>
            {refused === 0 ? (
              'None'
            ) : (
              <Link className="u" to="/activity" search={{ kind: 'refused' }}>
                {plural(refused, 'call')}
              </Link>
            )}
          </StatusMark>
        </dd>
      </div>
      <div>
        <dt>Activity log</dt>
        <dd>
          {log.intact === false ? (
            <StatusMark kind="problem">Changed from outside</StatusMark>
          ) : log.intact && log.checkedAt !== null ? (
            <StatusMark kind="ok">Chain intact, {timeOf(log.checkedAt)}</StatusMark>
          ) : (
            <StatusMark kind="idle">
              <Link className="u" to="/settings" search={{ section: 'log' }}>
                Not checked yet
              </Link>
            </StatusMark>
          )}
        </dd>
      </div>
    </dl>
  );
}
