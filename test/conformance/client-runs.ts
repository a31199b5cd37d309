/**
 * Gatehouse as a client: the suite plays servers, `driver.ts` puts each of them behind a running Gatehouse and uses it from
 * there the way the scenario expects.
 */
import { join } from 'node:path';
import { gatehouse, root, temporaryDir } from '../fixtures/gatehouse-process.ts';
import { type Check, complaintsOf, isPassed } from './comparison.ts';
import { driverEnvironment } from './driver-environment.ts';
import { type Revision, requiredScenarios, runClientSuite } from './suite.ts';
import { serveQuietly } from './upstream-fixture.ts';

export interface FailedScenario {
  readonly scenario: string;
  /** Nothing here: the scenario did not run to its checks. */
  readonly complaints: readonly Check[];
}

export interface ClientOutcome {
  readonly passed: readonly string[];
  readonly failed: readonly FailedScenario[];
}

export const clientRunName = (revision: Revision) => `client/${revision}`;

/** Runs a revision's client scenarios. One Gatehouse serves all of them, each as a server of its own. */
export async function runClientScenarios(revision: Revision, folder: string): Promise<ClientOutcome> {
  const required = await requiredScenarios(revision, 'client', folder);
  using home = temporaryDir();
  const ownFolder = join(folder, `client-${revision}`);
  await using gate = await serveQuietly(join(home.path, 'data'), ownFolder);
  const { token } = (await gatehouse(gate.dataDir, 'app', 'token', 'conformance')) as { token: string };
  const command = [
    process.execPath,
    '--import',
    join(root, 'test/fixtures/run-typescript.mjs'),
    join(root, 'test/conformance/driver.ts'),
  ]
    .map((word) => `"${word}"`)
    .join(' ');
  const results = await runClientSuite(command, revision, ownFolder, {
    ...process.env,
    [driverEnvironment.dataDir]: gate.dataDir,
    [driverEnvironment.endpoint]: gate.endpoint,
    [driverEnvironment.token]: token,
  });
  const outcomes = required.map((scenario) => ({ scenario, complaints: complaintsOf(results.get(scenario) ?? []) }));
  // There is no run without Gatehouse to compare with, so a warning counts as much as a failure.
  const isFailed = ({ scenario, complaints }: FailedScenario) =>
    !isPassed(results.get(scenario)) || complaints.length > 0;
  return {
    passed: outcomes.filter((outcome) => !isFailed(outcome)).map(({ scenario }) => scenario),
    failed: outcomes.filter(isFailed),
  };
}
