/** Gatehouse as a server: which servers stand behind it, which revision asks, and what must not be lost. */
import { join } from 'node:path';
import { isPassed, type Loss, lossesOf, type ScenarioChecks, successes } from './comparison.ts';
import { type Revision, requiredScenarios, runServerSuite } from './suite.ts';
import { type Era, startBehindGatehouse, startFixture } from './upstream-fixture.ts';

/** One revision's scenarios against one kind of server behind Gatehouse. */
export interface ServerCase {
  readonly revision: Revision;
  readonly transport: 'http' | 'stdio';
  readonly era: Era;
  /**
   * Required scenarios that must pass where the server itself does not speak the revision, so that a direct run has
   * nothing to compare with. The others need what the other era has no words for.
   */
  readonly bridgedAtLeast?: number;
}

export const serverCases: readonly ServerCase[] = [
  { transport: 'http', era: 'modern', revision: '2026-07-28' },
  { transport: 'http', era: 'modern', revision: '2025-11-25', bridgedAtLeast: 30 },
  { transport: 'http', era: 'legacy', revision: '2025-11-25' },
  { transport: 'http', era: 'legacy', revision: '2026-07-28', bridgedAtLeast: 35 },
  { transport: 'stdio', era: 'both', revision: '2025-11-25' },
  { transport: 'stdio', era: 'both', revision: '2026-07-28' },
  { transport: 'stdio', era: 'legacy', revision: '2025-11-25' },
  { transport: 'stdio', era: 'legacy', revision: '2026-07-28', bridgedAtLeast: 26 },
];

export const nameOf = ({ revision, transport, era }: ServerCase) => `server/${revision}/${transport}-${era}`;

export interface ServerOutcome {
  readonly required: number;
  readonly passedDirect: number;
  readonly passedThrough: number;
  readonly checksDirect: number;
  readonly checksThrough: number;
  readonly losses: readonly Loss[];
  /** Required scenarios that do not pass through Gatehouse. */
  readonly failing: readonly string[];
  /** What is wrong with this case, for a person; nothing when it holds. */
  readonly problems: readonly string[];
}

/** Runs the cases' suites. A direct run is made once for each era and revision. */
export class ServerRuns {
  readonly #folder: string;
  readonly #direct = new Map<string, Promise<ScenarioChecks>>();
  readonly #required = new Map<Revision, Promise<string[]>>();

  /** @param folder where the suite's own files go */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async run(wanted: ServerCase): Promise<ServerOutcome> {
    const { revision, transport, era, bridgedAtLeast } = wanted;
    const required = await this.#requiredBy(revision);
    const direct = await this.#runDirect(era, revision);
    const through = await this.#runThrough(transport, era, revision);
    const losses = lossesOf(direct, through);
    const passes = (results: ScenarioChecks) => required.filter((scenario) => isPassed(results.get(scenario)));
    const passedDirect = passes(direct);
    const passedThrough = passes(through);
    const problems: string[] = [];
    if (bridgedAtLeast === undefined && passedDirect.length < required.length) {
      problems.push(`the fixture itself passes only ${passedDirect.length} of ${required.length} without Gatehouse`);
    }
    if (bridgedAtLeast !== undefined && passedThrough.length < bridgedAtLeast) {
      problems.push(`${passedThrough.length} bridged scenarios pass, at least ${bridgedAtLeast} must`);
    }
    if (losses.length > 0) problems.push(`${losses.length} checks are lost`);
    const lost = passedDirect.filter((scenario) => !passedThrough.includes(scenario));
    if (lost.length > 0) problems.push(`required scenarios that pass directly fail: ${lost.join(', ')}`);
    return {
      required: required.length,
      passedDirect: passedDirect.length,
      passedThrough: passedThrough.length,
      checksDirect: successes(direct),
      checksThrough: successes(through),
      losses,
      failing: required.filter((scenario) => !passedThrough.includes(scenario)),
      problems,
    };
  }

  #requiredBy(revision: Revision): Promise<string[]> {
    const known = this.#required.get(revision);
    if (known) return known;
    const asked = requiredScenarios(revision, 'server', this.#folder);
    this.#required.set(revision, asked);
    return asked;
  }

  /** A server over stdio has no direct run: the same server over HTTP stands for it. */
  #runDirect(era: Era, revision: Revision): Promise<ScenarioChecks> {
    const key = `direct-${revision}-${era}`;
    const known = this.#direct.get(key);
    if (known) return known;
    const running = (async () => {
      await using fixture = await startFixture(era);
      return await runServerSuite(fixture.url, revision, join(this.#folder, key));
    })();
    this.#direct.set(key, running);
    return running;
  }

  async #runThrough(transport: 'http' | 'stdio', era: Era, revision: Revision): Promise<ScenarioChecks> {
    const folder = join(this.#folder, `through-${revision}-${transport}-${era}`);
    await using gate = await startBehindGatehouse(transport, era, folder);
    return await runServerSuite(gate.url, revision, folder);
  }
}
