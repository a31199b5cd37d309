import { type CallerSide, QuestionRefused, type ServerQuestion, type WrittenJson } from './types.ts';

/** JSON-RPC "internal error", in the words of a question nobody is there for. */
const NOBODY_THERE = -32603;

/**
 * The app or session a process works for, for what the server asks or says outside of any request: whoever of it was heard
 * last. All callers of one such process are the same app or session, so that none gets another's question.
 */
export class LatestCaller implements CallerSide {
  #latest: CallerSide | undefined;

  heard(caller: CallerSide): void {
    this.#latest = caller;
  }

  get app(): string {
    return this.#latest?.app ?? '';
  }

  get session(): string | null {
    return this.#latest?.session ?? null;
  }

  get capabilities(): CallerSide['capabilities'] {
    return this.#latest?.capabilities ?? {};
  }

  ask(question: ServerQuestion, signal: AbortSignal): Promise<WrittenJson> {
    const latest = this.#latest;
    if (latest) return latest.ask(question, signal);
    return Promise.reject(new QuestionRefused(NOBODY_THERE, 'Nobody is connected who could answer.'));
  }

  notify(method: string, params: WrittenJson): void {
    this.#latest?.notify(method, params);
  }
}
