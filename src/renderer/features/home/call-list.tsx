import type { CallSummary } from '@shared/contract/index.ts';
import { Link } from '@tanstack/react-router';
import { CallEffect, CallNameLine } from '../../components/ui/call-name.tsx';
import { Monogram } from '../../components/ui/tile.tsx';
import { decisionOf } from '../../lib/call-decision.ts';
import { classNames } from '../../lib/class-names.ts';
import { duration, timeWithSeconds } from '../../lib/format.ts';

/** A few calls, newest first; the whole log is in Activity. */
export function CallList({ calls }: { calls: readonly CallSummary[] }) {
  return (
    <ul className="calls" aria-live="off">
      {calls.map((call) => {
        const decision = decisionOf(call);
        return (
          <li key={call.id}>
            <span className="num dimmer">{timeWithSeconds(call.at)}</span>
            <Monogram name={call.app ?? '?'} />
            <span className="cut">{call.app ?? 'Unknown app'}</span>
            <Link className="cut mono" to="/activity" search={{ call: call.id }}>
              <CallNameLine call={call} />
            </Link>
            <CallEffect call={call} />
            <span title={decision.word} className={classNames('tr cut', decision.tone && `c-${decision.tone} m`)}>
              {decision.word}
            </span>
            <span className="num tr dimmer">{call.durationMs === null ? '' : duration(call.durationMs)}</span>
          </li>
        );
      })}
    </ul>
  );
}
