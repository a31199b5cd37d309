import { createHash } from 'node:crypto';
import type { LaunchIdentity } from '@shared/contract/index.ts';
import type { Era } from '@shared/words.ts';
import { z } from 'zod';
import type { KeptState } from '../storage/index.ts';

const KEPT_NAME = 'legacy servers';
/** How long a finding counts, in milliseconds. Without an end a server that learned the new protocol would never be asked. */
const VERDICT_MS = 24 * 3_600_000;
/** A server that was silent on the probe is only suspected. */
const SUSPICION_MS = 10 * 60_000;
const MAX_VERDICTS = 500;

const verdictsSchema = z.record(z.string(), z.object({ version: z.string().nullable(), until: z.number() }));
type Verdict = z.infer<typeof verdictsSchema>[string];

/** What one start of a server showed. */
export interface EraFinding {
  readonly era: Era;
  /** `serverInfo.version`; empty when it gives none. */
  readonly version: string;
  /** False when an earlier verdict had spared it the probe, so that this start proves nothing new. */
  readonly wasProbed: boolean;
}

/**
 * Which launches spoke only the legacy protocol a short while ago, so that they start without the probe of the modern one
 * (specification 2026-07-28, versioning: a client caches the verdict). Only `legacy` is remembered: a modern server's probe
 * is its handshake, so that remembering it saves nothing, and believing it would take the way back from a server that was
 * downgraded. Survives restarts of Gatehouse, and counts for one launch and one version of the server.
 */
export class EraVerdicts {
  readonly #kept: KeptState | undefined;
  readonly #now: () => number;
  readonly #warn: (facts: object, message: string) => void;
  readonly #verdicts: Map<string, Verdict>;

  constructor(options: {
    readonly kept: KeptState | undefined;
    readonly now: () => number;
    readonly warn: (facts: object, message: string) => void;
  }) {
    this.#kept = options.kept;
    this.#now = options.now;
    this.#warn = options.warn;
    const found = options.kept?.read(KEPT_NAME);
    const verdicts = found?.kind === 'kept' ? verdictsSchema.safeParse(found.value) : undefined;
    // What cannot be read costs a probe, no more.
    this.#verdicts = new Map(verdicts?.success ? Object.entries(verdicts.data).slice(0, MAX_VERDICTS) : []);
  }

  /** `legacy` when this launch needs no probe; undefined when it has to be probed. */
  known(launch: string): 'legacy' | undefined {
    const verdict = this.#verdicts.get(launch);
    if (!verdict) return undefined;
    const left = verdict.until - this.#now();
    // More time left than a verdict ever gets means that the clock was set back.
    return left > 0 && left <= VERDICT_MS ? 'legacy' : undefined;
  }

  found(launch: string, { era, version, wasProbed }: EraFinding): void {
    const verdict = this.#verdicts.get(launch);
    // A suspicion that the start bore out is a finding.
    const isProven = wasProbed || verdict?.version === null;
    if (era === 'legacy' && isProven) this.#put(launch, { version, until: this.#now() + VERDICT_MS });
    // Another version of the server may speak another era; the next start asks it.
    else if (era === 'modern' || verdict?.version !== version) this.#forget(launch);
  }

  /** The server did not answer at all: the next start tries the other way. */
  wasSilent(launch: string): void {
    if (this.#verdicts.has(launch)) this.#forget(launch);
    else this.#put(launch, { version: null, until: this.#now() + SUSPICION_MS });
  }

  #put(launch: string, verdict: Verdict): void {
    this.#verdicts.delete(launch);
    this.#verdicts.set(launch, verdict);
    for (const oldest of this.#verdicts.keys()) {
      if (this.#verdicts.size <= MAX_VERDICTS) break;
      this.#verdicts.delete(oldest);
    }
    this.#save();
  }

  #forget(launch: string): void {
    if (this.#verdicts.delete(launch)) this.#save();
  }

  #save(): void {
    try {
      this.#kept?.write(KEPT_NAME, Object.fromEntries(this.#verdicts));
    } catch (error) {
      this.#warn({ error }, 'Which servers speak the older protocol could not be kept; they are probed again');
    }
  }
}

/** The name of a launch in the verdicts: a digest, because arguments may be nobody else's business. */
export function verdictKeyOf(launch: LaunchIdentity): string {
  return createHash('sha256').update(JSON.stringify(launch)).digest('hex');
}
