import type { ServerDetail } from '@shared/contract/index.ts';
import { CommandBlock } from '../../components/ui/command-block.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { argvOf, decisiveArguments, folderOf } from './launch.ts';

/** The exact command or address, where it starts and what it gets; names, never values. */
export function LaunchPanel({ server }: { server: ServerDetail }) {
  const { launch } = server;
  const argv = launch.url === null ? argvOf(launch) : [launch.url];
  return (
    <Panel
      title={launch.url === null ? 'Exactly what runs' : 'Exactly where calls go'}
      meta="Change any part and the server is held until you look at it."
    >
      <CommandBlock argv={argv} strong={decisiveArguments(argv)} className="flush" />
      <dl className="kv launchkv">
        {launch.url === null && (
          <>
            <dt>Working directory</dt>
            <dd className="mono">{folderOf(launch)}</dd>
          </>
        )}
        <dt>{launch.url === null ? 'Environment' : 'Headers'}</dt>
        <dd>
          <EnvironmentNames server={server} />
        </dd>
        {launch.url !== null && launch.secretNames.length > 0 && (
          <>
            <dt>From the vault</dt>
            <dd className="mono">{launch.secretNames.join(', ')}</dd>
          </>
        )}
      </dl>
    </Panel>
  );
}

function EnvironmentNames({ server }: { server: ServerDetail }) {
  const { launch } = server;
  const names = launch.url === null ? launch.envNames : launch.headerNames;
  if (names.length === 0) return <span className="dim">nothing</span>;
  if (launch.url !== null) return <span className="mono">{names.join(', ')}</span>;
  const secretOf = new Map(server.env.map((it) => [it.name, it.secret]));
  return (
    <ul className="envs">
      {names.map((name) => (
        <li key={name}>
          <span className="mono">{name}</span>
          <span className="meta">
            {secretOf.get(name) ? (
              <>
                from the vault, <span className="mono">{secretOf.get(name)}</span>
              </>
            ) : (
              'plain value in servers.json'
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
