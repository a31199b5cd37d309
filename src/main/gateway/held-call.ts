/**
 * A call whose server may ask something in the middle, for an app that answers by coming again. One request of the app
 * after the other waits for it; in between it goes on by itself.
 */
import { QuestionRefused, type ServerQuestion, type UpstreamAnswer, type WrittenJson } from '../upstreams/index.ts';
import type { CancelReason } from './failures.ts';
import type { Leg } from './leg.ts';
import { RPC } from './protocol.ts';

/** Questions one call may have open. */
const MOST_QUESTIONS = 32;

/** What a held call has to say next. */
export type Turn =
  | { readonly kind: 'asked'; readonly questions: ReadonlyMap<string, ServerQuestion> }
  | { readonly kind: 'answered'; readonly answer: UpstreamAnswer };

interface OpenQuestion {
  readonly question: ServerQuestion;
  readonly answer: (answer: WrittenJson) => void;
}

/** One call at a server, driven by one request of its app after the other. */
export class HeldCall {
  readonly #controller = new AbortController();
  readonly #open = new Map<string, OpenQuestion>();
  readonly #work: Promise<UpstreamAnswer>;
  readonly leg: Leg;
  #asked = 0;
  #onAsk: (() => void) | undefined;

  /** Sets out at once. */
  constructor(leg: Leg) {
    this.leg = leg;
    this.#work = leg.run(this.#controller.signal, (question, signal) => this.#ask(question, signal));
    // While it is held nobody looks at it.
    this.#work.catch(() => undefined);
  }

  /** Puts a question to the app and gives the answer of a later request. Rejects with QuestionRefused. */
  #ask(question: ServerQuestion, signal: AbortSignal): Promise<WrittenJson> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new QuestionRefused(RPC.internalError, 'The call has ended.'));
      if (this.#open.size >= MOST_QUESTIONS) {
        return reject(new QuestionRefused(RPC.internalError, 'Too many questions wait for this app already.'));
      }
      this.#asked += 1;
      const key = `question-${this.#asked}`;
      const onAbort = (): void => {
        this.#open.delete(key);
        reject(new QuestionRefused(RPC.internalError, 'The question was withdrawn.'));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#open.set(key, {
        question,
        answer: (answer) => {
          this.#open.delete(key);
          signal.removeEventListener('abort', onAbort);
          resolve(answer);
        },
      });
      this.#onAsk?.();
    });
  }

  /**
   * Hands in answers by the key of their question and waits for what comes next: the outcome of the call, or questions.
   * What was asked and not answered is asked again. `signal` belongs to the waiting request and ends the call with it.
   */
  async turn(signal: AbortSignal, answers: ReadonlyMap<string, WrittenJson> = NONE): Promise<Turn> {
    for (const [key, answer] of answers) this.#open.get(key)?.answer(answer);
    const onAbort = (): void => this.end(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#next();
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** What is open, by the key an answer names. */
  get questions(): ReadonlyMap<string, ServerQuestion> {
    return new Map([...this.#open].map(([key, { question }]) => [key, question]));
  }

  /** Ends the call at the server. */
  end(reason: CancelReason): void {
    this.#controller.abort(reason);
  }

  async #next(): Promise<Turn> {
    const settled = this.#work.then((answer) => ({ kind: 'answered', answer }) as const);
    for (;;) {
      const asked = new Promise<null>((resolve) => {
        this.#onAsk = () => resolve(null);
        if (this.#open.size > 0) resolve(null);
      });
      const turn = await Promise.race([settled, asked]);
      if (turn) return turn;
      // Questions a server asks together arrive together; they go to the app in one answer.
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#open.size > 0) return { kind: 'asked', questions: this.questions };
    }
  }
}

const NONE: ReadonlyMap<string, WrittenJson> = new Map();
