import type { ServerDetail } from '@shared/contract/index.ts';
import type { ReactNode } from 'react';
import { Icon, type IconName } from '../../components/icon/icon.tsx';
import { StatusShape } from '../../components/icon/status-shape.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { classNames } from '../../lib/class-names.ts';
import { listed } from '../../lib/format.ts';
import { hostOf } from './launch.ts';

interface WallProps {
  icon: IconName;
  title: string;
  isOpen: boolean;
  detail: string;
  children: ReactNode;
}

function Wall({ icon, title, isOpen, detail, children }: WallProps) {
  return (
    <div className={classNames('wall', isOpen && 'open')}>
      <span className="wi">
        <Icon name={icon} size="s" />
      </span>
      <div className="grow">
        <span className="meta">{title}</span>
        <div>{children}</div>
        <div className="meta">{detail}</div>
      </div>
      <StatusShape kind={isOpen ? 'you' : 'ok'} />
    </div>
  );
}

function SecretsWall({ server }: { server: ServerDetail }) {
  const { secretNames } = server.launch;
  return (
    <Wall
      icon="key"
      title="Secrets"
      isOpen={false}
      detail={
        secretNames.length > 0 ? 'Handed to it at start, never on the command line' : 'It gets none from the vault'
      }
    >
      {secretNames.length > 0 ? <span className="mono">{listed(secretNames)}</span> : 'None'}
    </Wall>
  );
}

/** What stands between the server and the person's things. Brass where nothing does. */
export function ReachWalls({ server }: { server: ServerDetail }) {
  if (server.isolation === 'remote') {
    return (
      <Panel title="What it can reach" meta="It runs elsewhere.">
        <div className="walls">
          <Wall icon="globe" title="Network" isOpen detail="What apps send to its tools leaves this machine">
            Calls go to <span className="mono">{hostOf(server.launch)}</span>
          </Wall>
          <Wall icon="folder" title="Files" isOpen={false} detail="Only what a call carries">
            No files on this machine
          </Wall>
          <SecretsWall server={server} />
          <Wall icon="cpu" title="Rights" isOpen={false} detail="Nothing of it runs here">
            None on this machine
          </Wall>
        </div>
      </Panel>
    );
  }
  return (
    <Panel title="What it can reach" meta="On this machine, not isolated.">
      <div className="walls">
        <Wall icon="network" title="Network" isOpen detail="Nothing is filtered">
          Any host
        </Wall>
        <Wall icon="folder" title="Files" isOpen detail="Read and change">
          Everything you can open
        </Wall>
        <SecretsWall server={server} />
        <Wall icon="user" title="Rights" isOpen detail="No limit on processor or memory">
          Your own
        </Wall>
      </div>
    </Panel>
  );
}
