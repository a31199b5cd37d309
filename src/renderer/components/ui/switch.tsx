import type { ComponentProps } from 'react';
import { classNames } from '../../lib/class-names.ts';

interface SwitchProps extends Omit<ComponentProps<'button'>, 'onChange' | 'children'> {
  on: boolean;
  /** Accessible name; says what is on. */
  label: string;
  onChange: (on: boolean) => void;
  tone?: 'moss' | 'paused';
  size?: 'md' | 's';
}

/** Acts at once. For a choice that waits for a button use Checkbox. */
export function Switch({ on, label, onChange, tone = 'moss', size = 'md', className, ...rest }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      aria-label={label}
      {...rest}
      onClick={() => onChange(!on)}
      className={classNames('switch', on && 'on', tone === 'paused' && 'paused', size === 's' && 's', className)}
    />
  );
}
