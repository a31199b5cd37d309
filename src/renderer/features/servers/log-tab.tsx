import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useLayoutEffect, useRef, useState } from 'react';
import { EmptyState, ErrorState, Skeleton } from '../../components/ui/empty-state.tsx';
import { SearchField } from '../../components/ui/field.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { api } from '../../lib/client.ts';
import { count } from '../../lib/format.ts';
import { LogLines } from './log-lines.tsx';

/** The server's standard error, live. Scrolling up stops following; the end starts it again. */
export function LogTab({ name }: { name: string }) {
  const [search, setSearch] = useState('');
  const [follows, setFollows] = useState(true);
  const box = useRef<HTMLElement>(null);
  const log = useQuery(
    api.servers.logs.queryOptions({ input: { name, limit: 2000 }, placeholderData: keepPreviousData }),
  );
  const lines = log.data?.filter((line) => line.text.toLowerCase().includes(search.toLowerCase()));
  const newest = lines?.at(-1)?.seq;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last line is what moves the view
  useLayoutEffect(() => {
    if (follows) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [follows, newest]);
  if (log.isPending) return <Skeleton label="Loading the log" />;
  if (log.isError) {
    return (
      <ErrorState title="The log cannot be read" error={log.error} onRetry={() => void log.refetch()}>
        Gatehouse did not answer. The server is not affected.
      </ErrorState>
    );
  }
  if (log.data.length === 0) {
    return (
      <EmptyState icon="terminal" title="Nothing written yet">
        What {name} writes to its standard error appears here while it runs.
      </EmptyState>
    );
  }
  return (
    <div className="logtab">
      <div className="row mt-4">
        <SearchField
          label="Find in the log"
          value={search}
          onChange={setSearch}
          keys={['/']}
          isPageFilter
          className="w-[320px]"
        />
        <span className="meta">{search && `${count(lines?.length ?? 0)} of ${count(log.data.length)} lines`}</span>
        <span className="grow" />
        <span className="row g6">
          <Switch size="s" on={follows} label="Follow new lines" onChange={setFollows} />
          Follow
        </span>
      </div>
      <section
        ref={box}
        className="log panel mt-3"
        aria-label={`Log of ${name}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        onScroll={({ currentTarget: it }) => setFollows(it.scrollTop + it.clientHeight >= it.scrollHeight - 4)}
      >
        <LogLines lines={lines ?? []} />
      </section>
    </div>
  );
}
