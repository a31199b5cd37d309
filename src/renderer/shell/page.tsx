import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Icon } from '../components/icon/icon.tsx';
import { Kbd } from '../components/ui/kbd.tsx';
import { classNames } from '../lib/class-names.ts';
import { ariaShortcut } from '../lib/platform.ts';
import { openPalette } from './palette-state.ts';

interface PageProps {
  title: ReactNode;
  /** The page this one belongs to, e.g. Servers for one server. */
  parent?: { label: string; to: LinkProps['to'] };
  /** Buttons of the header; at most one of them primary. */
  actions?: ReactNode;
  /** The page manages its own scrolling (tables, queues). Otherwise `main` scrolls. */
  fill?: boolean;
  children: ReactNode;
}

/** Header and main region of a section. Every route renders exactly one. */
export function Page({ title, parent, actions, fill = false, children }: PageProps) {
  return (
    <>
      <header className="head" data-region="header">
        {parent && (
          <span className="crumb">
            <Link to={parent.to}>{parent.label}</Link>
            <Icon name="chevron-right" size="xs" />
          </span>
        )}
        <h1>{title}</h1>
        <span className="grow" />
        {actions}
        <button type="button" className="cmdk" aria-keyshortcuts={ariaShortcut('mod', 'K')} onClick={openPalette}>
          <Icon name="search" size="s" />
          <span>Search or run</span>
          <Kbd keys={['mod', 'K']} />
        </button>
      </header>
      <main className={classNames('main', fill && 'fill')} data-region="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}
