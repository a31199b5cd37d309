import type { ReactNode } from 'react';

export type GateMarkState = 'open' | 'attention' | 'paused' | 'problem';

const house =
  'M1.6 16.2V3.2a.7.7 0 0 1 .7-.7h1.9a.7.7 0 0 1 .7.7v1.1h1.7V3.2a.7.7 0 0 1 .7-.7h3.4a.7.7 0 0 1 .7.7v1.1h1.7V3.2a.7.7 0 0 1 .7-.7h1.9a.7.7 0 0 1 .7.7v13h-3.3v-4.6a4.1 4.1 0 0 0-8.2 0v4.6z';

const arch: Record<GateMarkState, ReactNode> = {
  open: null,
  attention: <circle cx="9" cy="12.5" r="2" fill="currentColor" />,
  paused: <path d="M7.5 11.1v4.9M10.5 11.1v4.9" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />,
  problem: (
    <>
      <path d="M9 9.9v2.9" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" />
      <circle cx="9" cy="15.2" r="1.05" fill="currentColor" />
    </>
  ),
};

/** The gatehouse front. What stands in the arch is the state of the gate. */
export function GateMark({ state = 'open', size = 18 }: { state?: GateMarkState; size?: number }) {
  return (
    <svg className="gg" width={size} height={size} viewBox="0 0 18 18" fill="none" aria-hidden="true">
      <path d={house} fill="currentColor" fillRule="evenodd" />
      {arch[state]}
    </svg>
  );
}
