import type { Status } from '@shared/contract/index.ts';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { count } from '../../lib/format.ts';
import { CallList } from './call-list.tsx';
import { HourChart } from './hour-chart.tsx';
import { useHour } from './use-hour.ts';
import { useLatestCalls } from './use-latest-calls.ts';

function Legend({ tone, calls, word }: { tone: string; calls: number; word: string }) {
  return (
    <span className="lgd meta">
      <i className={tone} />
      {count(calls)} {word}
    </span>
  );
}

export function HappeningNow({ status }: { status: Status }) {
  const hour = useHour();
  const calls = useLatestCalls('all').slice(0, 4);
  if (calls.length === 0) {
    return (
      <section className="panel">
        <EmptyState icon="activity" title="No calls yet">
          Ask an AI app to use a tool. The call appears here within a second.
          {status.endpoint && (
            <span className="row g12 mt-2 justify-center">
              <span className="live" />
              Listening on 127.0.0.1:{status.port}
            </span>
          )}
        </EmptyState>
      </section>
    );
  }
  return (
    <section className="panel" aria-label="Happening now">
      <div className="panel-h">
        <span className="live" />
        <h2>Happening now</h2>
        <span className="grow" />
        <Legend tone="k-pass" calls={hour.passed} word="passed" />
        {hour.asked > 0 && <Legend tone="k-held" calls={hour.asked} word="asked" />}
        <Legend tone="k-ref" calls={hour.refused} word="refused" />
      </div>
      <HourChart
        buckets={hour.buckets}
        sentence={`Calls per minute over the last hour: ${hour.passed} passed, ${hour.asked} asked, ${hour.refused} refused`}
      />
      <CallList calls={calls} />
    </section>
  );
}
