/** `gatehouse policy …`: what the profiles and rules are, and what they would do. */
import type { Explanation, PolicyView, Sight } from '@shared/contract/index.ts';
import { assertNever } from '@shared/words.ts';
import { type AdminOptions, printResult, withInstance } from './admin.ts';
import { CliError } from './exit.ts';
import { printFacts, printLine, printTable } from './output.ts';
import { printable } from './printable.ts';

export async function showPolicy(options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => printResult(options, await client.policy.get(), printPolicy));
}

function printPolicy({ file, held, problem, profiles, rules }: PolicyView): void {
  printLine(file);
  if (problem) printLine(`Not valid, line ${problem.line}, column ${problem.column}: ${printable(problem.message)}`);
  for (const sentence of held) printLine(`Waits for you: ${printable(sentence)}`);
  printTable(
    [
      { heading: 'PROFILE', cell: ({ name }) => name },
      { heading: 'SURFACE', cell: ({ surface }) => surface },
      {
        heading: 'SEES',
        cell: ({ sees }) => `${sees.read} read, ${sees.write} write, ${sees.destructive} destructive`,
      },
      { heading: 'ASKS', cell: ({ sees }) => `${sees.asked}` },
      { heading: 'APPS', cell: ({ apps }) => apps.map(({ name }) => name).join(', ') },
    ],
    profiles,
    'No profile is in force.',
  );
  printLine('');
  printTable(
    [
      { heading: 'RULE', cell: ({ place }) => `${place}` },
      { heading: 'DOES', cell: ({ rule }) => rule.verb },
      { heading: '', cell: ({ rule }) => (rule.off === true ? 'off' : '') },
      { heading: 'WHAT', cell: ({ text }) => text },
    ],
    rules,
    'No rules.',
  );
}

export async function explain(
  app: string,
  tool: string,
  options: AdminOptions & { readonly args?: string },
): Promise<void> {
  const args = argumentsFrom(options.args);
  await withInstance(options, async (client) => {
    printResult(options, await client.policy.explain({ app, tool, arguments: args }), printExplanation);
  });
}

function argumentsFrom(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below in one sentence for both.
  }
  throw new CliError('usage', `--args needs a JSON object, such as '{"path": "/tmp/a"}'.`);
}

function printExplanation(found: Explanation): void {
  printLine(verdictText(found));
  for (const { stage, verdict, note } of found.trail)
    printLine(`  ${stage.padEnd(10)} ${verdict.padEnd(6)} ${printable(note)}`);
}

function verdictText({ verdict, code, message }: Explanation): string {
  switch (verdict) {
    case 'pass':
      return 'It would go through.';
    case 'ask':
      return `You would be asked. ${printable(message ?? '')}`;
    case 'refuse':
      return `It would be refused (${code}). ${printable(message ?? '')}`;
    default:
      return assertNever(verdict);
  }
}

export async function sees(app: string, options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => printResult(options, await client.policy.sees({ app }), printSight));
}

function printSight({ profile, surface, approved, menuChars, fullChars, servers }: Sight): void {
  const tools = servers.flatMap((server) => server.tools);
  printFacts([
    ['Profile', profile],
    ['Surface', surface],
    [
      'Tools',
      `${tools.length} of ${approved} approved; ${tools.filter(({ answer }) => answer === 'ask').length} ask you first`,
    ],
    ['Menu', `about ${tokensOf(menuChars)} tokens; all tools listed in full would be about ${tokensOf(fullChars)}`],
  ]);
  for (const { server, tools: own, prompts, resources } of servers) {
    printLine('');
    printLine(`${server}: ${own.length} tools, ${prompts} prompts, ${resources} resources`);
    for (const { id, effect, answer } of own) printLine(`  ${answer.padEnd(5)} ${effect.padEnd(11)} ${printable(id)}`);
  }
}

/** A rough count: four characters a token, as English and JSON come out at with today's tokenizers. */
const tokensOf = (chars: number): number => Math.round(chars / 4);
