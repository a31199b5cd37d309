import { Checkbox as Box, RadioGroup } from 'radix-ui';
import { type ReactNode, useId } from 'react';
import { classNames } from '../../lib/class-names.ts';
import { Icon } from '../icon/icon.tsx';

interface CheckboxProps {
  checked: boolean | 'mixed';
  onChange: (checked: boolean) => void;
  /** Shown text. Give `label` instead when the row already names it. */
  children?: ReactNode;
  label?: string;
  disabled?: boolean;
}

export function Checkbox({ checked, onChange, children, label, disabled }: CheckboxProps) {
  const id = useId();
  const box = (
    <Box.Root
      id={id}
      checked={checked === 'mixed' ? 'indeterminate' : checked}
      aria-label={label}
      disabled={disabled}
      onCheckedChange={(next) => onChange(next === true)}
      className={classNames('box', checked && 'on')}
    >
      {checked === 'mixed' ? <Icon name="minus" /> : checked && <Icon name="check" />}
    </Box.Root>
  );
  if (children === undefined) return box;
  return (
    <div className="opt">
      {box}
      <label htmlFor={id}>{children}</label>
    </div>
  );
}

interface ChoiceOption<Value extends string> {
  value: Value;
  label: ReactNode;
  /** Accessible name when the label is not plain words. */
  name?: string;
  disabled?: boolean;
}

interface ChoiceProps<Value extends string> {
  label: string;
  value: Value | null;
  options: readonly ChoiceOption<Value>[];
  onChange: (value: Value) => void;
  className?: string;
}

/** Two to five short alternatives side by side; arrow keys move. */
export function Segmented<Value extends string>({ label, value, options, onChange, className }: ChoiceProps<Value>) {
  return (
    <RadioGroup.Root
      className={classNames('seg', className)}
      aria-label={label}
      value={value}
      orientation="horizontal"
      // Radix reports plain strings; only values of `options` can come back.
      onValueChange={(next) => onChange(next as Value)}
    >
      {options.map((option) => (
        <RadioGroup.Item key={option.value} value={option.value} aria-label={option.name} disabled={option.disabled}>
          {option.label}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
