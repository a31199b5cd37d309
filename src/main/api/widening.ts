import { isDeepStrictEqual } from 'node:util';
import { ORPCError } from '@orpc/server';
import type { ProcedureMeta } from '@shared/contract/index.ts';
import type { Actor } from '@shared/words.ts';
import type { Confirmations } from './confirmations.ts';
import type { DescribeAction } from './describe-action.ts';

/** The fronts only a person can use. Everything else may narrow, and asks before it widens. */
const FRONTS_OF_THE_PERSON: ReadonlySet<Actor> = new Set(['window', 'console', 'tray']);

export interface WideningRule {
  readonly confirmations: Confirmations;
  /** `serve --cli-admin`: the command line may widen, said at start. */
  readonly cliAdmin: boolean;
  /** Says what an action would do at this moment. */
  readonly describe: DescribeAction;
}

/**
 * Decides whether a procedure may run now (DESIGN §2, "the agent with a shell"). Returns when it may; throws
 * NEEDS_PERSON with the confirmation's id when a person has to say yes first.
 */
export function requirePerson(
  rule: WideningRule,
  call: {
    readonly actor: Actor;
    readonly connection?: object | undefined;
    readonly path: readonly string[];
    readonly meta: ProcedureMeta;
    readonly input: unknown;
    readonly perform: () => Promise<unknown>;
  },
): void {
  if (call.meta.widens !== true || FRONTS_OF_THE_PERSON.has(call.actor)) return;
  const action = call.path.join('.');
  // Confirming is what makes a person's front a person's front: no setting hands it to the command line.
  if (action === 'confirmations.confirm') {
    throw new ORPCError('REFUSED', { message: 'Only a person can confirm, in the window or the console.' });
  }
  if (call.actor === 'cli' && rule.cliAdmin) return;
  const asked = rule.describe(action, call.input);
  const { summary, facts } = asked;
  const confirmation = rule.confirmations.request({
    by: call.actor,
    asker: call.connection,
    action,
    summary,
    facts,
    // A person says yes to what they read. What the action would do can change between the question and the click.
    perform: async () => {
      if (isDeepStrictEqual(rule.describe(action, call.input), asked)) return call.perform();
      throw new Error('What this would do has changed since it was asked for, so nothing was done. Ask again.');
    },
  });
  if (!confirmation) {
    throw new ORPCError('REFUSED', {
      message: 'Too many requests wait for a confirmation already. Answer or deny those first.',
    });
  }
  throw new ORPCError('NEEDS_PERSON', {
    message: `${summary} Confirm it in the Gatehouse window or console.`,
    data: { confirmationId: confirmation.id },
  });
}
