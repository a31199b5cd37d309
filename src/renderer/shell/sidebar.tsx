import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { GateMark } from '../components/icon/gate-mark.tsx';
import { Icon, type IconName } from '../components/icon/icon.tsx';
import { type StatusKind, StatusShape } from '../components/icon/status-shape.tsx';
import { api } from '../lib/client.ts';
import { connection } from '../lib/connection.ts';
import { count } from '../lib/format.ts';
import { useStatus } from '../lib/gate.ts';
import { isDesktop, isMac } from '../lib/platform.ts';
import { useStore } from '../lib/store.ts';
import { GateControl } from './gate-control.tsx';
import { sections } from './sections.ts';
import { useWaiting } from './waiting.ts';

function NavLink({ to, label, icon, end }: { to: string; label: string; icon: IconName; end?: React.ReactNode }) {
  return (
    <Link to={to} activeOptions={{ exact: to === '/', includeSearch: false }} activeProps={{ 'aria-current': 'page' }}>
      <Icon name={icon} />
      <span>{label}</span>
      {end}
    </Link>
  );
}

function Badge({ waiting }: { waiting: number }) {
  if (waiting === 0) return null;
  return (
    <span className="end badge">
      {waiting > 99 ? '99+' : waiting}
      <span className="sr"> waiting</span>
    </span>
  );
}

function LiveDot() {
  const status = useStatus();
  if (!status || status.gate.paused || status.endpoint === null) return null;
  return (
    <span className="end live">
      <span className="sr">live</span>
    </span>
  );
}

function Total({ of }: { of: number | undefined }) {
  return of ? <span className="end">{count(of)}</span> : null;
}

function SystemLine({ kind, label, value }: { kind: StatusKind; label: string; value?: string }) {
  return (
    <div title={value ? `${label} ${value}` : label}>
      <StatusShape kind={kind} />
      <span>{label}</span>
      {value && <span className="end num">{value}</span>}
    </div>
  );
}

function SystemStatus() {
  const status = useStatus();
  const link = useStore(connection);
  if (link === 'lost') {
    return (
      <div className="sys" role="status">
        <SystemLine kind="problem" label="Not connected" />
      </div>
    );
  }
  if (!status) return null;
  const port = status.port === null ? undefined : `:${status.port}`;
  const log = status.log;
  return (
    <div className="sys" role="status">
      {status.endpoint === null ? (
        <SystemLine kind="problem" label="Not listening" value={port} />
      ) : (
        <SystemLine
          kind={status.gate.paused ? 'paused' : 'ok'}
          label={status.gate.paused ? 'Refusing calls' : 'Listening'}
          value={port}
        />
      )}
      {log.intact === false ? (
        <SystemLine kind="problem" label="Log was changed" />
      ) : (
        <SystemLine
          kind={log.intact ? 'ok' : 'idle'}
          label={log.intact ? 'Log intact' : 'Log'}
          value={count(log.entries)}
        />
      )}
      {status.config && <SystemLine kind="problem" label="servers.json" value={`line ${status.config.line}`} />}
    </div>
  );
}

export function Sidebar() {
  const status = useStatus();
  const waiting = useWaiting();
  const apps = useQuery(api.apps.list.queryOptions()).data;
  const ends: Record<string, React.ReactNode> = {
    // Requests of the command line are answered on Home.
    '/': <Badge waiting={waiting.requests.length} />,
    '/approvals': <Badge waiting={waiting.approvals} />,
    '/activity': <LiveDot />,
    '/servers': <Total of={status?.servers.total} />,
    '/apps': <Total of={apps?.filter((app) => app.revokedAt === null).length} />,
  };
  return (
    <aside className="side" aria-label="Main">
      <div className="side-top">
        {/* On macOS the window buttons stand here. */}
        {!(isDesktop && isMac) && (
          <>
            <GateMark size={16} />
            <span className="brand">Gatehouse</span>
          </>
        )}
      </div>
      <GateControl />
      <nav className="nav" aria-label="Sections" data-region="sections">
        {sections
          .filter((section) => section.group === 'watch')
          .map((section) => (
            <NavLink
              key={section.to}
              to={section.to}
              label={section.label}
              icon={section.icon}
              end={ends[section.to]}
            />
          ))}
        <div className="h4">Manage</div>
        {sections
          .filter((section) => section.group === 'manage')
          .map((section) => (
            <NavLink
              key={section.to}
              to={section.to}
              label={section.label}
              icon={section.icon}
              end={ends[section.to]}
            />
          ))}
      </nav>
      <div className="side-foot">
        <nav className="nav" aria-label="App">
          <NavLink to="/settings" label="Settings" icon="settings" />
        </nav>
        <SystemStatus />
      </div>
    </aside>
  );
}
