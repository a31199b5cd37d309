import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CallNameLine } from '../../components/ui/call-name.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { refusalSentence } from '../../lib/call-decision.ts';
import { kindOfCall } from '../../lib/call-words.ts';
import { api } from '../../lib/client.ts';
import { timeOf } from '../../lib/format.ts';
import { startOfToday } from './time-window.ts';
import { useLatestCalls } from './use-latest-calls.ts';

export function RefusedLately() {
  const since = startOfToday();
  const calls = useLatestCalls('refused', since).slice(0, 3);
  const today = useQuery(api.calls.counts.queryOptions({ input: { since } })).data?.refused;
  if (calls.length === 0) return null;
  return (
    <Panel title="Refused lately" aside={today !== undefined && <span className="meta">{today} today</span>}>
      <ul className="refl">
        {calls.map((call) => (
          <li key={call.id}>
            <span className="num meta">{timeOf(call.at)}</span>
            <div className="grow">
              <Link className="mono" to="/activity" search={{ call: call.id, kind: 'refused' }}>
                <CallNameLine call={call} />
              </Link>
              <small>
                {call.app ?? 'Unknown app'}. {refusalSentence(call.code, kindOfCall(call))}
              </small>
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
