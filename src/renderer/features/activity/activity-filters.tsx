import type { CallFilter } from '@shared/contract/index.ts';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { Segmented } from '../../components/ui/choice.tsx';
import { SearchField } from '../../components/ui/field.tsx';
import { Menu, type MenuEntry } from '../../components/ui/menu.tsx';
import { toastDone, toastFailed } from '../../components/ui/toast.tsx';
import { api } from '../../lib/client.ts';
import { count, plural } from '../../lib/format.ts';
import { type ExportFormat, exportCalls } from './export-calls.ts';
import { type TimeRange, timeRanges } from './time-range.ts';

export type Kind = 'all' | 'changes' | 'refused' | 'failed';

const kinds: readonly { value: Kind; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'changes', label: 'Changes' },
  { value: 'refused', label: 'Refused' },
  { value: 'failed', label: 'Failed' },
];

interface ActivityFiltersProps {
  filter: CallFilter;
  search: string;
  kind: Kind;
  range: TimeRange;
  onSearch: (search: string) => void;
  onKind: (kind: Kind) => void;
  onRange: (range: TimeRange) => void;
  onApp: (app: string | undefined) => void;
  onClearTool: () => void;
}

/** Calls of every kind under the same words, app and time. */
export function useCallCounts(filter: CallFilter) {
  const { kind: _, ...rest } = filter;
  return useQuery({ ...api.calls.counts.queryOptions({ input: rest }), placeholderData: keepPreviousData }).data;
}

export function ActivityFilters(props: ActivityFiltersProps) {
  const { filter, kind, range } = props;
  const counts = useCallCounts(filter);
  const apps = useQuery(api.apps.list.queryOptions()).data ?? [];
  const exporting = useMutation({
    mutationFn: (format: ExportFormat) => exportCalls(filter, format),
    onSuccess: (total) => toastDone(`${plural(total, 'call')} exported.`),
    onError: (error, format) => toastFailed(`The export failed. ${error.message}`, () => exporting.mutate(format)),
  });
  const appEntries: MenuEntry[] = [
    { label: 'Any app', onSelect: () => props.onApp(undefined) },
    { kind: 'line' },
    ...apps.map((app): MenuEntry => ({ label: app.name, onSelect: () => props.onApp(app.name) })),
  ];
  return (
    <div className="toolbar act">
      <SearchField
        className="grow"
        label="Search names, arguments and results"
        value={props.search}
        onChange={props.onSearch}
        isPageFilter
        keys={['/']}
        lead={
          <>
            <Menu label="Which AI app" align="start" entries={appEntries}>
              <button type="button" className="tok">
                app <b>{filter.app ?? 'any'}</b>
              </button>
            </Menu>
            {(filter.server || filter.tool) && (
              <button type="button" className="tok" onClick={props.onClearTool} aria-label="Show all calls again">
                of <b>{[filter.server, filter.tool].filter(Boolean).join(' › ')}</b> ×
              </button>
            )}
          </>
        }
      />
      <Segmented
        label="Which calls"
        value={kind}
        onChange={props.onKind}
        options={kinds.map((it) => ({
          value: it.value,
          label: (
            <>
              {it.label} {counts && <span className="n">{count(counts[it.value])}</span>}
            </>
          ),
        }))}
      />
      <Menu
        label="Which time"
        entries={timeRanges.map((it) => ({ label: it.label, onSelect: () => props.onRange(it.value) }))}
      >
        <Button icon="clock">{timeRanges.find((it) => it.value === range)?.label}</Button>
      </Menu>
      <Menu
        label="Export"
        entries={[
          { kind: 'heading', label: 'Export these calls' },
          { label: 'As JSON lines', onSelect: () => exporting.mutate('jsonl') },
          { label: 'As CSV', onSelect: () => exporting.mutate('csv') },
        ]}
      >
        <IconButton icon="download" label="Export" disabled={exporting.isPending} />
      </Menu>
    </div>
  );
}
