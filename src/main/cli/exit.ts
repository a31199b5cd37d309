/** How a command ends. The numbers are stable: scripts rely on them (docs/cli.md). */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  not_running: 3,
  refused: 4,
  waiting: 5,
} as const;
export type Ending = keyof typeof exitCodes;

/** Ends the command with one sentence for the person and an exit code for the script. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly ending: Exclude<Ending, 'ok'>;
  /** Further facts for `--json`, such as the id of the confirmation that is waited for. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(ending: CliError['ending'], message: string, facts: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.ending = ending;
    this.facts = facts;
  }
}
