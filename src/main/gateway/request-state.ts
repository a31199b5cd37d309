/**
 * The `requestState` Gatehouse gives out with a question (revision 2026-07-28): it brings the retry back to the call that
 * waits, and nothing else. Bound to the app, the path, the method, the name and the arguments.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface StateFacts {
  /** The app's id. */
  readonly app: string;
  /** The path it calls on, in one text. */
  readonly target: string;
  readonly method: string;
  /** What is asked for, with its arguments, in one text. */
  readonly request: string;
}

export type StateReading =
  | { readonly kind: 'ours'; readonly id: string }
  /** Ours once, but not for this request, or not any more. */
  | { readonly kind: 'refused'; readonly why: 'forged' | 'expired' }
  /** Somebody else's: a server's own. */
  | { readonly kind: 'foreign' };

const STATE = /^([\w-]+)\.([\w-]{1,64})\.(\d{1,15})\.([\w-]{43})$/;
/** Characters; ours are far shorter, and what is longer need not be read. */
const LONGEST = 512;

export class RequestStates {
  readonly #key = randomBytes(32);
  /** Tells this process's states from those of another Gatehouse behind this one. */
  readonly #tag = `gatehouse-${randomBytes(9).toString('base64url')}`;

  /** `expires` in milliseconds since epoch. */
  mint(id: string, expires: number, facts: StateFacts): string {
    return `${this.#tag}.${id}.${expires}.${this.#mac(id, expires, facts)}`;
  }

  read(state: string, facts: () => StateFacts, now: number): StateReading {
    if (!state.startsWith(`${this.#tag}.`)) return { kind: 'foreign' };
    const [, , id = '', expires = '', mac = ''] = (state.length <= LONGEST && STATE.exec(state)) || [];
    // As text: the last character of base64 has bits that decode to nothing, so other texts would give the same bytes.
    const given = Buffer.from(mac);
    const right = Buffer.from(this.#mac(id, Number(expires), facts()));
    if (given.length !== right.length || !timingSafeEqual(given, right)) return { kind: 'refused', why: 'forged' };
    return Number(expires) <= now ? { kind: 'refused', why: 'expired' } : { kind: 'ours', id };
  }

  #mac(id: string, expires: number, { app, target, method, request }: StateFacts): string {
    const bound = JSON.stringify([id, expires, app, target, method, request]);
    return createHmac('sha256', this.#key).update(bound).digest('base64url');
  }
}
