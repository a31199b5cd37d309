/** Counts calls per app for the limits: those that began in the last minute and those in flight. */
const SLICES = 60;
const SLICE_MS = 1000;

export interface UsageNow {
  readonly lastMinute: number;
  readonly inFlight: number;
  /** Milliseconds until the last minute holds fewer calls. */
  readonly freesInMs: number;
}

interface AppUsage {
  /** Calls per second of the last minute, a ring by second. */
  readonly slices: Uint32Array;
  /** The newest second in the ring. */
  second: number;
  lastMinute: number;
  inFlight: number;
}

export class Usage {
  readonly #apps = new Map<string, AppUsage>();

  /** The figures of an app at `now` (milliseconds since epoch). Slices are whole seconds, so the count never falls short. */
  read(app: string, now: number): UsageNow {
    const usage = this.#apps.get(app);
    if (!usage) return NOTHING;
    advance(usage, now);
    return { lastMinute: usage.lastMinute, inFlight: usage.inFlight, freesInMs: freesIn(usage, now) };
  }

  /** Counts a call that passed; the function returned ends it and may be called more than once. */
  begin(app: string, now: number): () => void {
    let usage = this.#apps.get(app);
    if (!usage) {
      usage = { slices: new Uint32Array(SLICES + 1), second: secondOf(now), lastMinute: 0, inFlight: 0 };
      this.#apps.set(app, usage);
    }
    const counted = usage;
    advance(counted, now);
    const slot = counted.second % counted.slices.length;
    counted.slices[slot] = (counted.slices[slot] ?? 0) + 1;
    counted.lastMinute += 1;
    counted.inFlight += 1;
    let open = true;
    return () => {
      if (open) counted.inFlight -= 1;
      open = false;
    };
  }
}

const NOTHING: UsageNow = { lastMinute: 0, inFlight: 0, freesInMs: 0 };

const secondOf = (now: number): number => Math.floor(now / SLICE_MS);

function advance(usage: AppUsage, now: number): void {
  const second = secondOf(now);
  // A clock that was set back keeps counting into the newest second.
  const steps = Math.min(second - usage.second, usage.slices.length);
  for (let step = 1; step <= steps; step++) {
    const slot = (usage.second + step) % usage.slices.length;
    usage.lastMinute -= usage.slices[slot] ?? 0;
    usage.slices[slot] = 0;
  }
  if (steps > 0) usage.second = second;
}

function freesIn(usage: AppUsage, now: number): number {
  for (let age = SLICES; age >= 0; age--) {
    const second = usage.second - age;
    if ((usage.slices[(second + usage.slices.length) % usage.slices.length] ?? 0) > 0) {
      return Math.max((second + SLICES + 1) * SLICE_MS - now, 0);
    }
  }
  return 0;
}
