import type { AppSummary } from '@shared/contract/index.ts';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Note } from '../../components/ui/banner.tsx';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { CopyButton } from '../../components/ui/command-block.tsx';
import { Menu } from '../../components/ui/menu.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { ConfirmIrreversible } from '../../components/ui/sheet.tsx';
import { Status } from '../../components/ui/status.tsx';
import { Monogram } from '../../components/ui/tile.tsx';
import { toastDone, toastFailed } from '../../components/ui/toast.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { api, queryClient } from '../../lib/client.ts';
import { ago, dayOf, timeOf } from '../../lib/format.ts';
import { useGateControl, useStatus } from '../../lib/gate.ts';
import { useNow } from '../../lib/use-now.ts';
import { AllowedPanel } from './allowed-panel.tsx';
import { appStatus, isPaused } from './app-status.ts';
import { UsePanel } from './use-panel.tsx';

function useAppActions(app: AppSummary) {
  const refresh = () => queryClient.invalidateQueries({ queryKey: api.apps.key() });
  const failed = (what: string) => (error: Error) => toastFailed(`${what} ${error.message}`);
  const revoke = useMutation(
    api.apps.revoke.mutationOptions({
      onSettled: refresh,
      onSuccess: () => toastDone(`The token of ${app.name} does not work any more.`),
      onError: failed(`The token of ${app.name} was not revoked.`),
    }),
  );
  const remove = useMutation(
    api.apps.remove.mutationOptions({
      onSettled: refresh,
      onSuccess: () => toastDone(`${app.name} was removed.`),
      onError: failed(`${app.name} was not removed.`),
    }),
  );
  return { revoke, remove };
}

interface AppDetailProps {
  app: AppSummary;
  onRenew: () => void;
}

export function AppDetail({ app, onRenew }: AppDetailProps) {
  const isRevoked = app.revokedAt !== null;
  return (
    <div className="rv appd">
      <AppHeader app={app} onRenew={onRenew} />
      <div className="ab">
        {isRevoked && (
          <Note tone="brick" icon="ban" big>
            <b>{app.name} cannot connect</b>
            <p>You revoked its token. Its calls are refused until you give it a new one.</p>
            <div className="row mt-3">
              <Button onClick={onRenew}>Give it a new token</Button>
            </div>
          </Note>
        )}
        {!isRevoked && app.lastUsedAt === null && (
          <Note tone="slate" icon="hourglass" big>
            <b>Waiting for its first call</b>
            <p>Paste the address and the token into {app.name}, then ask it to use a tool.</p>
          </Note>
        )}
        <div className="g2">
          <AllowedPanel />
          <ConnectionPanel app={app} onRenew={onRenew} />
        </div>
        <UsePanel app={app} />
      </div>
    </div>
  );
}

function AppHeader({ app, onRenew }: AppDetailProps) {
  const now = useNow(30_000);
  const gate = useStatus()?.gate;
  const { pause, resume, isBusy } = useGateControl();
  const { revoke, remove } = useAppActions(app);
  const [asks, setAsks] = useState<'revoke' | 'remove' | null>(null);
  const status = appStatus(app, gate, now);
  const isRevoked = app.revokedAt !== null;
  return (
    <div className="rvh mid">
      <Monogram name={app.name} size="l" />
      <div className="grow">
        <h2>{app.name}</h2>
        <div className="row g12 mt-1">
          <Status kind={status.kind}>{status.text}</Status>
          {app.lastUsedAt !== null && app.sessions > 0 && (
            <span className="dimmer">Last used {ago(app.lastUsedAt, now)}</span>
          )}
        </div>
      </div>
      {!isRevoked &&
        (isPaused(app, gate) ? (
          <Button tone="brass" icon="play" busy={isBusy} onClick={() => resume({ app: app.id })}>
            Resume {app.name}
          </Button>
        ) : (
          <Button icon="pause" busy={isBusy} onClick={() => pause({ app: app.id })}>
            Pause {app.name}
          </Button>
        ))}
      <Menu
        label="More actions"
        entries={[
          { label: 'Replace its token', icon: 'key', onSelect: onRenew },
          ...(isRevoked
            ? []
            : [
                {
                  label: 'Revoke its token',
                  icon: 'ban' as const,
                  danger: true,
                  onSelect: () => setAsks('revoke'),
                },
              ]),
          { kind: 'line' },
          { label: 'Remove', icon: 'trash', danger: true, onSelect: () => setAsks('remove') },
        ]}
      >
        <IconButton icon="more" label="More actions" />
      </Menu>
      <ConfirmIrreversible
        open={asks === 'revoke'}
        onClose={() => setAsks(null)}
        title={`Revoke the token of ${app.name}?`}
        confirmLabel="Revoke the token"
        busy={revoke.isPending}
        onConfirm={() => revoke.mutate({ id: app.id }, { onSettled: () => setAsks(null) })}
      >
        It is cut off at once, also in open sessions. This token can never be used again; a new one can be made.
      </ConfirmIrreversible>
      <ConfirmIrreversible
        open={asks === 'remove'}
        onClose={() => setAsks(null)}
        title={`Remove ${app.name}?`}
        confirmLabel={`Remove ${app.name}`}
        busy={remove.isPending}
        onConfirm={() => remove.mutate({ id: app.id }, { onSettled: () => setAsks(null) })}
      >
        Its token stops working and it leaves this list. The call log keeps what it did.
      </ConfirmIrreversible>
    </div>
  );
}

function ConnectionPanel({ app, onRenew }: AppDetailProps) {
  const endpoint = useStatus()?.endpoint;
  return (
    <Panel title="How it is connected">
      <div className="panel-b">
        <dl className="kv">
          <dt>Address</dt>
          <dd>
            {endpoint ? (
              <span className="row g6">
                <span className="mono cut">{endpoint}</span>
                <CopyButton text={endpoint} label="Copy address" />
              </span>
            ) : (
              <span className="c-brick">The gate is not listening</span>
            )}
          </dd>
          <dt>Token</dt>
          <dd>
            {app.revokedAt === null ? (
              <>
                Its own, ends in <span className="mono">{app.tokenHint}</span>
              </>
            ) : (
              <span className="c-brick">revoked</span>
            )}{' '}
            <button type="button" className="link" onClick={onRenew}>
              Replace
            </button>
          </dd>
          <dt>Since</dt>
          <dd>
            {dayOf(app.createdAt)} at {timeOf(app.createdAt)}
          </dd>
          <dt>Calls itself</dt>
          <dd>{app.client === null ? <span className="dimmer">–</span> : <VisibleText text={app.client} />}</dd>
        </dl>
      </div>
    </Panel>
  );
}
