import { Link, useSearch } from '@tanstack/react-router';
import { Icon, type IconName } from '../../components/icon/icon.tsx';
import { ErrorState, Skeleton } from '../../components/ui/empty-state.tsx';
import { Page } from '../../shell/page.tsx';
import { CheckUp } from './check-up.tsx';
import { GateSettings } from './gate-settings.tsx';
import { GeneralSettings } from './general-settings.tsx';
import { LogSettings } from './log-settings.tsx';
import { useSettings } from './use-settings.ts';

const pages = [
  { id: 'general', label: 'General', icon: 'sun' },
  { id: 'gate', label: 'Gate and network', icon: 'server' },
  { id: 'log', label: 'Log and files', icon: 'history' },
  { id: 'check-up', label: 'Check-up', icon: 'radar' },
] as const satisfies readonly { id: string; label: string; icon: IconName }[];

type SettingsPageId = (typeof pages)[number]['id'];

function Content({ page }: { page: SettingsPageId }) {
  const { settings, change, error, refetch } = useSettings();
  if (page === 'log') return <LogSettings />;
  if (page === 'check-up') return <CheckUp />;
  if (error && !settings) {
    return (
      <ErrorState title="The settings cannot be read" error={error} onRetry={() => void refetch()}>
        Gatehouse goes on with the ones it has.
      </ErrorState>
    );
  }
  if (!settings) return <Skeleton label="Reading settings" />;
  return page === 'gate' ? (
    <GateSettings settings={settings} change={change} />
  ) : (
    <GeneralSettings settings={settings} change={change} />
  );
}

export function SettingsPage() {
  const { section } = useSearch({ from: '/settings' });
  const current = pages.find((page) => page.id === section)?.id ?? 'general';
  return (
    <Page title="Settings" fill>
      <div className="catl sett">
        <nav className="cats" aria-label="Settings">
          {pages.map((page) => (
            <Link
              key={page.id}
              className="ci"
              to="/settings"
              search={{ section: page.id }}
              aria-current={page.id === current ? 'page' : undefined}
            >
              <span className="row">
                <Icon name={page.icon} size="s" />
                {page.label}
              </span>
            </Link>
          ))}
        </nav>
        <div className="setm">
          <Content page={current} />
        </div>
      </div>
    </Page>
  );
}
