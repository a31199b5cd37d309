import type { Settings } from '@shared/contract/index.ts';
import { Icon } from '../../components/icon/icon.tsx';
import { Segmented } from '../../components/ui/choice.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { useStatus } from '../../lib/gate.ts';
import { SettingGroup, SettingRow } from './setting-row.tsx';

interface SettingsSectionProps {
  settings: Settings;
  change: (next: Partial<Settings>) => void;
}

export function GeneralSettings({ settings, change }: SettingsSectionProps) {
  const isDesktop = useStatus()?.mode === 'desktop';
  return (
    <>
      {isDesktop && (
        <SettingGroup title="Starting">
          <SettingRow title="Start when I sign in" note="The gate is open before your AI apps start.">
            <Switch
              on={settings.startAtLogin}
              label="Start when I sign in"
              onChange={(startAtLogin) => change({ startAtLogin })}
            />
          </SettingRow>
          <SettingRow title="Start without a window" note="Opens in the tray only.">
            <Switch
              on={settings.startHidden}
              label="Start without a window"
              onChange={(startHidden) => change({ startHidden })}
            />
          </SettingRow>
        </SettingGroup>
      )}
      <SettingGroup title="Look">
        <SettingRow title="Theme">
          <Segmented
            label="Theme"
            value={settings.theme}
            onChange={(theme) => change({ theme })}
            options={[
              {
                value: 'system',
                name: 'System',
                label: (
                  <>
                    <Icon name="monitor" size="s" />
                    System
                  </>
                ),
              },
              {
                value: 'light',
                name: 'Light',
                label: (
                  <>
                    <Icon name="sun" size="s" />
                    Light
                  </>
                ),
              },
              {
                value: 'dark',
                name: 'Dark',
                label: (
                  <>
                    <Icon name="moon" size="s" />
                    Dark
                  </>
                ),
              },
            ]}
          />
        </SettingRow>
      </SettingGroup>
      <SettingGroup title="Keyboard">
        <SettingRow
          title="Single-letter keys"
          note="J, K, A, B and others act while no field has the focus. Press ? to see them."
        >
          <Switch
            on={settings.singleKeyShortcuts}
            label="Single-letter keys"
            onChange={(singleKeyShortcuts) => change({ singleKeyShortcuts })}
          />
        </SettingRow>
      </SettingGroup>
    </>
  );
}
