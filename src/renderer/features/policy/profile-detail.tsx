import type { ProfileView } from '@shared/contract/index.ts';
import { effectSchema } from '@shared/words.ts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { IconName } from '../../components/icon/icon.tsx';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { EffectMark, effectWord } from '../../components/ui/effect-mark.tsx';
import { Menu } from '../../components/ui/menu.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { Select } from '../../components/ui/select.tsx';
import { ConfirmIrreversible } from '../../components/ui/sheet.tsx';
import { Monogram, Tile } from '../../components/ui/tile.tsx';
import { api } from '../../lib/client.ts';
import { useServerIcon } from '../../lib/server-icon.ts';
import { AnswerCell } from './answer-cell.tsx';
import { LimitsPanel } from './limits-panel.tsx';
import { SeeAsSheet } from './see-as-sheet.tsx';
import { tokensText } from './tokens-text.ts';
import type { ChangePolicy } from './use-policy.ts';

interface ProfileDetailProps {
  profile: ProfileView;
  isBusy: boolean;
  change: ChangePolicy;
}

export function ProfileDetail({ profile, isBusy, change }: ProfileDetailProps) {
  return (
    <div className="rv appd">
      <ProfileHeader profile={profile} isBusy={isBusy} change={change} />
      <div className="pgrid">
        <Matrix profile={profile} isBusy={isBusy} change={change} />
        <aside className="col g16" aria-label={`What ${profile.name} gives`}>
          <SeenPanel profile={profile} />
          <SurfacePanel profile={profile} isBusy={isBusy} change={change} />
          <LimitsPanel profile={profile} isBusy={isBusy} change={change} />
        </aside>
      </div>
    </div>
  );
}

function ProfileHeader({ profile, isBusy, change }: ProfileDetailProps) {
  const { apps, name } = profile;
  const [seenAs, setSeenAs] = useState<string | null>(null);
  const [asks, setAsks] = useState(false);
  const [first] = apps;
  return (
    <div className="rvh mid">
      <div className="grow">
        <h2>{name}</h2>
        <div className="row mt-1 dim usedby">
          {apps.length === 0 ? 'No app uses it' : 'Used by'}
          {apps.map((app) => (
            <span key={app.id}>
              <Monogram name={app.name} size="s" />
              {app.name}
            </span>
          ))}
        </div>
      </div>
      {first && (
        <Button icon="eye" onClick={() => setSeenAs(first.id)}>
          See as {first.name}
        </Button>
      )}
      <Menu
        label="More actions"
        entries={[
          ...apps.slice(1).map((app) => ({
            label: `See as ${app.name}`,
            icon: 'eye' as const,
            onSelect: () => setSeenAs(app.id),
          })),
          {
            label: 'Remove the profile',
            icon: 'trash',
            danger: true,
            disabled: name === 'default' || apps.length > 0,
            onSelect: () => setAsks(true),
          },
        ]}
      >
        <IconButton icon="more" label="More actions" />
      </Menu>
      {seenAs !== null && <SeeAsSheet app={seenAs} onClose={() => setSeenAs(null)} />}
      <ConfirmIrreversible
        open={asks}
        onClose={() => setAsks(false)}
        title={`Remove the profile ${name}?`}
        confirmLabel={`Remove ${name}`}
        busy={isBusy}
        onConfirm={() => void change({ kind: 'remove-profile', profile: name }).then(() => setAsks(false))}
      >
        It leaves policy.json. The file as it was before stays beside it as policy.json.bak.
      </ConfirmIrreversible>
    </div>
  );
}

function Matrix({ profile, isBusy, change }: ProfileDetailProps) {
  const servers = useQuery(api.servers.list.queryOptions()).data;
  const iconOf = useServerIcon();
  const iconFor = (name: string): IconName => {
    const known = servers?.find((server) => server.name === name);
    return known ? iconOf(known) : 'terminal';
  };
  return (
    <section className="panel">
      <table className="tbl matrix" aria-label={`Answers of ${profile.name}`}>
        <thead>
          <tr>
            <th scope="col">Server</th>
            {effectSchema.options.map((effect) => (
              <th key={effect} scope="col">
                <span className="row">
                  <EffectMark effect={effect} />
                  {effectWord(effect)}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {profile.servers.map(({ server, answers, tools }) => (
            <tr key={server}>
              <td>
                <span className="row">
                  <Tile icon={iconFor(server)} size="s" />
                  <b className="cut">{server}</b>
                </span>
              </td>
              {effectSchema.options.map((effect) => (
                <td key={effect}>
                  <AnswerCell
                    about={server}
                    effect={effect}
                    answer={answers[effect]}
                    count={tools[effect]}
                    disabled={isBusy}
                    onChange={(answer) =>
                      void change({ kind: 'answer', profile: profile.name, server, effect, answer })
                    }
                  />
                </td>
              ))}
            </tr>
          ))}
          <tr className="newrow">
            <td>
              <span className="row">
                <Tile icon="plus" size="s" />
                <b>Servers you add later</b>
              </span>
            </td>
            {effectSchema.options.map((effect) => (
              <td key={effect}>
                <AnswerCell
                  about="Servers you add later"
                  effect={effect}
                  answer={profile.others[effect]}
                  count={null}
                  disabled={isBusy}
                  onChange={(answer) =>
                    void change({ kind: 'answer', profile: profile.name, server: null, effect, answer })
                  }
                />
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </section>
  );
}

function SeenPanel({ profile }: { profile: ProfileView }) {
  const { apps, sees, servers } = profile;
  const all = servers.reduce((sum, { tools }) => sum + tools.read + tools.write + tools.destructive, 0);
  const total = sees.read + sees.write + sees.destructive;
  const [app] = apps;
  const sight = useQuery(api.policy.sees.queryOptions({ input: { app: app?.id ?? '' }, enabled: app !== undefined }));
  return (
    <Panel className="panel-b">
      <span className="meta">{apps.length === 1 ? 'This app sees' : 'Apps with it see'}</span>
      <div className="bigc">
        <b className="num">{total}</b> of {all} tools
      </div>
      <div className="meta mt-2">
        {sees.read} read, {sees.write} write, {sees.destructive} destructive.{' '}
        {sees.asked === 0 ? 'None of them asks you first.' : `${sees.asked} of them ask you first.`}
      </div>
      {sight.data && (
        <>
          <hr className="hr" />
          <div className="row">
            <span className="grow dim">Menu in context</span>
            <b className="num">{tokensText(sight.data.menuChars)}</b>
          </div>
          <div className="row mt-1">
            <span className="grow dim">Listed in full</span>
            <span className="num dim">{tokensText(sight.data.fullChars)}</span>
          </div>
        </>
      )}
    </Panel>
  );
}

function SurfacePanel({ profile, isBusy, change }: ProfileDetailProps) {
  return (
    <Panel className="panel-b">
      <b>How tools are shown</b>
      <div className="mt-2">
        <Select
          label="How tools are shown"
          value={profile.surface}
          disabled={isBusy}
          onChange={(surface) => void change({ kind: 'surface', profile: profile.name, surface })}
          options={[
            { value: 'discover', label: 'Found by search' },
            { value: 'direct', label: 'All listed' },
            { value: 'hybrid', label: 'Pinned listed' },
          ]}
        />
      </div>
    </Panel>
  );
}
