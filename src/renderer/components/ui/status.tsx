import type { ReactNode } from 'react';
import { classNames } from '../../lib/class-names.ts';
import { type StatusKind, StatusShape } from '../icon/status-shape.tsx';

/** Shape and word: in lists never one without the other. */
export function Status({ kind, children, className }: { kind: StatusKind; children: ReactNode; className?: string }) {
  return (
    <span className={classNames('st', className)}>
      <StatusShape kind={kind} />
      <span>{children}</span>
    </span>
  );
}
