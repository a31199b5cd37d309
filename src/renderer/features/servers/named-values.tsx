import { Button, IconButton } from '../../components/ui/button.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { looksSecret, type NamedValue, namedValue } from './server-draft.ts';

interface NamedValuesProps {
  /** "Environment" or "Headers". */
  title: string;
  /** "variable" or "header". */
  what: string;
  rows: readonly NamedValue[];
  onChange: (rows: NamedValue[]) => void;
  problem?: string;
}

/** Names and values, each either plain or secret. Secrets are masked and go to the vault. */
export function NamedValues({ title, what, rows, onChange, problem }: NamedValuesProps) {
  const change = (id: number, part: Partial<NamedValue>) =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...part } : row)));
  return (
    <fieldset className="field nvs">
      <legend className="label">{title}</legend>
      {rows.map((row, at) => {
        const shown = row.name || `${what} ${at + 1}`;
        return (
          <div className="nv" key={row.id}>
            <input
              className="input mono"
              aria-label={`Name of ${what} ${at + 1}`}
              placeholder="NAME"
              spellCheck={false}
              autoCapitalize="off"
              value={row.name}
              onChange={(event) => {
                const name = event.target.value;
                // A telling name switches the mask on, never off: that stays the person's choice.
                change(row.id, { name, isSecret: row.isSecret || looksSecret(name) });
              }}
            />
            <input
              className="input mono"
              aria-label={`Value of ${shown}`}
              placeholder={row.isSecret ? 'secret value' : 'value'}
              type={row.isSecret ? 'password' : 'text'}
              autoComplete="off"
              spellCheck={false}
              value={row.value}
              onChange={(event) => change(row.id, { value: event.target.value })}
            />
            <span className="row g6 nw dim">
              <Switch
                size="s"
                on={row.isSecret}
                label={`${shown} is secret`}
                onChange={(isSecret) => change(row.id, { isSecret })}
              />
              Secret
            </span>
            <IconButton
              icon="x"
              label={`Remove ${shown}`}
              tone="ghost"
              size="sm"
              onClick={() => onChange(rows.filter((other) => other.id !== row.id))}
            />
          </div>
        );
      })}
      {problem && (
        <div className="hint c-brick" role="alert">
          {problem}
        </div>
      )}
      <div>
        <Button size="sm" icon="plus" onClick={() => onChange([...rows, namedValue('', '')])}>
          Add {what}
        </Button>
      </div>
    </fieldset>
  );
}
