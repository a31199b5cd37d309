import type { AppSummary, GateState, ServerSummary } from '@shared/contract/index.ts';
import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { Icon } from '../../components/icon/icon.tsx';
import { type StatusKind, StatusShape } from '../../components/icon/status-shape.tsx';
import { Monogram } from '../../components/ui/tile.tsx';
import { classNames } from '../../lib/class-names.ts';
import { count, plural, timeOf } from '../../lib/format.ts';
import { useServerIcon } from '../../lib/server-icon.ts';
import { type Line, linesOf, passageHeight, rowHeight } from './passage-geometry.ts';
import { useLiveParties } from './use-live-parties.ts';

const mostApps = 6;
const mostServers = 13;
const tallestApp = 50;
const tallestServer = 30;

interface PassageProps {
  apps: readonly AppSummary[];
  servers: readonly ServerSummary[];
  gate: GateState;
  /** Calls under the arch, as a sentence. */
  caption: string;
}

/** Busiest first when the picture is drawn, after that everybody keeps the place they have. */
function useSteadyOrder<Item extends { calls: { lastHour: number } }>(
  items: readonly Item[],
  idOf: (item: Item) => string,
): Item[] {
  const order = useRef<string[]>([]);
  const known = new Set(order.current);
  const fresh = items.filter((item) => !known.has(idOf(item))).sort((a, b) => b.calls.lastHour - a.calls.lastHour);
  order.current = [...order.current, ...fresh.map(idOf)];
  const place = new Map(order.current.map((id, index) => [id, index]));
  return [...items].sort((a, b) => (place.get(idOf(a)) ?? 0) - (place.get(idOf(b)) ?? 0));
}

function serverFace(server: ServerSummary): { kind: StatusKind; fact: string; tone?: string } {
  const { changed, approved } = server.tools;
  const { waiting } = server;
  if (server.health === 'failing') return { kind: 'problem', fact: 'failing', tone: 'c-brick' };
  if (server.health === 'disabled') return { kind: 'off', fact: 'off' };
  if (server.health === 'held' || server.approval !== 'approved') return { kind: 'you', fact: 'held', tone: 'c-brass' };
  if (changed > 0 && changed === waiting) return { kind: 'you', fact: `${changed} changed`, tone: 'c-brass' };
  if (waiting > 0) {
    const isNew = approved > 0 && waiting === server.tools.pending;
    return { kind: 'you', fact: `${waiting} ${isNew ? 'new' : 'held'}`, tone: 'c-brass' };
  }
  if (server.health === 'starting') return { kind: 'starting', fact: 'starting' };
  if (server.health === 'asleep' && server.calls.lastHour === 0) return { kind: 'idle', fact: 'asleep' };
  return { kind: server.health === 'asleep' ? 'idle' : 'ok', fact: count(server.calls.lastHour) };
}

function appFact(app: AppSummary, gate: GateState): string {
  if (gate.apps[app.id]) return 'Paused by you';
  if (app.sessions > 0) return plural(app.sessions, 'session');
  return app.lastUsedAt === null ? 'Never called' : 'Not connected now';
}

function lineClass(line: Line, live: ReadonlySet<string>, isPaused: boolean): string {
  if (!isPaused && live.has(line.id)) return 'lv';
  return line.calls > 0 ? 'fl' : 'qt';
}

const portcullis = [46.5, 59.5, 72.5, 85.5];

function Gatehouse({
  lines,
  live,
  isPaused,
}: {
  lines: readonly Line[];
  live: ReadonlySet<string>;
  isPaused: boolean;
}) {
  return (
    <svg viewBox={`0 0 132 ${passageHeight}`} aria-hidden="true">
      {!isPaused &&
        lines.map((line) => (
          <path
            key={line.id}
            className={lineClass(line, live, isPaused)}
            strokeWidth={line.weight}
            d={`M0 ${line.archY}H132`}
          />
        ))}
      <path
        className="stone"
        fillRule="evenodd"
        d="M14 236V56a5 5 0 0 1 5-5h16a5 5 0 0 1 5 5v11h14V56a5 5 0 0 1 5-5h14a5 5 0 0 1 5 5v11h14V56a5 5 0 0 1 5-5h16a5 5 0 0 1 5 5v180H94v-56a28 28 0 0 0-56 0v56z"
      />
      <path className="joint" d="M14 96H118" />
      {isPaused && (
        <>
          <clipPath id="arch">
            <path d="M38 236V180a28 28 0 0 1 56 0v56z" />
          </clipPath>
          <g clipPath="url(#arch)">
            {portcullis.map((x) => (
              <path key={x} d={`M${x} 146V232`} className="pc" />
            ))}
            <path d="M38 182H94M38 209H94" className="pc thin" />
          </g>
        </>
      )}
      <circle className={classNames('lamp', !isPaused && 'lit')} cx="66" cy="124" r="5" />
    </svg>
  );
}

