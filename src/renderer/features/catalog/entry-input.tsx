import type { CatalogInput } from '@shared/contract/index.ts';
import { useId, useState } from 'react';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { Select } from '../../components/ui/select.tsx';
import { Switch } from '../../components/ui/switch.tsx';

interface EntryInputProps {
  input: CatalogInput;
  value: string | string[];
  onChange: (value: string | string[]) => void;
  problem?: string;
  /** The first field of the form takes the focus. */
  isFirst: boolean;
}

const isExact = (type: CatalogInput['type']) => type === 'file' || type === 'directory' || type === 'url';

/** One thing a person fills in before a server is added. */
export function EntryInput({ input, value, onChange, problem, isFirst }: EntryInputProps) {
  const id = useId();
  const note = problem ?? input.description;
  const values = Array.isArray(value) ? value : [value];
  const set = (at: number, next: string) => onChange(Array.isArray(value) ? value.with(at, next) : next);
  const describedBy = note ? `${id}-note` : undefined;
  return (
    <div className="field">
      <label htmlFor={`${id}-0`}>
        {input.label}
        {input.required && <span className="req"> *</span>}
      </label>
      {values.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: repeated values have no identity but their place
        <div className="row" key={at}>
          <Control
            id={`${id}-${at}`}
            input={input}
            value={one}
            onChange={(next) => set(at, next)}
            isBad={problem !== undefined}
            describedBy={describedBy}
            isFirst={isFirst && at === 0}
            name={values.length > 1 ? `${input.label}, ${at + 1}` : undefined}
          />
          {Array.isArray(value) && value.length > 1 && (
            <IconButton
              icon="x"
              label={`Remove ${input.label}, ${at + 1}`}
              tone="ghost"
              size="sm"
              onClick={() => onChange(value.toSpliced(at, 1))}
            />
          )}
        </div>
      ))}
      {note && (
        <div id={describedBy} className={problem ? 'hint c-brick' : 'hint'}>
          {note}
        </div>
      )}
      {Array.isArray(value) && (
        <div>
          <Button size="sm" icon="plus" onClick={() => onChange([...value, ''])}>
            Add another
          </Button>
        </div>
      )}
    </div>
  );
}

interface ControlProps {
  id: string;
  input: CatalogInput;
  value: string;
  onChange: (value: string) => void;
  isBad: boolean;
  describedBy: string | undefined;
  isFirst: boolean;
  name: string | undefined;
}

function Control({ id, input, value, onChange, isBad, describedBy, isFirst, name }: ControlProps) {
  const [isShown, setShown] = useState(false);
  if (input.type === 'boolean') {
    return (
      <Switch id={id} size="s" on={value === 'true'} label={input.label} onChange={(on) => onChange(String(on))} />
    );
  }
  if (input.type === 'choice' && input.choices) {
    return (
      <Select
        label={input.label}
        value={value}
        width={260}
        options={input.choices.map((choice) => ({ value: choice, label: choice }))}
        onChange={onChange}
      />
    );
  }
  const isSecret = input.type === 'secret';
  return (
    <>
      <input
        id={id}
        className={['input', isExact(input.type) && 'mono', isBad && 'bad'].filter(Boolean).join(' ')}
        type={isSecret && !isShown ? 'password' : 'text'}
        inputMode={input.type === 'number' ? 'decimal' : undefined}
        aria-label={name}
        aria-invalid={isBad || undefined}
        aria-describedby={describedBy}
        required={input.required}
        placeholder={input.placeholder}
        autoComplete="off"
        spellCheck={false}
        // biome-ignore lint/a11y/noAutofocus: the sheet was opened to fill this in
        autoFocus={isFirst}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      {isSecret && (
        <IconButton
          icon={isShown ? 'eye-off' : 'eye'}
          label={isShown ? `Hide ${input.label}` : `Show ${input.label}`}
          tone="ghost"
          onClick={() => setShown(!isShown)}
        />
      )}
    </>
  );
}
