/** `gatehouse ask …`: calls that wait for the person. Saying no is always open; saying yes widens access. */
import type { Ask, AskScope, RememberedAnswer } from '@shared/contract/index.ts';
import { type AdminOptions, printResult, type WideningOptions, widen, withInstance } from './admin.ts';
import { CliError } from './exit.ts';
import { printFacts, printLine, printNote, printTable, timeOf } from './output.ts';
import { printableBlock } from './printable.ts';

const answeredSchema = async () => (await import('@shared/contract/asks.ts')).answeredSchema;
type Answered = Awaited<ReturnType<Awaited<ReturnType<typeof answeredSchema>>['parseAsync']>>;

const secondsLeft = ({ deadline }: Pick<Ask, 'deadline'>): number =>
  Math.max(0, Math.ceil((deadline - Date.now()) / 1000));

/** The calls that wait, oldest first. */
export async function listAsks(options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    const { waiting } = await client.asks.list();
    printResult(options, waiting, (asks) =>
      printTable<Ask>(
        [
          { heading: 'ID', cell: (ask) => ask.id },
          { heading: 'LEFT', cell: (ask) => `${secondsLeft(ask)} s` },
          { heading: 'APP', cell: (ask) => ask.app.name },
          { heading: 'TOOL', cell: (ask) => ask.offerId },
          { heading: 'EFFECT', cell: (ask) => ask.effect },
          { heading: 'WHY', cell: (ask) => ask.reasons.map(({ text }) => text).join(' ') },
          { heading: 'ARGUMENTS', cell: (ask) => ask.argumentsJson },
        ],
        asks,
        'No call waits for an answer.',
      ),
    );
  });
}

/** One call that waits, with its whole arguments. */
export async function showAsk(id: string, options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    printResult(options, await client.asks.get({ id }), (ask) => {
      printFacts([
        ['Call', ask.id],
        ['App', ask.app.name],
        ['Tool', ask.offerId],
        ['Effect', ask.effect],
        ['Left', `${secondsLeft(ask)} s`],
        ...ask.reasons.map(({ text }) => ['Why', text] as const),
      ]);
      printLine('');
      printLine(printableBlock(ask.argumentsJson));
    });
  });
}

/** Allows a call; from the command line a person has to confirm it, unless `serve --cli-admin`. */
export async function allowAsk(
  ids: readonly string[],
  options: WideningOptions & { readonly scope: AskScope },
): Promise<void> {
  await withInstance(options, async (client) => {
    const input = { ids: [...ids], scope: options.scope };
    const answered = await widen(client, options, () => client.asks.allow(input), answeredSchema);
    printResult(options, answered, (value) => printAnswered(value, 'allowed'));
    failIfGone(answered);
  });
}

export async function denyAsk(
  ids: readonly string[],
  options: AdminOptions & { readonly pause?: boolean },
): Promise<void> {
  await withInstance(options, async (client) => {
    const answered = await client.asks.deny({ ids: [...ids], ...(options.pause && { pause: true }) });
    printResult(options, answered, (value) => printAnswered(value, 'denied'));
    failIfGone(answered);
  });
}

function printAnswered({ answered, gone, remembered }: Answered, word: string): void {
  for (const id of answered) printLine(`${id} ${word}.`);
  for (const { id, outcome } of gone) printNote(`${id} no longer waits${outcome === null ? '' : `: ${outcome}`}.`);
  for (const answer of remembered) printLine(`Remembered as ${answer.id}${untilOf(answer)}.`);
}

/** A script has to see that its answer came too late. */
function failIfGone({ answered, gone }: Answered): void {
  const [first] = gone;
  if (answered.length === 0 && first) {
    throw new CliError(
      'failed',
      `No call ${first.id} waits for an answer${first.outcome === null ? '' : ` (${first.outcome})`}.`,
    );
  }
}

const untilOf = ({ until, scope }: RememberedAnswer): string =>
  until === null
    ? scope === 'session'
      ? ', until its session ends'
      : ', until withdrawn'
    : `, until ${timeOf(until)}`;

/** What is remembered of earlier answers. */
export async function listAnswers(options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    printResult(options, await client.asks.answers(), (answers) =>
      printTable<RememberedAnswer>(
        [
          { heading: 'ID', cell: (answer) => answer.id },
          { heading: 'SCOPE', cell: (answer) => answer.scope },
          { heading: 'APP', cell: (answer) => answer.app.name },
          { heading: 'TOOL', cell: (answer) => answer.offerId },
          { heading: 'UNTIL', cell: (answer) => timeOf(answer.until) },
          { heading: 'ARGUMENTS', cell: (answer) => answer.argumentsJson ?? 'any' },
        ],
        answers,
        'No answer is remembered.',
      ),
    );
  });
}

export async function withdrawAnswer(id: string, options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    printResult(options, await client.asks.withdraw({ id }), () =>
      printLine(`${id} withdrawn. The next call is asked about.`),
    );
  });
}
