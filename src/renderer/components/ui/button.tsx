import type { ComponentProps, ReactNode } from 'react';
import { classNames } from '../../lib/class-names.ts';
import { Icon, type IconName } from '../icon/icon.tsx';
import { Kbd, type Key } from './kbd.tsx';
import { Tooltip } from './tooltip.tsx';

/** primary = ink, one per view; approve = moss; danger = brick line; irreversible = brick solid. */
type ButtonTone = 'default' | 'primary' | 'approve' | 'danger' | 'irreversible' | 'brass' | 'ghost';

const toneClass: Record<ButtonTone, string> = {
  default: '',
  primary: 'primary',
  approve: 'approve',
  danger: 'danger',
  irreversible: 'danger solid',
  brass: 'brass',
  ghost: 'ghost',
};

export interface ButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  children: ReactNode;
  tone?: ButtonTone;
  /** 24, 28 (default) or 36 px for decisions. */
  size?: 'sm' | 'md' | 'lg';
  icon?: IconName;
  keys?: readonly Key[];
  /** While true the button keeps its place and name, says it is busy and cannot be pressed again. */
  busy?: boolean;
}

export function Button({
  children,
  tone = 'default',
  size = 'md',
  icon,
  keys,
  busy = false,
  className,
  disabled,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={classNames('btn', toneClass[tone], size !== 'md' && size, busy && 'is-busy', className)}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
    >
      {busy ? <span className="spin" aria-hidden="true" /> : icon && <Icon name={icon} />}
      {children}
      {keys && (
        <span className="k">
          <Kbd keys={keys} />
        </span>
      )}
    </button>
  );
}

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  icon: IconName;
  /** The accessible name, shown as tooltip. */
  label: string;
  tone?: ButtonTone;
  size?: 'sm' | 'md' | 'lg';
}

export function IconButton({ icon, label, tone = 'default', size = 'md', className, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        className={classNames('btn icon', toneClass[tone], size !== 'md' && size, className)}
      >
        <Icon name={icon} />
      </button>
    </Tooltip>
  );
}

/** Buttons that share an edge: a main action and its variants. */
export function ButtonGroup({ children }: { children: ReactNode }) {
  return <div className="btns">{children}</div>;
}
