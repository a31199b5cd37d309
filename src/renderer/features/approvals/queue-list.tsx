import type { ToolSummary } from '@shared/contract/index.ts';
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef } from 'react';
import { Icon, type IconName } from '../../components/icon/icon.tsx';
import { Chip } from '../../components/ui/chip.tsx';
import { EffectMark } from '../../components/ui/effect-mark.tsx';
import { LongName } from '../../components/ui/long-name.tsx';
import { OfferMark } from '../../components/ui/offer-mark.tsx';
import { Tile } from '../../components/ui/tile.tsx';
import { Tooltip } from '../../components/ui/tooltip.tsx';
import { plural } from '../../lib/format.ts';
import { useStatus } from '../../lib/gate.ts';
import { countOffers } from '../../lib/offers.ts';
import { useServerIcon } from '../../lib/server-icon.ts';
import { useWaiting } from '../../shell/waiting.ts';
import { type RowGroup, useSteadyGroups } from '../servers/steady-groups.ts';
import { countWords } from './finding-marks.ts';
import { groupSummary, type Queue, type QueueItem, type QueueServer, toolsIn } from './queue.ts';

interface QueueListProps {
  queue: Queue;
  servers: readonly QueueServer[];
  selected: string | undefined;
  onSelect: (id: string) => void;
  onApproveAll: (server: string, tools: readonly ToolSummary[]) => void;
  isBusy: boolean;
}

type Line = { kind: 'head'; key: string; group: RowGroup } | { kind: 'item'; key: string; id: string };

const headHeight = 52;
const itemHeight = 30;
/** Lines drawn beyond the visible ones; enough that a usual queue is in the page as a whole. */
const overscan = 50;

function linesOf(groups: readonly RowGroup[]): Line[] {
  return groups.flatMap((group): Line[] => [
    { kind: 'head', key: `head of ${group.key}`, group },
    ...group.rows.map((id): Line => ({ kind: 'item', key: id, id })),
  ]);
}

