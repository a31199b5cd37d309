/** What the person reads before the command line may answer a question for them. */
import { createHash } from 'node:crypto';
import { ORPCError } from '@orpc/server';
import type { Ask, AskScope } from '@shared/contract/index.ts';
import type { Asking } from '../asking/index.ts';
import type { Fact } from './launch-facts.ts';

/** Characters of arguments that are shown; the fingerprint covers them all. */
const SHOWN_ARGUMENTS = 4_000;

const SCOPES: Readonly<Record<AskScope, string>> = {
  once: 'This call only',
  session: 'This tool, for the rest of the session',
  '15m': 'This tool, for 15 minutes',
  always: 'This tool with exactly these arguments, until you withdraw it',
};

/** One sentence and the exact facts. Throws NOT_FOUND when one of the calls does not wait (any more). */
export function allowFacts(asking: Pick<Asking, 'get'>, ids: readonly string[], scope: AskScope) {
  const asks = ids.map((id) => waitingAsk(asking, id));
  const [first] = asks;
  const what =
    asks.length === 1 && first ? `${first.app.name}'s call of ${first.server} › ${first.name}` : `${asks.length} calls`;
  return {
    summary: `The command line wants to allow ${what}.`,
    facts: [{ label: 'Allows', value: SCOPES[scope] }, ...asks.flatMap(callFacts)],
  };
}

function waitingAsk(asking: Pick<Asking, 'get'>, id: string): Ask {
  const ask = asking.get(id);
  if (!ask)
    throw new ORPCError('NOT_FOUND', { message: `No call ${id} waits for an answer. "gatehouse ask list" shows all.` });
  return ask;
}

function callFacts({ id, app, server, name, effect, argumentsJson, reasons }: Ask): Fact[] {
  const digest = createHash('sha256').update(argumentsJson).digest('hex');
  return [
    { label: 'Call', value: `${id}: ${app.name}, ${server} › ${name}, ${effect}` },
    { label: 'Why you are asked', value: reasons.map(({ text }) => text).join(' ') },
    { label: 'Arguments', value: argumentsJson.slice(0, SHOWN_ARGUMENTS) },
    ...(argumentsJson.length > SHOWN_ARGUMENTS
      ? [{ label: 'And', value: `${argumentsJson.length - SHOWN_ARGUMENTS} more characters; fingerprint ${digest}` }]
      : []),
  ];
}