/** Apps, gate, servers, and the calls between them in the last hour. The lists carry the same facts as text. */
export function Passage({ apps, servers, gate, caption }: PassageProps) {
  const live = useLiveParties();
  const iconOf = useServerIcon();
  const isPaused = gate.paused;
  const orderedApps = useSteadyOrder(apps, (app) => app.id);
  const orderedServers = useSteadyOrder(servers, (server) => server.name);
  const shownApps = orderedApps.length > mostApps ? orderedApps.slice(0, mostApps - 1) : orderedApps;
  const shownServers = orderedServers.length > mostServers ? orderedServers.slice(0, mostServers - 1) : orderedServers;
  const appRows = Math.min(orderedApps.length, mostApps);
  const serverRows = Math.min(orderedServers.length, mostServers);

  const left = linesOf(
    shownApps.map((app) => ({
      id: app.name,
      calls: app.calls.lastHour,
      isConnected: app.sessions > 0 || app.calls.lastHour > 0,
    })),
    appRows,
    tallestApp,
  );
  const right = linesOf(
    shownServers.map((server) => ({
      id: server.name,
      calls: server.calls.lastHour,
      isConnected: server.calls.lastHour > 0 || server.health === 'ready' || server.health === 'asleep',
    })),
    serverRows,
    tallestServer,
  );
  const rowsHigh = (rows: number, tallest: number) => ({ height: rowHeight(rows, tallest) });

  return (
    <div className={classNames('passage', isPaused && 'is-paused')}>
      <ul className="pa-l" aria-label="AI apps">
        {shownApps.map((app) => (
          <li key={app.id} className={app.sessions > 0 ? 'ok' : 'off'} style={rowsHigh(appRows, tallestApp)}>
            <Monogram name={app.name} />
            <Link className="grow" to="/apps" search={{ app: app.id }}>
              <b>{app.name}</b>
              <small className={gate.apps[app.id] ? 'c-brass' : undefined}>{appFact(app, gate)}</small>
            </Link>
            {app.calls.lastHour > 0 && (
              <span className="num meta">
                {count(app.calls.lastHour)}
                <span className="sr"> calls in the last hour</span>
              </span>
            )}
          </li>
        ))}
        {orderedApps.length > shownApps.length && (
          <li style={rowsHigh(appRows, tallestApp)}>
            <Link className="link" to="/apps">
              and {orderedApps.length - shownApps.length} more
            </Link>
          </li>
        )}
      </ul>
      <svg className="pa-s" viewBox={`0 0 90 ${passageHeight}`} preserveAspectRatio="none" aria-hidden="true">
        {left.map((line) => (
          <path
            key={line.id}
            className={lineClass(line, live.apps, isPaused)}
            strokeWidth={line.weight}
            d={`M0 ${line.rowY}C46 ${line.rowY} 44 ${line.archY} 90 ${line.archY}`}
          />
        ))}
      </svg>
      <div className="pa-g">
        <Gatehouse lines={left} live={live.apps} isPaused={isPaused} />
        <div className="pa-c">
          <b className={isPaused ? 'c-brass' : 'c-moss'}>{isPaused ? 'Paused' : 'Open'}</b>
          <span className="meta num">{caption}</span>
        </div>
      </div>
      <svg className="pa-s" viewBox={`0 0 90 ${passageHeight}`} preserveAspectRatio="none" aria-hidden="true">
        {!isPaused &&
          right.map((line) => (
            <path
              key={line.id}
              className={lineClass(line, live.servers, isPaused)}
              strokeWidth={line.weight}
              d={`M0 ${line.archY}C46 ${line.archY} 44 ${line.rowY} 90 ${line.rowY}`}
            />
          ))}
      </svg>
      <ul className="pa-r" aria-label="Servers">
        {shownServers.map((server) => {
          const face = serverFace(server);
          return (
            <li
              key={server.name}
              className={server.health === 'asleep' ? 'idle' : undefined}
              style={rowsHigh(serverRows, tallestServer)}
            >
              <span className="ico">
                <Icon name={iconOf(server)} size="s" />
              </span>
              <Link className="grow cut" to="/servers/$name" params={{ name: server.name }} search={{}}>
                {server.name}
              </Link>
              <span className={classNames('meta num', face.tone)}>{face.fact}</span>
              <StatusShape kind={face.kind} />
            </li>
          );
        })}
        {orderedServers.length > shownServers.length && (
          <li style={rowsHigh(serverRows, tallestServer)}>
            <Link className="link" to="/servers">
              and {orderedServers.length - shownServers.length} more
            </Link>
          </li>
        )}
      </ul>
    </div>
  );
}

/** What stands under the arch. */
export function passageCaption(gate: GateState, passed: number, refused: number): string {
  if (gate.paused && gate.since !== null) return `${plural(refused, 'call')} refused since ${timeOf(gate.since)}`;
  return `${plural(passed, 'call')} in the last hour`;
}
