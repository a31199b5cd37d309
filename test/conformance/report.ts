/** The outcome of all runs as text. Pure. */
import type { ClientOutcome } from './client-runs.ts';
import type { Loss } from './comparison.ts';
import type { ServerOutcome } from './server-runs.ts';

/** Losses of one scenario named one by one; a scenario that is gone altogether takes one line. */
const namedPerScenario = 6;

/** Columns as wide as their widest cell. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

function renderLosses(losses: readonly Loss[]): string[] {
  return [...Map.groupBy(losses, ({ scenario }) => scenario)].flatMap(([scenario, lost]) => {
    const lines = lost
      .slice(0, namedPerScenario)
      .map(({ check, became, message }) => `    ${scenario}:${check} → ${became}${message ? `: ${message}` : ''}`);
    const more = lost.length - namedPerScenario;
    return more > 0 ? [...lines, `    ${scenario}: and ${more} more`] : lines;
  });
}

export interface Named<Outcome> {
  readonly name: string;
  readonly seconds: number;
  readonly outcome: Outcome;
}

export function renderServerRuns(runs: readonly Named<ServerOutcome>[]): string {
  const rows = runs.map(({ name, seconds, outcome }) => [
    name,
    `${outcome.passedDirect}/${outcome.required}`,
    `${outcome.passedThrough}/${outcome.required}`,
    String(outcome.checksDirect),
    String(outcome.checksThrough),
    String(outcome.losses.length),
    seconds.toFixed(1),
    outcome.problems.length === 0 ? 'ok' : 'FAILED',
  ]);
  const head = ['run', 'direct', 'through', 'checks direct', 'checks through', 'lost', 's', ''];
  const details = runs.flatMap(({ name, outcome }) => [
    ...outcome.problems.map((problem) => `  ${name}: ${problem}`),
    ...renderLosses(outcome.losses),
    ...(outcome.problems.length > 0 && outcome.failing.length > 0
      ? [`    not passing through Gatehouse: ${outcome.failing.join(', ')}`]
      : []),
  ]);
  return [renderTable(head, rows), ...details].join('\n');
}

export function renderClientRuns(runs: readonly Named<ClientOutcome>[]): string {
  const rows = runs.map(({ name, seconds, outcome }) => [
    name,
    `${outcome.passed.length}/${outcome.passed.length + outcome.failed.length}`,
    seconds.toFixed(1),
    outcome.failed.length === 0 ? 'ok' : 'FAILED',
  ]);
  const head = ['run', 'passed', 's', ''];
  const details = runs.flatMap(({ name, outcome }) =>
    outcome.failed.flatMap(({ scenario, complaints }) => [
      `  ${name}: ${scenario} fails`,
      ...complaints.map(
        ({ id, status, errorMessage }) => `    ${scenario}:${id} → ${status}${errorMessage ? `: ${errorMessage}` : ''}`,
      ),
    ]),
  );
  return [renderTable(head, rows), ...details].join('\n');
}
