import type { ReactNode } from 'react';
import { useDelayed } from '../../lib/use-delayed.ts';
import { GateMark } from '../icon/gate-mark.tsx';
import { Icon, type IconName } from '../icon/icon.tsx';
import { Button } from './button.tsx';

interface EmptyStateProps {
  /** Icon, or the gate mark for an empty queue, which is good news. */
  icon: IconName | 'gate';
  title: ReactNode;
  /** What belongs here and why it is empty. */
  children: ReactNode;
  /** One next step. */
  actions?: ReactNode;
  tone?: 'plain' | 'brick';
}

export function EmptyState({ icon, title, children, actions, tone = 'plain' }: EmptyStateProps) {
  return (
    <div className="empty">
      <span className={tone === 'brick' ? 'eart c-brick' : 'eart'}>
        {icon === 'gate' ? <GateMark size={22} /> : <Icon name={icon} size="l" />}
      </span>
      <h2>{title}</h2>
      <p>{children}</p>
      {actions && <div className="row g6">{actions}</div>}
    </div>
  );
}

/** Shown only when loading takes longer than 300 ms. */
export function Skeleton({ label }: { label: string }) {
  const isDue = useDelayed(300);
  if (!isDue) return null;
  return (
    <div className="empty" role="status">
      <span className="skel" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <h2>{label}</h2>
    </div>
  );
}

interface ErrorStateProps {
  /** What happened. */
  title: string;
  /** What it means and what to do. */
  children: ReactNode;
  error?: unknown;
  onRetry?: () => void;
}

/** Part of a page that could not be read; code and details folded. */
export function ErrorState({ title, children, error, onRetry }: ErrorStateProps) {
  return (
    <div role="alert">
      <EmptyState
        icon="unplug"
        tone="brick"
        title={title}
        actions={
          onRetry && (
            <Button icon="restart" onClick={onRetry}>
              Try again
            </Button>
          )
        }
      >
        {children}
      </EmptyState>
      {error !== undefined && error !== null && <ErrorDetails error={error} />}
    </div>
  );
}

/** Code and message as they came; `isWide` where they are the point, folded under an empty state otherwise. */
export function ErrorDetails({ error, isWide = false }: { error: unknown; isWide?: boolean }) {
  return (
    <details className={isWide ? 'tech' : 'tech centred'} open={isWide}>
      <summary>
        <Icon name="chevron-right" size="s" />
        Technical details
      </summary>
      <pre className="code tight">{describe(error)}</pre>
    </details>
  );
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}  ` : '';
  return `${code}${error.message}`;
}
