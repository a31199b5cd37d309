import { timeOf } from '../../lib/format.ts';

interface Bucket {
  at: number;
  passed: number;
  asked: number;
  refused: number;
}

const width = 660;
const height = 54;

function Bar({ bucket, index, most, step }: { bucket: Bucket; index: number; most: number; step: number }) {
  let y = height;
  const segment = (calls: number, tone: string) => {
    if (calls === 0) return null;
    const high = (calls / most) * height;
    y -= high;
    return (
      <rect key={tone} className={tone} x={index * step + 1} y={y} width={step - 2} height={Math.max(1, high - 0.8)} />
    );
  };
  return [segment(bucket.passed, 'pass'), segment(bucket.asked, 'held'), segment(bucket.refused, 'ref')];
}

/** Calls per minute; passed grey, asked brass and refused brick on top of the bar. Zero-based, now at the right edge. */
export function HourChart({ buckets, sentence }: { buckets: readonly Bucket[]; sentence: string }) {
  // A quiet hour keeps low bars: at least eight calls fill the height.
  const most = Math.max(8, ...buckets.map((bucket) => bucket.passed + bucket.asked + bucket.refused));
  const step = width / Math.max(1, buckets.length);
  const marks = [0, 0.25, 0.5, 0.75].map((part) => buckets[Math.floor(part * buckets.length)]?.at);
  return (
    <div className="hourw">
      <svg
        className="hour"
        viewBox={`0 0 ${width} ${height + 14}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={sentence}
      >
        {buckets.map((bucket, index) => (
          <Bar key={bucket.at} bucket={bucket} index={index} most={most} step={step} />
        ))}
        <path className="ax" d={`M0 ${height + 0.5}H${width}`} />
      </svg>
      <div className="hour-x meta num" aria-hidden="true">
        {marks.map((at, index) => (at === undefined ? null : <span key={at || index}>{timeOf(at)}</span>))}
        <span>now</span>
      </div>
    </div>
  );
}
