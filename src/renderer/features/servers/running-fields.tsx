import { Checkbox, Segmented } from '../../components/ui/choice.tsx';
import { TextField } from '../../components/ui/field.tsx';
import type { ServerDraft } from './server-draft.ts';

interface RunningFieldsProps {
  draft: ServerDraft;
  onChange: (draft: ServerDraft) => void;
  /** What is wrong with the minutes. */
  problem?: string;
}

const servesWords: Record<ServerDraft['serves'], string> = {
  shared: 'All AI apps use the same one. Right for most servers.',
  app: 'Every AI app gets its own, so that no app meets what another left behind.',
  session: 'Every session gets its own. Uses the most memory.',
};

/** Whom one process serves, where it starts for an app of its own, and when it is stopped. */
export function RunningFields({ draft, onChange, problem }: RunningFieldsProps) {
  const isCommand = draft.kind === 'command';
  const title = isCommand ? 'One process serves' : 'One connection serves';
  return (
    <>
      <div className="field">
        <span className="label" aria-hidden="true">
          {title}
        </span>
        <Segmented
          label={title}
          className="justify-self-start self-start"
          value={draft.serves}
          onChange={(serves) => onChange({ ...draft, serves })}
          options={[
            { value: 'shared', label: 'Everybody' },
            { value: 'app', label: 'One AI app' },
            { value: 'session', label: 'One session' },
          ]}
        />
        <div className="hint">{servesWords[draft.serves]}</div>
        {isCommand && draft.serves !== 'shared' && (
          <Checkbox checked={draft.inAppFolder} onChange={(inAppFolder) => onChange({ ...draft, inAppFolder })}>
            Start it in the folder the app works in, where the app names one
          </Checkbox>
        )}
      </div>
      {isCommand && (
        <TextField
          label="Stop after minutes without use"
          className="w-[240px]"
          inputMode="decimal"
          autoComplete="off"
          placeholder="10"
          value={draft.idleMinutes}
          onChange={(idleMinutes) => onChange({ ...draft, idleMinutes })}
          error={problem}
          hint="The next call starts it again. 0 keeps it running."
        />
      )}
    </>
  );
}
