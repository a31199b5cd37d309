import type { CallFilter } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useRef, useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/ui/empty-state.tsx';
import { Status } from '../../components/ui/status.tsx';
import { classNames } from '../../lib/class-names.ts';
import { api } from '../../lib/client.ts';
import { count, plural, timeOf } from '../../lib/format.ts';
import { useStatus } from '../../lib/gate.ts';
import { useKeys } from '../../lib/use-keys.ts';
import { Page } from '../../shell/page.tsx';
import { ActivityFilters, type Kind, useCallCounts } from './activity-filters.tsx';
import { CallDrawer } from './call-drawer.tsx';
import { type BusyReason, CallTable, type CallTableHandle } from './call-table.tsx';
import { Histogram } from './histogram.tsx';
import { startOf, type TimeRange } from './time-range.ts';
import { useCallLog } from './use-call-log.ts';
import { useSearchWords } from './use-search-words.ts';

function kindOf(text: string | undefined): Kind {
  return text === 'changes' || text === 'refused' || text === 'failed' ? text : 'all';
}

function LogState() {
  const status = useStatus();
  if (!status) return null;
  const { log } = status;
  if (log.intact === false) return <Status kind="problem">The log was changed from outside</Status>;
  const checked = log.checkedAt === null ? '' : `, checked ${timeOf(log.checkedAt)}`;
  return (
    <Status kind={log.intact ? 'ok' : 'idle'}>
      {log.intact ? 'Log intact' : 'Log'}: {count(log.entries)} entries{checked}
    </Status>
  );
}

