import type { ReactNode } from 'react';

export type StatusKind = 'ok' | 'idle' | 'starting' | 'you' | 'problem' | 'blocked' | 'paused' | 'off';

const drawn: Record<StatusKind, ReactNode> = {
  ok: <circle cx="5" cy="5" r="3.6" fill="currentColor" />,
  idle: <circle cx="5" cy="5" r="3" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  starting: (
    <>
      <circle cx="5" cy="5" r="3" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M5 2a3 3 0 0 1 0 6z" fill="currentColor" />
    </>
  ),
  you: <path d="M5 .9 9.1 5 5 9.1.9 5z" fill="currentColor" />,
  problem: <path d="M5 1.1 9.3 8.7H.7z" fill="currentColor" />,
  blocked: <rect x="1.4" y="1.4" width="7.2" height="7.2" rx="1.2" fill="currentColor" />,
  paused: <path d="M2.6 1.8h1.8v6.4H2.6zM5.6 1.8h1.8v6.4H5.6z" fill="currentColor" />,
  off: <path d="M2 5h6" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />,
};

const tone: Record<StatusKind, string> = {
  ok: 'c-moss',
  idle: 'dimmer',
  starting: 'c-slate',
  you: 'c-brass',
  problem: 'c-brick',
  blocked: 'c-brick',
  paused: 'c-brass',
  off: 'dimmer',
};

/** Form first, colour second: every state is readable in greyscale. Pass `inherit` to take the colour of the text. */
export function StatusShape({ kind, inherit = false }: { kind: StatusKind; inherit?: boolean }) {
  return (
    <span className={inherit ? undefined : tone[kind]} aria-hidden="true">
      <svg className="sh" viewBox="0 0 10 10" aria-hidden="true">
        {drawn[kind]}
      </svg>
    </span>
  );
}
