import type { ComponentProps, KeyboardEvent, ReactNode } from 'react';
import { classNames } from '../../lib/class-names.ts';

interface TableProps extends ComponentProps<'table'> {
  label: string;
  /** 28 px rows instead of 40. */
  dense?: boolean;
}

export function Table({ label, dense = false, className, ...rest }: TableProps) {
  return <table {...rest} aria-label={label} className={classNames('tbl', dense && 'dense', className)} />;
}

/** A 28 px line that names the rows below it. */
export function TableGroup({ children, columns }: { children: ReactNode; columns: number }) {
  return (
    <tr className="grp">
      <td colSpan={columns}>{children}</td>
    </tr>
  );
}

interface TableRowProps extends ComponentProps<'tr'> {
  isSelected?: boolean;
  /** Waits for the person. */
  isWaiting?: boolean;
  /** Return, or a click that is not on a control inside the row. */
  onOpen?: () => void;
}

/** A row that can be opened takes part in roving focus: arrows or J and K move, Return opens. */
export function TableRow({ isSelected, isWaiting, onOpen, className, ...rest }: TableRowProps) {
  return (
    <tr
      {...rest}
      aria-selected={isSelected}
      tabIndex={onOpen ? 0 : undefined}
      data-row={onOpen ? '' : undefined}
      className={classNames(isWaiting && 'brass', className)}
      onClick={(event) => {
        // A press on a control inside the row is that control's business.
        if (event.target instanceof Element && event.target.closest('button, a, input, label')) return;
        onOpen?.();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && event.target === event.currentTarget) onOpen?.();
      }}
    />
  );
}

/** For a list or table container: J, K and the arrows move between its `data-row` elements. */
export function moveBetweenRows(event: KeyboardEvent<HTMLElement>): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
  const step =
    event.key === 'j' || event.key === 'ArrowDown' ? 1 : event.key === 'k' || event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at === -1 ? (step === 1 ? 0 : rows.length - 1) : at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
