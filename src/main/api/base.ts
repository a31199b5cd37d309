import { implement, ORPCError } from '@orpc/server';
import { contract, type ProcedureMeta } from '@shared/contract/index.ts';
import { isDiskFull } from '../storage/index.ts';
import type { ConnectionContext } from './services.ts';
import { requirePerson, type WideningRule } from './widening.ts';

/** For what SQLite and the file system say in their own words. */
const NO_SPACE = 'There is no space left on the disk that holds the data folder. Free some space and try again.';

/**
 * The contract with what every procedure shares: input is checked first, then whether a person has to confirm, and an
 * error of a room becomes a sentence instead of "internal server error".
 */
export function implementContract(rule: WideningRule, log: { error(facts: object, message: string): void }) {
  return implement(contract)
    .$context<ConnectionContext>()
    .$config({ initialInputValidationIndex: Number.NEGATIVE_INFINITY })
    .use(async ({ context, next, path, procedure }, input) => {
      const meta = procedure['~orpc'].meta as ProcedureMeta; // the contract sets no other meta
      const perform = async () => (await next()).output;
      requirePerson(rule, { ...context, path, meta, input, perform });
      try {
        return await next();
      } catch (error) {
        if (error instanceof ORPCError) throw error;
        log.error({ procedure: path.join('.'), error }, 'A procedure failed');
        throw new ORPCError('FAILED', {
          message: isDiskFull(error)
            ? NO_SPACE
            : error instanceof Error
              ? error.message
              : 'It failed for an unknown reason.',
          cause: error,
        });
      }
    });
}
export type ContractImplementer = ReturnType<typeof implementContract>;
