import type { Isolation, LaunchPlan } from '@shared/contract/index.ts';
import type { ReactNode } from 'react';
import { Icon, type IconName } from '../../components/icon/icon.tsx';
import { StatusShape } from '../../components/icon/status-shape.tsx';
import { Note } from '../../components/ui/banner.tsx';
import { CommandBlock } from '../../components/ui/command-block.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { decisiveArguments, folderOf, hostOf, servesOf } from './launch.ts';

export function Numbered({
  n,
  title,
  meta,
  children,
}: {
  n: number;
  title: string;
  meta?: string;
  children: ReactNode;
}) {
  return (
    <section>
      <h3>
        <span className="sn" aria-hidden="true">
          {n}
        </span>
        {title}
        {meta && <span className="meta">{meta}</span>}
      </h3>
      {children}
    </section>
  );
}

/** The complete command or address, and the program that was found for it. */
export function ExactLaunch({ plan }: { plan: LaunchPlan }) {
  if (plan.argv.length === 0) return <CommandBlock argv={[plan.launch.url ?? plan.commandLine]} className="tight" />;
  return (
    <>
      <CommandBlock argv={plan.argv} strong={decisiveArguments(plan.argv)} className="tight" />
      {plan.resolvedCommand === null ? (
        <p className="hint c-brick mt-2">
          <b>{plan.argv[0]}</b> was not found on this machine. Install it, or give the whole path.
        </p>
      ) : (
        plan.resolvedCommand !== plan.argv[0] && (
          <p className="hint mt-2">
            <code>{plan.argv[0]}</code> is <code>{plan.resolvedCommand}</code>
          </p>
        )
      )}
    </>
  );
}

/** Working directory, and the names of what it gets handed over. Never values. */
export function LaunchSurroundings({ plan }: { plan: LaunchPlan }) {
  const { launch } = plan;
  const names = launch.kind === 'stdio' ? launch.envNames : launch.headerNames;
  return (
    <dl className="kv">
      {launch.kind === 'stdio' && (
        <>
          <dt>Working directory</dt>
          <dd className="mono">
            <VisibleText text={folderOf(launch)} />
          </dd>
        </>
      )}
      {launch.instances !== undefined && (
        <>
          <dt>{launch.kind === 'stdio' ? 'One process serves' : 'One connection serves'}</dt>
          <dd>{servesOf(launch)}</dd>
        </>
      )}
      <dt>{launch.kind === 'stdio' ? 'Environment' : 'Headers'}</dt>
      <dd className="mono">{names.length > 0 ? names.join(', ') : <span className="dim">nothing</span>}</dd>
      {launch.secretNames.length > 0 && (
        <>
          <dt>From the vault</dt>
          <dd className="mono">{launch.secretNames.join(', ')}</dd>
        </>
      )}
    </dl>
  );
}

function ReachLine({ icon, children, isOpen }: { icon: IconName; children: ReactNode; isOpen: boolean }) {
  return (
    <li>
      <Icon name={icon} size="s" />
      <span className="grow">{children}</span>
      <StatusShape kind={isOpen ? 'you' : 'ok'} />
    </li>
  );
}

interface ReachProps {
  plan: { isolation: Isolation; launch: Pick<LaunchPlan['launch'], 'url'> };
  /** Hosts it is known to use, when somebody has looked. */
  hosts?: readonly string[];
}

/** What it will be able to do to the person's machine, without embellishment. */
export function Reach({ plan, hosts = [] }: ReachProps) {
  if (plan.isolation === 'remote') {
    return (
      <ul className="reach">
        <ReachLine icon="globe" isOpen>
          What your AI apps send to its tools goes to <b className="mono">{hostOf(plan.launch)}</b>
        </ReachLine>
        <ReachLine icon="folder" isOpen={false}>
          It runs elsewhere and cannot open files on this machine
        </ReachLine>
      </ul>
    );
  }
  return (
    <ul className="reach">
      <ReachLine icon="shield-off" isOpen>
        <b>It runs with your own rights.</b> It can read and change everything you can.
      </ReachLine>
      <ReachLine icon="folder" isOpen>
        Any file and folder that you can open
      </ReachLine>
      <ReachLine icon="globe" isOpen>
        {hosts.length > 0 ? (
          <>
            Any host. It is known to use <span className="mono">{hosts.join(', ')}</span>
          </>
        ) : (
          'Any host on the network'
        )}
      </ReachLine>
    </ul>
  );
}

export function Warnings({ warnings }: { warnings: readonly string[] }) {
  if (warnings.length === 0) return null;
  return (
    <div className="col g6 mt-3">
      {warnings.map((warning) => (
        <Note key={warning} tone="brass" icon="warn">
          <VisibleText text={warning} />
        </Note>
      ))}
    </div>
  );
}
