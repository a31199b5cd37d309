import type { Status } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../lib/client.ts';
import { capitalised, plural, spelled } from '../../lib/format.ts';
import { useWaiting } from '../../shell/waiting.ts';
import { PauseButton } from './pause-button.tsx';
import { focusWaitingPanel } from './waiting-panel.tsx';

function WaitingSentence() {
  const { requests, heldServers, tools, others, texts } = useWaiting();
  const parts = [
    { key: 'requests', total: requests.length, words: spelled(requests.length, 'request') },
    { key: 'servers', total: heldServers.length, words: spelled(heldServers.length, 'server') },
    { key: 'tools', total: tools, words: spelled(tools, 'tool') },
    { key: 'others', total: others, words: spelled(others, 'prompt or resource', 'prompts and resources') },
    { key: 'texts', total: texts, words: spelled(texts, 'text for agents', 'texts for agents') },
  ].filter((part) => part.total > 0);
  if (parts.length === 0) return 'Nothing is waiting for you.';
  const total = parts.reduce((sum, part) => sum + part.total, 0);
  return (
    <>
      {parts.map((part, index) => {
        const text = index === 0 ? capitalised(part.words) : part.words;
        return (
          <span key={part.key}>
            {index > 0 && (index === parts.length - 1 ? ' and ' : ', ')}
            {part.key === 'requests' ? (
              <button type="button" onClick={focusWaitingPanel}>
                {text}
              </button>
            ) : (
              <Link to="/approvals" search={{}}>
                {text}
              </Link>
            )}
          </span>
        );
      })}{' '}
      {total === 1 ? 'is' : 'are'} waiting for you.
    </>
  );
}

/** The first thing seen: open, and does anything wait. */
export function Statement({ status }: { status: Status }) {
  const apps = useQuery(api.apps.list.queryOptions()).data?.filter((app) => app.revokedAt === null) ?? [];
  const isNew = status.servers.total === 0 && apps.length === 0;
  const reach =
    status.servers.total === 0
      ? 'There is no server behind it yet.'
      : `${apps.length === 0 ? 'No AI app is connected. ' : ''}${
          apps.length === 0 ? 'An app could' : `${plural(apps.length, 'AI app')} can`
        } use up to ${plural(status.tools.approved, 'tool')} on ${plural(status.servers.total, 'server')}.`;
  return (
    <div className="state">
      <div>
        <h2>The gate is open. {isNew ? 'Nothing is connected yet.' : <WaitingSentence />}</h2>
        <p className="dim">
          {isNew ? 'Add a server, then connect an AI app. Every tool is held until you approve it.' : reach}
        </p>
      </div>
      <PauseButton />
    </div>
  );
}
