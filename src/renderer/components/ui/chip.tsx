import type { ReactNode } from 'react';
import { classNames } from '../../lib/class-names.ts';
import { Icon, type IconName } from '../icon/icon.tsx';

interface ChipProps {
  children: ReactNode;
  tone?: 'plain' | 'line' | 'moss' | 'brass' | 'brick' | 'slate';
  icon?: IconName;
}

/** A short fact. Never clickable: what can be pressed is a Button. */
export function Chip({ children, tone = 'plain', icon }: ChipProps) {
  return (
    <span className={classNames('chip', tone !== 'plain' && tone)}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}
