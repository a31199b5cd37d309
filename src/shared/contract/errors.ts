import { z } from 'zod';

/**
 * Procedure meta: `widens` marks what gives agents more than they had. From the command line or a file these wait
 * for a person (DESIGN: "the agent with a shell"); narrowing is always open.
 */
export const widens = { widens: true } as const;
export interface ProcedureMeta {
  readonly widens?: boolean;
}

/** Expected failures of administrative procedures. Every message says what happened and what to do next. */
export const adminErrors = {
  NOT_FOUND: { status: 404, message: 'Not found.' },
  INVALID: { status: 422, message: 'Not accepted.' },
  CONFLICT: { status: 409, message: 'That exists already.' },
  REFUSED: { status: 403, message: 'Refused.' },
  FAILED: { status: 500, message: 'Failed.' },
  /** The action waits until a person confirms it in the window or console. */
  NEEDS_PERSON: { status: 428, message: 'Waits for the person.', data: z.object({ confirmationId: z.string() }) },
};
