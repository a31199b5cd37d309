import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { useState } from 'react';
import { QuestionPanel } from '../features/asks/index.ts';
import { CommandPalette } from '../features/palette/command-palette.tsx';
import { classNames } from '../lib/class-names.ts';
import { connection } from '../lib/connection.ts';
import { plural } from '../lib/format.ts';
import { useGateControl, useStatus } from '../lib/gate.ts';
import { useStore } from '../lib/store.ts';
import { useDelayed } from '../lib/use-delayed.ts';
import { type KeyMap, useKeys } from '../lib/use-keys.ts';
import { ConnectionLost } from './connection-lost.tsx';
import { ProblemBanners } from './gate-down.tsx';
import { KeysSheet } from './keys-sheet.tsx';
import { openPalette } from './palette-state.ts';
import { focusNextRegion } from './regions.ts';
import { RequestsBanner } from './requests-banner.tsx';
import { sections } from './sections.ts';
import { Sidebar } from './sidebar.tsx';
import { usePreferences } from './theme.ts';
import { useWaiting } from './waiting.ts';

function WaitingAnnouncer() {
  const { total } = useWaiting();
  return (
    <span className="sr" role="status">
      {total > 0 && `${plural(total, 'thing')} ${total === 1 ? 'waits' : 'wait'} for you`}
    </span>
  );
}

function Content() {
  const link = useStore(connection);
  return link === 'lost' ? <LostContent /> : <ConnectedContent />;
}

function ConnectedContent() {
  // Home tells a broken gate itself, at full size.
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <>
      <QuestionPanel />
      {path !== '/' && <RequestsBanner />}
      {path !== '/' && <ProblemBanners withoutConfig={path === '/servers'} />}
      <Outlet />
    </>
  );
}

/** A short interruption, such as a restart, leaves the page standing. */
function LostContent() {
  return useDelayed(1500) ? <ConnectionLost /> : <Outlet />;
}

export function Shell() {
  const [showsKeys, setShowsKeys] = useState(false);
  const navigate = useNavigate();
  const status = useStatus();
  const { pause, resume } = useGateControl();
  usePreferences();
  const isPaused = status?.gate.paused === true;

  const sectionKeys: KeyMap = Object.fromEntries(
    sections.map((section, index) => [`mod+${index + 1}`, () => void navigate({ to: section.to })]),
  );
  useKeys({
    ...sectionKeys,
    'mod+k': openPalette,
    'mod+shift+p': () => (isPaused ? resume({}) : pause({})),
    'mod+,': () => void navigate({ to: '/settings' }),
    f6: () => focusNextRegion(1),
    'shift+f6': () => focusNextRegion(-1),
    '/': () => {
      const filter = document.querySelector<HTMLInputElement>('[data-page-filter]');
      if (!filter) return false;
      filter.focus();
      filter.select();
    },
    '?': () => setShowsKeys(true),
  });

  return (
    <div className={classNames('win', isPaused && 'paused')}>
      <Sidebar />
      <div className="content">
        <Content />
      </div>
      {isPaused && (
        <>
          <i className="stripe" aria-hidden="true" />
          <i className="frame" aria-hidden="true" />
        </>
      )}
      <WaitingAnnouncer />
      <CommandPalette />
      <KeysSheet open={showsKeys} onClose={() => setShowsKeys(false)} />
    </div>
  );
}