/** What waits, by server. Only the lines in view are drawn: a server may bring thousands of tools. */
export function QueueList({ queue, servers, selected, onSelect, onApproveAll, isBusy }: QueueListProps) {
  const steady = useSteadyGroups(queue.groups);
  const iconOf = useIconOfServer(servers);
  const list = useRef<HTMLDivElement>(null);
  const lines = linesOf(steady.groups);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => list.current,
    estimateSize: (at) => (lines[at]?.kind === 'head' ? headHeight : itemHeight),
    getItemKey: (at) => lines[at]?.key ?? at,
    overscan,
  });
  const selectedAt = lines.findIndex((line) => line.kind === 'item' && line.id === selected);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another selection is what moves the view
  useEffect(() => {
    if (selectedAt !== -1) virtual.scrollToIndex(selectedAt, { align: 'auto' });
  }, [selected]);
  return (
    <section className="queue" aria-label="Waiting for review">
      <QueueHead queue={queue} />
      <div className="qs" ref={list} {...steady.hold}>
        <div className="qv" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => {
            const line = lines[index];
            if (!line) return null;
            return (
              <div key={key} className="ql" style={{ transform: `translateY(${start}px)` }}>
                {line.kind === 'head' ? (
                  <GroupHead
                    server={line.group.name}
                    icon={iconOf(line.group.name)}
                    tools={toolsIn(queue, line.group.rows)}
                    hasText={line.group.rows.some((id) => queue.items.get(id)?.kind === 'instructions')}
                    onApproveAll={onApproveAll}
                    isBusy={isBusy}
                  />
                ) : (
                  <QueueRow
                    id={line.id}
                    item={queue.items.get(line.id)}
                    isSelected={line.id === selected}
                    onSelect={onSelect}
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
      <RequestsNote />
    </section>
  );
}

function useIconOfServer(servers: readonly QueueServer[]): (name: string) => IconName {
  const iconOf = useServerIcon();
  return (name) => {
    const server = servers.find((it) => it.name === name);
    return server ? iconOf(server) : 'server';
  };
}

function QueueHead({ queue }: { queue: Queue }) {
  const isPaused = useStatus()?.gate.paused === true;
  const tools = toolsIn(queue, queue.order);
  const isTools = tools.length === queue.items.size && tools.every((tool) => tool.kind === 'tool');
  const what = isTools ? plural(tools.length, 'tool') : plural(queue.items.size, 'thing');
  const servers = queue.groups.length;
  return (
    <div className="qh">
      <div>
        <b>
          {what} to decide, from {plural(servers, 'server')}
        </b>
        <div className="meta">
          {isPaused ? 'The gate is paused. You can still decide.' : 'None of them can be used yet'}
        </div>
      </div>
    </div>
  );
}

interface GroupHeadProps {
  server: string;
  icon: IconName;
  tools: readonly ToolSummary[];
  /** Its text for agents waits too. */
  hasText: boolean;
  onApproveAll: (server: string, tools: readonly ToolSummary[]) => void;
  isBusy: boolean;
}

/** Bulk approval leaves out what hides text or has a serious finding, and the text for agents: those have to be opened. */
function GroupHead({ server, icon, tools, hasText, onApproveAll, isBusy }: GroupHeadProps) {
  const clean = tools.filter((tool) => !tool.hidesText && tool.findingCounts.serious === 0);
  const hiding = tools.filter((tool) => tool.hidesText).length;
  const serious = tools.length - clean.length - hiding;
  const total = tools.length + (hasText ? 1 : 0);
  const label = clean.length < total ? `Approve ${clean.length} of ${total}` : `Approve all ${clean.length}`;
  const leftOut = [
    hiding > 0 && `${hiding} with hidden text ${hiding === 1 ? 'is' : 'are'} left out.`,
    serious > 0 && `${serious} with a serious finding ${serious === 1 ? 'is' : 'are'} left out.`,
    hasText && 'What it tells agents is left out. Read it first.',
  ].filter((part): part is string => part !== false);
  const effects = (['read', 'write', 'destructive'] as const)
    .map(
      (effect) =>
        [clean.filter((one) => one.kind === 'tool' && one.suggestedEffect === effect).length, effect] as const,
    )
    .filter(([n]) => n > 0)
    .map(([n, effect]) => `${n} ${effect}`);
  const others = clean.filter((one) => one.kind !== 'tool');
  const suggested = [...effects, ...(others.length > 0 ? [countOffers(others)] : [])].join(', ');
  return (
    <div className="qg">
      <Tile icon={icon} size="s" />
      <div className="grow cut">
        <b className="cut">{server}</b>
        <div className="meta cut" title={groupSummary(tools)}>
          {groupSummary(tools)}
        </div>
      </div>
      {clean.length > 0 && tools.length > 1 && (
        <Tooltip text={[`Each as suggested: ${suggested}.`, ...leftOut].join(' ')}>
          <button
            type="button"
            className="link nw"
            aria-label={`${label} of ${server}`}
            disabled={isBusy}
            onClick={() => onApproveAll(server, clean)}
          >
            {label}
          </button>
        </Tooltip>
      )}
    </div>
  );
}

interface QueueRowProps {
  id: string;
  /** Undefined: decided while the pointer was over the list, which keeps its place. */
  item: QueueItem | undefined;
  isSelected: boolean;
  onSelect: (id: string) => void;
}

const QueueRow = memo(function QueueRow({ id, item, isSelected, onSelect }: QueueRowProps) {
  if (!item) {
    return (
      <div className="qi dimmer">
        <Icon name="check" size="s" />
        <span className="mono cut grow">{id.slice(id.indexOf(':') + 1).replace(/^(?:launch|instructions) /, '')}</span>
        decided
      </div>
    );
  }
  if (item.kind === 'launch') {
    return (
      <button type="button" className="qi" aria-current={isSelected || undefined} onClick={() => onSelect(id)}>
        <Icon name="play" size="s" />
        <span className="cut grow">How it starts</span>
        <Chip tone="brass">{item.isNew ? 'New' : 'Changed'}</Chip>
      </button>
    );
  }
  if (item.kind === 'instructions') {
    return (
      <button type="button" className="qi" aria-current={isSelected || undefined} onClick={() => onSelect(id)}>
        <Icon name="book" size="s" />
        <span className="cut grow">What it tells agents</span>
        <Chip tone="brass">New</Chip>
      </button>
    );
  }
  const { tool } = item;
  const found = tool.findingCounts.serious + tool.findingCounts.note;
  return (
    <button type="button" className="qi" aria-current={isSelected || undefined} onClick={() => onSelect(id)}>
      {tool.kind === 'tool' ? <EffectMark effect={tool.suggestedEffect} /> : <OfferMark kind={tool.kind} />}
      <span className="mono grow min-w-0">
        <LongName text={tool.name} />
      </span>
      {tool.hidesText ? (
        <Chip tone="brick">Hidden text</Chip>
      ) : found > 0 ? (
        <Chip tone={tool.findingCounts.serious > 0 ? 'brick' : 'brass'}>{countWords(found)}</Chip>
      ) : (
        tool.state === 'changed' && <Chip tone="brass">Changed</Chip>
      )}
    </button>
  );
});

/** What the command line or a file asked for is confirmed on Home; the badge counts it too. */
function RequestsNote() {
  const { requests } = useWaiting();
  if (requests.length === 0) return null;
  return (
    <div className="qf">
      <span className="meta">
        {plural(requests.length, 'request')} from outside this window {requests.length === 1 ? 'waits' : 'wait'} on{' '}
        <Link className="link" to="/">
          Home
        </Link>
        .
      </span>
    </div>
  );
}
