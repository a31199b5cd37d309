import { type ComponentProps, type ReactNode, useId } from 'react';
import { classNames } from '../../lib/class-names.ts';
import { Icon } from '../icon/icon.tsx';
import { IconButton } from './button.tsx';
import { Kbd, type Key } from './kbd.tsx';

interface TextFieldProps extends Omit<ComponentProps<'input'>, 'onChange' | 'size'> {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: ReactNode;
  /** What is wrong and what to do; marks the field. */
  error?: string;
  /** Commands, paths, hosts. */
  mono?: boolean;
}

export function TextField({ label, value, onChange, hint, error, mono, required, className, ...rest }: TextFieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={classNames('field', className)}>
      <label htmlFor={id}>
        {label}
        {required && <span className="req"> *</span>}
      </label>
      <input
        id={id}
        {...rest}
        required={required}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-invalid={error ? true : undefined}
        aria-describedby={note ? `${id}-note` : undefined}
        className={classNames('input', mono && 'mono', error && 'bad')}
      />
      {note && (
        <div id={`${id}-note`} className={classNames('hint', error && 'c-brick')}>
          {note}
        </div>
      )}
    </div>
  );
}

interface SearchFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  keys?: readonly Key[];
  /** Tokens before the text, e.g. the chosen app. */
  lead?: ReactNode;
  /** `/` focuses it: the page's filter. */
  isPageFilter?: boolean;
  big?: boolean;
  className?: string;
}

export function SearchField({
  label,
  value,
  onChange,
  placeholder,
  keys,
  lead,
  isPageFilter,
  big,
  className,
}: SearchFieldProps) {
  return (
    <div className={classNames('input search', big && 'big', className)}>
      <Icon name="search" size="s" />
      {lead}
      <input
        type="text"
        inputMode="search"
        aria-label={label}
        placeholder={placeholder ?? label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        data-page-filter={isPageFilter || undefined}
        spellCheck={false}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          if (value === '') event.currentTarget.blur();
          else onChange('');
          event.stopPropagation();
        }}
      />
      {value !== '' ? (
        <IconButton icon="x" label="Clear" tone="ghost" size="sm" onClick={() => onChange('')} />
      ) : (
        keys && <Kbd keys={keys} />
      )}
    </div>
  );
}
