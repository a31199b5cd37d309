import type { CallSummary } from '@shared/contract/index.ts';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useImperativeHandle, useRef } from 'react';
import { CallRow } from './call-row.tsx';

const rowHeight = 28;

export interface CallTableHandle {
  /** Brings a row into view and gives it the focus. */
  focusRow: (id: string) => void;
  scrollToTop: () => void;
}

/** Why rows must stay where they are. */
export type BusyReason = 'pointer' | 'focus' | 'scrolled';

interface CallTableProps {
  rows: readonly CallSummary[];
  /** Calls under this filter in the whole log. */
  total: number;
  hasMore: boolean;
  selected: string | undefined;
  /** The row that Tab reaches. */
  cursor: string | undefined;
  onOpen: (id: string) => void;
  onLoadMore: () => void;
  /** A pointer or the focus is on a row, or the list is scrolled down: rows must not move. */
  onBusy: (reason: BusyReason, isBusy: boolean) => void;
  handle: RefObject<CallTableHandle | null>;
}

export function CallTable(props: CallTableProps) {
  const { rows, hasMore, onLoadMore } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 5,
  });
  const items = virtualizer.getVirtualItems();
  const lastIndex = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (hasMore && lastIndex >= rows.length - 30) onLoadMore();
  }, [hasMore, lastIndex, rows.length, onLoadMore]);

  useImperativeHandle(props.handle, () => ({
    focusRow(id) {
      const index = rows.findIndex((row) => row.id === id);
      if (index === -1) return;
      virtualizer.scrollToIndex(index, { align: 'auto' });
      // The row may be drawn only after the scroll.
      requestAnimationFrame(() =>
        scroller.current?.querySelector<HTMLElement>(`[data-call="${CSS.escape(id)}"]`)?.focus({ preventScroll: true }),
      );
    },
    scrollToTop() {
      scroller.current?.scrollTo({ top: 0 });
    },
  }));

  return (
    <div
      className="scroll"
      ref={scroller}
      onScroll={(event) => props.onBusy('scrolled', event.currentTarget.scrollTop > 0)}
    >
      <table className="tbl dense acts" aria-label="Calls" aria-rowcount={props.total + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <th>Time</th>
            <th>App</th>
            <th>What</th>
            <th>On what</th>
            <th>
              <span className="sr">Effect</span>
            </th>
            <th>Decision</th>
            <th className="tr">Took</th>
            <th className="tr">Result</th>
          </tr>
        </thead>
        <tbody
          style={{ height: virtualizer.getTotalSize() }}
          onPointerEnter={() => props.onBusy('pointer', true)}
          onPointerLeave={() => props.onBusy('pointer', false)}
          onFocus={() => props.onBusy('focus', true)}
          onBlur={() => props.onBusy('focus', false)}
        >
          {items.map((item) => {
            const call = rows[item.index];
            return (
              call && (
                // Keyed by place: while calls stream in, rows change their text instead of being made anew.
                <CallRow
                  key={item.index}
                  call={call}
                  index={item.index}
                  top={item.start}
                  isSelected={call.id === props.selected}
                  isCursor={props.cursor === undefined ? item.index === 0 : call.id === props.cursor}
                  onOpen={props.onOpen}
                />
              )
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