function NoCalls({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  const status = useStatus();
  const all = useQuery(api.calls.counts.queryOptions({ input: {} })).data?.all;
  if (all === undefined ? isFiltered : all > 0) {
    return (
      <EmptyState
        icon="filter"
        title="Nothing fits these filters"
        actions={<Button onClick={onClear}>Clear filters</Button>}
      >
        The log has calls, but none of this app, kind, time and words.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="activity"
      title="No calls yet"
      actions={
        status?.endpoint && (
          <span className="row g12 dim">
            <span className="live" />
            Listening on 127.0.0.1:{status.port}
          </span>
        )
      }
    >
      Ask an AI app to use a tool. The call appears here within a second.
    </EmptyState>
  );
}

/** What did they do, and why was it let through? */
export function ActivityPage() {
  const params = useSearch({ from: '/activity' });
  const navigate = useNavigate({ from: '/activity' });
  const [range, setRange] = useState<TimeRange>('today');
  const [since, setSince] = useState(() => startOf('today', Date.now()));
  const [isFollowing, setFollowing] = useState(true);
  const [busy, setBusy] = useState({ pointer: false, focus: false, scrolled: false });
  const [cursor, setCursor] = useState<string>();
  const table = useRef<CallTableHandle>(null);
  const kind = kindOf(params.kind);
  const { app, server, tool, search } = params;

  const filter = useMemo<CallFilter>(
    () => ({ search, app, server, tool, since, kind: kind === 'all' ? undefined : kind }),
    [search, app, server, tool, since, kind],
  );
  const selected = params.call;
  const isHeld = !isFollowing || busy.pointer || busy.focus || busy.scrolled || selected !== undefined;
  const log = useCallLog(filter, isHeld);
  const counts = useCallCounts(filter);
  const total = counts?.[kind] ?? log.rows.length;
  const isFiltered = Boolean(search || app || server || tool || kind !== 'all' || range !== 'today');

  const set = useCallback(
    (next: Partial<typeof params>) =>
      void navigate({ to: '.', search: (before) => ({ ...before, ...next }), replace: true }),
    [navigate],
  );
  const [words, setWords] = useSearchWords(
    search,
    useCallback((text) => set({ search: text }), [set]),
  );
  const chooseRange = (next: TimeRange) => {
    setRange(next);
    setSince(startOf(next, Date.now()));
  };
  const open = useCallback(
    (id: string) => {
      setCursor(id);
      set({ call: id });
    },
    [set],
  );
  const move = (step: 1 | -1) => {
    const from = selected ?? cursor;
    const at = log.rows.findIndex((row) => row.id === from);
    const next = log.rows[at === -1 ? 0 : at + step];
    if (!next) return;
    setCursor(next.id);
    table.current?.focusRow(next.id);
    if (selected !== undefined) set({ call: next.id });
  };
  const onBusy = useCallback(
    (reason: BusyReason, isBusy: boolean) =>
      setBusy((before) => (before[reason] === isBusy ? before : { ...before, [reason]: isBusy })),
    [],
  );
  const showNew = () => {
    log.release();
    table.current?.scrollToTop();
  };
  const moveInTable = (event: KeyboardEvent, step: 1 | -1) => {
    // Elsewhere the arrows scroll or belong to the control that has the focus.
    if (!(event.target instanceof Element) || !event.target.closest('[data-call]')) return false;
    move(step);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    arrowdown: (event) => moveInTable(event, 1),
    arrowup: (event) => moveInTable(event, -1),
  });

  return (
    <Page
      title="Activity"
      fill
      actions={
        <Button tone="ghost" icon={isFollowing ? 'pause' : 'play'} onClick={() => setFollowing(!isFollowing)}>
          {isFollowing ? 'Stop following' : 'Follow'}
        </Button>
      }
    >
      <ActivityFilters
        filter={filter}
        search={words}
        kind={kind}
        range={range}
        onSearch={setWords}
        onKind={(next) => set({ kind: next === 'all' ? undefined : next })}
        onRange={chooseRange}
        onApp={(name) => set({ app: name })}
        onClearTool={() => set({ server: undefined, tool: undefined })}
      />
      <Histogram filter={filter} />
      {log.phase === 'failed' ? (
        <div className="scroll">
          <ErrorState title="The log cannot be read" error={log.error} onRetry={log.retry}>
            Calls go on and are recorded as soon as the log can be written again. What is shown here would be old.
          </ErrorState>
        </div>
      ) : log.phase === 'loading' ? (
        <div className="scroll">
          <Skeleton label="Reading the log" />
        </div>
      ) : log.rows.length === 0 ? (
        <div className="scroll">
          <NoCalls
            isFiltered={isFiltered}
            onClear={() => {
              chooseRange('all');
              setWords('');
              set({ search: undefined, app: undefined, server: undefined, tool: undefined, kind: undefined });
            }}
          />
        </div>
      ) : (
        <div className="live-list">
          {log.queued.length > 0 && (
            <Button className="newer" tone="primary" size="sm" icon="arrow-up" onClick={showNew}>
              {plural(log.queued.length, 'new call')}
            </Button>
          )}
          <CallTable
            rows={log.rows}
            total={total}
            hasMore={log.nextBefore !== null}
            selected={selected}
            cursor={cursor}
            onOpen={open}
            onLoadMore={log.loadMore}
            onBusy={onBusy}
            handle={table}
          />
        </div>
      )}
      <div className="statbar">
        <span className={classNames(!isFollowing && 'dimmer')}>
          {isFollowing ? (
            <>
              <span className="live" />
              {isHeld && log.queued.length > 0
                ? 'Live. New calls wait until you look away.'
                : 'Live. New calls appear on top.'}
            </>
          ) : (
            'Not following.'
          )}
        </span>
        {log.rows.length > 0 && (
          <span className="dimmer">
            {count(log.rows.length)} of {count(Math.max(total, log.rows.length))} shown
            {log.nextBefore !== null && ', the rest loads as you scroll'}
          </span>
        )}
        <span className="end">
          <LogState />
        </span>
      </div>
      <CallDrawer
        id={selected}
        onClose={() => {
          set({ call: undefined });
          if (cursor) table.current?.focusRow(cursor);
        }}
        onMove={move}
        onFilter={(call) => set({ server: call.server ?? undefined, tool: call.tool ?? undefined, call: undefined })}
      />
    </Page>
  );
}
