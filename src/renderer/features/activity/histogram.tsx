import type { CallFilter } from '@shared/contract/index.ts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api } from '../../lib/client.ts';
import { count, dayOf, timeOf } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { chartWindow } from './time-range.ts';

const width = 1016;
const height = 34;
const buckets = 120;
const day = 86_400_000;

/** Calls over time under the current filter; refused in brick on top. */
export function Histogram({ filter }: { filter: CallFilter }) {
  const { since, until } = chartWindow(filter.since, useNow(10_000));
  const bars =
    useQuery({
      ...api.calls.histogram.queryOptions({ input: { ...filter, since, until, buckets } }),
      placeholderData: keepPreviousData,
    }).data ?? [];
  const most = Math.max(4, ...bars.map((bar) => bar.passed + bar.asked + bar.refused));
  const step = width / buckets;
  const tall = (calls: number) => (calls === 0 ? 0 : Math.max(1.5, (calls / most) * (height - 3)));
  const total = bars.reduce((sum, bar) => sum + bar.passed + bar.asked + bar.refused, 0);
  const refused = bars.reduce((sum, bar) => sum + bar.refused, 0);
  const label = (at: number) => (until - since > 2 * day ? dayOf(at) : timeOf(at));
  return (
    <div className="ovw">
      <svg
        className="ov"
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${count(total)} calls since ${label(since)}, ${count(refused)} of them refused`}
      >
        {bars.map((bar, index) => {
          const passed = tall(bar.passed + bar.asked);
          const no = bar.refused === 0 ? 0 : Math.max(3, tall(bar.refused));
          const x = index * step;
          return (
            <g key={bar.at}>
              {passed > 0 && <rect className="pass" x={x} y={height - passed} width={step - 1.6} height={passed} />}
              {no > 0 && (
                <rect
                  className="ref"
                  x={x}
                  y={Math.max(0, height - passed - no - 0.6)}
                  width={step - 1.6}
                  height={no}
                />
              )}
            </g>
          );
        })}
      </svg>
      <div className="hour-x meta num" aria-hidden="true">
        {[0, 0.25, 0.5, 0.75].map((part) => (
          <span key={part}>{label(since + part * (until - since))}</span>
        ))}
        <span>now</span>
      </div>
    </div>
  );
}
