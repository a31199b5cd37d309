import type { Status } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Button } from '../../components/ui/button.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/ui/empty-state.tsx';
import { api } from '../../lib/client.ts';
import { GateDown, ProblemBanners } from '../../shell/gate-down.tsx';
import { Page } from '../../shell/page.tsx';
import { RememberedAnswers } from '../asks/index.ts';
import { HappeningNow } from './happening-now.tsx';
import { Passage, passageCaption } from './passage.tsx';
import { PausedCard, RefusedWhilePaused, WhatHappenedAtThePause } from './paused-home.tsx';
import { RefusedLately } from './refused-lately.tsx';
import { SafetyStrip } from './safety-strip.tsx';
import { Statement } from './statement.tsx';
import { useHour } from './use-hour.ts';
import { WaitingPanel } from './waiting-panel.tsx';

function AddServerButton({ primary = false }: { primary?: boolean }) {
  const navigate = useNavigate();
  return (
    <Button icon="plus" tone={primary ? 'primary' : 'default'} onClick={() => void navigate({ to: '/catalog' })}>
      Add server
    </Button>
  );
}

function PassagePanel({ status }: { status: Status }) {
  const apps = useQuery(api.apps.list.queryOptions()).data?.filter((app) => app.revokedAt === null);
  const servers = useQuery(api.servers.list.queryOptions()).data;
  const hour = useHour();
  const since = status.gate.since ?? undefined;
  const refused = useQuery({
    ...api.calls.counts.queryOptions({ input: { since } }),
    enabled: status.gate.paused,
  }).data?.refused;
  const navigate = useNavigate();
  if (!apps || !servers) return <Skeleton label="Reading apps and servers" />;
  if (apps.length === 0 && servers.length === 0) {
    return (
      <section className="panel">
        <EmptyState
          icon="server"
          title="No servers yet"
          actions={
            <>
              <AddServerButton primary />
              <Button onClick={() => void navigate({ to: '/apps' })}>Connect an AI app</Button>
            </>
          }
        >
          Add one from the catalog or by its command, then give your AI app the address of the gate.
        </EmptyState>
      </section>
    );
  }
  const connected = apps.filter((app) => app.sessions > 0).length;
  const ready = servers.filter((server) => server.health === 'ready').length;
  const { paused } = status.gate;
  return (
    <section className="panel" aria-label="Passage">
      <div className="panel-h">
        <h2>AI apps</h2>
        <span className="meta">
          {paused ? `${connected} connected, all paused` : `${connected} of ${apps.length} connected`}
        </span>
        <span className="grow" />
        {!paused && (
          <>
            <span className="meta">
              calls in the last hour, <span className="c-slate m">live in blue</span>
            </span>
            <span className="grow" />
          </>
        )}
        <h2>Servers</h2>
        <span className="meta">{paused ? 'receiving nothing' : `${ready} ready of ${servers.length}`}</span>
      </div>
      <Passage
        apps={apps}
        servers={servers}
        gate={status.gate}
        caption={passageCaption(status.gate, hour.passed, refused ?? 0)}
      />
    </section>
  );
}

function OpenHome({ status }: { status: Status }) {
  return (
    <div className="page home">
      <Statement status={status} />
      <SafetyStrip status={status} />
      <div className="home-g">
        <div className="col g16">
          <PassagePanel status={status} />
          <HappeningNow status={status} />
        </div>
        <div className="col g16">
          <WaitingPanel />
          <RememberedAnswers />
          <RefusedLately />
        </div>
      </div>
    </div>
  );
}

function PausedHome({ status }: { status: Status }) {
  return (
    <div className="page home">
      <PausedCard gate={status.gate} />
      <div className="home-g mt-4">
        <div className="col g16">
          <PassagePanel status={status} />
          {status.gate.since !== null && <RefusedWhilePaused since={status.gate.since} />}
        </div>
        <div className="col g16">
          <WhatHappenedAtThePause status={status} />
          <WaitingPanel />
          <RememberedAnswers />
        </div>
      </div>
    </div>
  );
}

/** Is it open, safe, busy, waiting? */
export function HomePage() {
  const { data: status, error, refetch } = useQuery(api.system.status.queryOptions());
  if (error && !status) {
    return (
      <Page title="Home">
        <ErrorState title="The state of the gate cannot be read" error={error} onRetry={() => void refetch()}>
          Nothing is known about it here. It may well be open.
        </ErrorState>
      </Page>
    );
  }
  if (!status) {
    return (
      <Page title="Home">
        <Skeleton label="Connecting to Gatehouse" />
      </Page>
    );
  }
  if (status.endpoint === null) {
    return (
      <Page title="Home">
        <GateDown problem={status.problems.find((problem) => problem.severity === 'broken')} />
      </Page>
    );
  }
  return (
    <Page title="Home" actions={!status.gate.paused && <AddServerButton />}>
      <ProblemBanners />
      {status.gate.paused ? <PausedHome status={status} /> : <OpenHome status={status} />}
    </Page>
  );
}
