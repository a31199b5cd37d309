/** Questions and answers as the fronts see them. Pure. */
import type { Ask, RememberedAnswer, SettledAsk } from '@shared/contract/index.ts';
import type { KeptAnswer } from './answer-rows.ts';
import type { Settled, Waiting } from './ask-queue.ts';
import type { WaitingCall } from './waiting-call.ts';

/** Characters of the arguments that go with every list; the whole is read one by one. */
const SHOWN_ARGUMENTS = 16 * 1024;

function askedOf({ callId, app, offer, effect }: WaitingCall, at: number) {
  const { id: offerId, kind, name, server } = offer;
  return { id: callId, at, app: { id: app.id, name: app.name }, server, offerId, name, kind, effect };
}

/** @param whole the arguments in full, however long */
export function askOf({ call, at, deadline, group }: Waiting, before: Ask['before'], whole: boolean): Ask {
  const { argumentsJson, client, reasons, session } = call;
  const isCut = !whole && argumentsJson.length > SHOWN_ARGUMENTS;
  return {
    ...askedOf(call, at),
    deadline,
    group,
    reasons: [...reasons],
    argumentsJson: isCut ? argumentsJson.slice(0, SHOWN_ARGUMENTS).toWellFormed() : argumentsJson,
    argumentsTruncated: isCut,
    client,
    session: session && { since: session.since, calls: session.calls },
    before,
  };
}

export function settledAskOf({ call, at, end, settledAt }: Settled): SettledAsk {
  return { ...askedOf(call, at), outcome: end.outcome, settledAt, by: end.by, waitedMs: settledAt - at };
}

export function rememberedAnswerOf(answer: KeptAnswer): RememberedAnswer {
  const { id, scope, at, by, app, offerId, effect, reasons, argumentsJson, until } = answer;
  return { id, scope, at, by, app, offerId, effect, reasons: reasons.map(({ text }) => text), argumentsJson, until };
}
