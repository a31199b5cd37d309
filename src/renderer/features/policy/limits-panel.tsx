import type { ProfileView } from '@shared/contract/index.ts';
import { useId, useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import type { ChangePolicy } from './use-policy.ts';

const limits = [
  { id: 'callsPerMinute', label: 'Calls a minute' },
  { id: 'concurrentCalls', label: 'Calls at once' },
  { id: 'callsPerDay', label: 'Calls a day' },
] as const;

interface LimitsPanelProps {
  profile: ProfileView;
  isBusy: boolean;
  change: ChangePolicy;
}

/** The three limits of each app with this profile; an empty field is no limit. */
export function LimitsPanel({ profile, isBusy, change }: LimitsPanelProps) {
  return (
    <Panel className="panel-b">
      <b>Limits of each app</b>
      {limits.map(({ id, label }) => (
        <LimitField
          key={`${id} ${profile[id]}`}
          label={label}
          value={profile[id]}
          isBusy={isBusy}
          onSave={(value) => void change({ kind: 'profile-limit', profile: profile.name, limit: id, value })}
        />
      ))}
    </Panel>
  );
}

interface LimitFieldProps {
  label: string;
  value: number | null;
  isBusy: boolean;
  onSave: (value: number | null) => void;
}

function LimitField({ label, value, isBusy, onSave }: LimitFieldProps) {
  const id = useId();
  const before = value === null ? '' : `${value}`;
  const [text, setText] = useState(before);
  const number = text === '' ? null : Number(text);
  const isGood = number === null || (Number.isInteger(number) && number > 0 && number <= 1_000_000);
  return (
    <form
      className="field mt-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (isGood && text !== before) onSave(number);
      }}
    >
      <label htmlFor={id}>{label}</label>
      <div className="row g6">
        <input
          id={id}
          className={isGood ? 'input' : 'input bad'}
          inputMode="numeric"
          placeholder="No limit"
          value={text}
          aria-invalid={isGood ? undefined : true}
          onChange={(event) => setText(event.target.value.trim())}
        />
        {text !== before && (
          <Button size="sm" type="submit" disabled={!isGood} busy={isBusy}>
            Save
          </Button>
        )}
      </div>
    </form>
  );
}
