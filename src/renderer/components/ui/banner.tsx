import type { ReactNode } from 'react';
import { classNames } from '../../lib/class-names.ts';
import { Icon, type IconName } from '../icon/icon.tsx';
import { StatusShape } from '../icon/status-shape.tsx';

interface BannerProps {
  /** brick = broken, brass = limited. */
  tone: 'brick' | 'brass';
  title: ReactNode;
  /** What still works and what does not. */
  children?: ReactNode;
  action?: ReactNode;
}

export function Banner({ tone, title, children, action }: BannerProps) {
  return (
    <section className={`banner ${tone}`} role={tone === 'brick' ? 'alert' : 'status'}>
      <StatusShape kind={tone === 'brick' ? 'problem' : 'you'} />
      <div className="grow">
        <b>{title}</b>
        {children && <p>{children}</p>}
      </div>
      {action}
    </section>
  );
}

interface NoteProps {
  tone?: 'plain' | 'slate' | 'brass' | 'brick' | 'moss';
  icon?: IconName;
  big?: boolean;
  children: ReactNode;
}

/** A remark inside a panel or sheet. */
export function Note({ tone = 'plain', icon = 'info', big = false, children }: NoteProps) {
  return (
    <div className={classNames('note', tone !== 'plain' && tone, big && 'big')}>
      <span>
        <Icon name={icon} />
      </span>
      <div className="grow">{children}</div>
    </div>
  );
}
