import type { ReactNode } from 'react';

interface ReviewBodyProps {
  label: string;
  /** No evidence beside it. */
  isWhole?: boolean;
  children: ReactNode;
}

/** The scrolling part of a review. It takes the focus, so that long definitions can be read with the keyboard. */
export function ReviewBody({ label, isWhole = false, children }: ReviewBodyProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={isWhole ? 'rvb whole' : 'rvb'} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
