/** The consent text: exactly what would run, before anything runs. */
import { createInterface } from 'node:readline/promises';
import type { LaunchPlan } from '@shared/contract/index.ts';
import { CliError } from './exit.ts';
import { factLines, printNote } from './output.ts';
import { printable } from './printable.ts';

/** The consent sheet as lines of plain text; the command line is exact and never cut. */
export function consentLines(plan: LaunchPlan): string[] {
  const { launch } = plan;
  const runs = launch.kind === 'stdio';
  const facts: [string, string][] = runs
    ? [
        ['Command', plan.commandLine],
        ['Program', plan.resolvedCommand ?? `${launch.command ?? ''} (not found on PATH)`],
        ['Folder', launch.cwd ?? '–'],
        ['Environment', launch.envNames.join(', ') || 'nothing added'],
      ]
    : [
        ['Address', launch.url ?? ''],
        ['Headers', launch.headerNames.join(', ') || 'none'],
      ];
  if (launch.secretNames.length > 0) facts.push(['Secrets', launch.secretNames.join(', ')]);
  return [
    runs
      ? `The server ${plan.name} is a program that would run on this computer:`
      : `The server ${plan.name} would be reached at:`,
    ...factLines(facts).map((line) => `  ${line}`),
    ...(plan.isolation === 'none'
      ? ['It is not sandboxed: it runs with your own rights, and can read and change whatever you can.']
      : []),
    ...(plan.replaces ? [`It replaces the server ${plan.name} that is there now.`] : []),
    ...plan.warnings.map((warning) => `Careful: ${printable(warning)}`),
  ];
}

/**
 * Shows what would run on stderr. On a terminal a person answers y or n, unless they said `--yes`; without a terminal
 * it goes on, because what counts is the confirmation in the window (or `serve --cli-admin`).
 */
export async function askConsent(plan: LaunchPlan, options: { readonly yes?: boolean }): Promise<void> {
  for (const line of consentLines(plan)) printNote(line);
  if (options.yes || !process.stdin.isTTY || !process.stderr.isTTY) return;
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await reader.question('Add it? [y/N] ');
    if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('refused', 'Nothing was added.');
  } finally {
    reader.close();
  }
}
