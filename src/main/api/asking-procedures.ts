import { ORPCError } from '@orpc/server';
import { AskingError } from '../asking/index.ts';
import type { ContractImplementer } from './base.ts';
import type { Services } from './services.ts';

/** Questions before risky calls: what waits, the answers, and what is remembered of them. */
export function askingProcedures(base: ContractImplementer, { asking, gate }: Services) {
  /** The error of the room as one of the contract. */
  const said = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof AskingError)) throw error;
      throw new ORPCError(error.code === 'unknown' ? 'NOT_FOUND' : 'INVALID', { message: error.message });
    }
  };
  return {
    list: base.asks.list.handler(() => asking.list()),
    get: base.asks.get.handler(({ input }) => {
      const ask = asking.get(input.id);
      if (!ask) throw new ORPCError('NOT_FOUND', { message: `No call ${input.id} waits for an answer.` });
      return ask;
    }),
    allow: base.asks.allow.handler(({ input, context }) =>
      said(() => asking.allow(input.ids, input.scope, context.actor)),
    ),
    deny: base.asks.deny.handler(({ input, context }) => {
      // Looked up before they are gone.
      const asked = asking.list().waiting.filter(({ id }) => input.ids.includes(id));
      const answered = asking.deny(input.ids, context.actor);
      if (input.pause) {
        for (const app of new Set(asked.map((ask) => ask.app.id))) gate.pause(context.actor, { app });
      }
      return { ...answered, gate: gate.state() };
    }),
    allowNext: base.asks.allowNext.handler(({ input, context }) =>
      said(() => asking.allowNext(input.id, context.actor)),
    ),
    answers: base.asks.answers.handler(() => asking.answers()),
    withdraw: base.asks.withdraw.handler(({ input, context }) => {
      const withdrawn = asking.withdraw(input.id, context.actor);
      if (!withdrawn) throw new ORPCError('NOT_FOUND', { message: `No answer ${input.id} is remembered.` });
      return { withdrawn };
    }),
  };
}
