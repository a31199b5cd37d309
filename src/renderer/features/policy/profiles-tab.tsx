import type { PolicyView, ProfileView } from '@shared/contract/index.ts';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { TextField } from '../../components/ui/field.tsx';
import { Sheet } from '../../components/ui/sheet.tsx';
import { useKeys } from '../../lib/use-keys.ts';
import { ProfileDetail } from './profile-detail.tsx';
import type { ChangePolicy } from './use-policy.ts';

interface ProfilesTabProps {
  policy: PolicyView;
  selected: string | undefined;
  isBusy: boolean;
  change: ChangePolicy;
}

export function ProfilesTab({ policy, selected, isBusy, change }: ProfilesTabProps) {
  const navigate = useNavigate();
  const [isNew, setIsNew] = useState(false);
  const { profiles } = policy;
  const profile = profiles.find(({ name }) => name === selected) ?? profiles[0];
  const select = (name: string) => void navigate({ to: '/policy', search: { profile: name }, replace: true });
  const step = (by: 1 | -1) => () => {
    const next = profiles[profiles.findIndex(({ name }) => name === profile?.name) + by];
    if (!next) return false;
    select(next.name);
  };
  useKeys({ j: step(1), k: step(-1) });
  if (!profile) {
    return (
      <EmptyState icon="rules" title="No profile holds">
        Every app has a profile, and as long as policy.json waits for you none of them gives anything.
      </EmptyState>
    );
  }
  return (
    <div className="review prof">
      <section className="queue apps" aria-label="Profiles">
        <div className="qs">
          <div className="h4">Profiles</div>
          {profiles.map((one) => (
            <ProfileRow
              key={one.name}
              profile={one}
              isSelected={one.name === profile.name}
              onSelect={() => select(one.name)}
            />
          ))}
        </div>
        <div className="qf">
          <Button size="sm" icon="plus" className="wide" onClick={() => setIsNew(true)}>
            New profile
          </Button>
          <span className="meta">An app has exactly one profile.</span>
        </div>
      </section>
      <ProfileDetail key={profile.name} profile={profile} isBusy={isBusy} change={change} />
      {isNew && (
        <NewProfile
          taken={profiles.map(({ name }) => name)}
          isBusy={isBusy}
          onClose={() => setIsNew(false)}
          onMake={async (name) => {
            if (!(await change({ kind: 'new-profile', profile: name }))) return;
            setIsNew(false);
            select(name);
          }}
        />
      )}
    </div>
  );
}

interface ProfileRowProps {
  profile: ProfileView;
  isSelected: boolean;
  onSelect: () => void;
}

function ProfileRow({ profile, isSelected, onSelect }: ProfileRowProps) {
  const { apps, name, sees } = profile;
  const total = sees.read + sees.write + sees.destructive;
  return (
    <button type="button" className="ai" aria-current={isSelected || undefined} onClick={onSelect}>
      <span className="grow">
        <b className="cut">{name}</b>
        <span className="meta cut">{apps.length === 0 ? 'No app yet' : apps.map((app) => app.name).join(', ')}</span>
      </span>
      <span className="num meta">
        {total}
        <span className="sr"> tools</span>
      </span>
    </button>
  );
}

interface NewProfileProps {
  taken: readonly string[];
  isBusy: boolean;
  onClose: () => void;
  onMake: (name: string) => void;
}

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/;

function NewProfile({ taken, isBusy, onClose, onMake }: NewProfileProps) {
  const [name, setName] = useState('');
  const problem = taken.includes(name)
    ? 'There is one of this name.'
    : name !== '' && !namePattern.test(name)
      ? 'Letters, digits, dots, dashes and underscores only.'
      : undefined;
  const canMake = name !== '' && problem === undefined;
  return (
    <Sheet
      open
      onClose={onClose}
      isDirty={name !== ''}
      className="pform"
      title="New profile"
      subtitle="It hides everything until you open something."
      footer={
        <>
          <span className="grow" />
          <Button size="lg" onClick={onClose}>
            Cancel
          </Button>
          <Button size="lg" tone="primary" busy={isBusy} disabled={!canMake} onClick={() => onMake(name)}>
            Make the profile
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (canMake) onMake(name);
        }}
      >
        <TextField label="Name" required value={name} onChange={setName} error={problem} spellCheck={false} />
      </form>
    </Sheet>
  );
}
