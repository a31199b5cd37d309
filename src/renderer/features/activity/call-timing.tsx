import type { CallDetail } from '@shared/contract/index.ts';
import { duration } from '../../lib/format.ts';

interface Span {
  label: string;
  ms: number;
  tone: 'g' | 'y' | 's';
}

/** Waterfall of one call: deciding, starting the server, in the server. */
export function CallTiming({ call }: { call: CallDetail }) {
  if (!call.timing) return null;
  const { decideMs, startMs, serverMs } = call.timing;
  const all: Span[] = [
    { label: 'Gate', ms: decideMs, tone: 'g' },
    { label: 'Server start', ms: startMs, tone: 'y' },
    { label: call.server ?? 'Gatehouse', ms: serverMs, tone: 's' },
  ];
  const spans = all.filter((span) => span.ms > 0);
  const whole = spans.reduce((sum, span) => sum + span.ms, 0);
  let from = 0;
  return (
    <section>
      <h3>
        Time <span className="meta">{duration(call.durationMs ?? whole)} in all</span>
      </h3>
      {spans.map((span) => {
        const left = (from / whole) * 100;
        from += span.ms;
        return (
          <div className="wf" key={span.label}>
            <span className="cut">{span.label}</span>
            <span className="wt">
              <i
                className={span.tone}
                style={{ left: `${Math.min(99, left)}%`, width: `${(span.ms / whole) * 100}%` }}
              />
            </span>
            <span className="num tr">{duration(span.ms)}</span>
          </div>
        );
      })}
    </section>
  );
}
