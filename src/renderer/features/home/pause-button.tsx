import { useQuery } from '@tanstack/react-query';
import { Icon } from '../../components/icon/icon.tsx';
import { Button, ButtonGroup } from '../../components/ui/button.tsx';
import { Menu, type MenuEntry } from '../../components/ui/menu.tsx';
import { api } from '../../lib/client.ts';
import { useGateControl, useStatus } from '../../lib/gate.ts';
import { ariaShortcut } from '../../lib/platform.ts';

const minute = 60_000;

export function PauseButton() {
  const { pause, resume, isBusy } = useGateControl();
  const status = useStatus();
  const apps = useQuery(api.apps.list.queryOptions()).data?.filter((app) => app.revokedAt === null) ?? [];
  const entries: MenuEntry[] = [
    { label: 'Pause for 15 minutes', icon: 'clock', onSelect: () => pause({ forMs: 15 * minute }) },
    { label: 'Pause for 1 hour', icon: 'clock', onSelect: () => pause({ forMs: 60 * minute }) },
  ];
  if (apps.length > 0) {
    entries.push({ kind: 'line' }, { kind: 'heading', label: 'One AI app' });
    for (const app of apps) {
      const isPaused = status?.gate.apps[app.id] !== undefined;
      entries.push({
        label: isPaused ? `Resume ${app.name}` : `Pause ${app.name}`,
        icon: isPaused ? 'play' : 'pause',
        onSelect: () => (isPaused ? resume({ app: app.id }) : pause({ app: app.id })),
      });
    }
  }
  return (
    <ButtonGroup>
      <Button
        size="lg"
        icon="pause"
        keys={['mod', 'shift', 'P']}
        aria-keyshortcuts={ariaShortcut('mod', 'Shift', 'P')}
        disabled={isBusy}
        onClick={() => pause({})}
      >
        Pause all tools
      </Button>
      <Menu label="More ways to pause" entries={entries}>
        <button type="button" className="btn lg icon" aria-label="More ways to pause">
          <Icon name="chevron-down" />
        </button>
      </Menu>
    </ButtonGroup>
  );
}
