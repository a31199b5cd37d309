/** What a run through Gatehouse lost against a run without it, check by check. Pure. */

export interface Check {
  readonly id: string;
  readonly name: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly errorMessage?: string | undefined;
}

/** The checks of each scenario that ran. */
export type ScenarioChecks = ReadonlyMap<string, readonly Check[]>;

/** One check that holds without Gatehouse and not through it. */
export interface Loss {
  readonly scenario: string;
  readonly check: string;
  /** What the check said through Gatehouse; `missing` when it was never made. */
  readonly became: Check['status'] | 'missing';
  readonly message?: string | undefined;
}

/**
 * Checks that may be lost, as `scenario:check`, each with its reason.
 *
 * The suite looks whether a server closes a stream in the middle of a call and lets the client resume it. Gatehouse
 * resumes such a stream at the server itself and keeps the app's stream open, so there is nothing left to resume.
 */
const allowed: ReadonlySet<string> = new Set(['server-sse-polling:server-sse-disconnect-resume']);

/** From best to worst, for a check that is made more than once. */
const severity = ['SUCCESS', 'INFO', 'SKIPPED', 'WARNING', 'FAILURE'] as const satisfies readonly Check['status'][];

/** The worst of all checks with the same id and name: they differ only in what they were made on. */
function worstByCheck(checks: readonly Check[]): Map<string, Check> {
  const worst = new Map<string, Check>();
  for (const check of checks) {
    const key = `${check.id} ${check.name}`;
    const before = worst.get(key);
    if (!before || severity.indexOf(check.status) > severity.indexOf(before.status)) worst.set(key, check);
  }
  return worst;
}

/** Every check that is a success in `direct` and anything else in `through`, except what is allowed to be lost. */
export function lossesOf(direct: ScenarioChecks, through: ScenarioChecks): Loss[] {
  const losses: Loss[] = [];
  for (const [scenario, checks] of direct) {
    const found = worstByCheck(through.get(scenario) ?? []);
    for (const [key, check] of worstByCheck(checks)) {
      const now = found.get(key);
      if (check.status !== 'SUCCESS' || now?.status === 'SUCCESS' || allowed.has(`${scenario}:${check.id}`)) continue;
      losses.push({ scenario, check: check.id, became: now?.status ?? 'missing', message: now?.errorMessage });
    }
  }
  return losses;
}

/** Whether a scenario ran and no check of it failed: the suite's own rule for what a revision requires. */
export function isPassed(checks: readonly Check[] | undefined): boolean {
  return checks !== undefined && checks.length > 0 && checks.every(({ status }) => status !== 'FAILURE');
}

/** The checks that say something is wrong, in words of MUST (failures) or SHOULD (warnings). */
export function complaintsOf(checks: readonly Check[]): Check[] {
  return checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
}

/** Successful checks in all scenarios. */
export function successes(results: ScenarioChecks): number {
  return [...results.values()].flat().filter(({ status }) => status === 'SUCCESS').length;
}
