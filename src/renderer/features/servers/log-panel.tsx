import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { IconButton } from '../../components/ui/button.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { api } from '../../lib/client.ts';
import { LogLines } from './log-lines.tsx';

const shownLines = 12;

/** The last lines, newest at the bottom. */
export function LogPanel({ name, isLive, onOpen }: { name: string; isLive: boolean; onOpen: () => void }) {
  const log = useQuery(
    api.servers.logs.queryOptions({ input: { name, limit: 200 }, placeholderData: keepPreviousData }),
  );
  const lines = log.data?.slice(-shownLines) ?? [];
  return (
    <Panel
      title={<>Log {isLive && <span className="live ml-2" />}</>}
      aside={<IconButton icon="external" label="Open the whole log" tone="ghost" size="sm" onClick={onOpen} />}
      className="grow"
    >
      <div className="log">
        {lines.length > 0 ? (
          <LogLines lines={lines} />
        ) : (
          <span className="h">{log.isError ? 'The log cannot be read.' : 'Nothing written yet.'}</span>
        )}
      </div>
    </Panel>
  );
}
