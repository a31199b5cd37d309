/** Questions of servers put to the client of a session: requests in the other direction, matched with what it posts back. */
import { memberText } from '@shared/json-text.ts';
import { QuestionRefused, type ServerQuestion, type WrittenJson } from '../upstreams/index.ts';
import type { RpcResponse } from './era.ts';
import { isObject, notificationFrame, RPC, writtenFrame } from './protocol.ts';
import type { Reply } from './reply.ts';

/** Questions a session may have open; a server that asks without end must not fill the client's window. */
const MOST_OPEN = 32;

/** Characters of a client's own error message that are passed on to the server. */
const LONGEST_MESSAGE = 500;

interface OpenQuestion {
  readonly answer: (answer: WrittenJson) => void;
  readonly refuse: (why: QuestionRefused) => void;
}

export class Questions {
  readonly #open = new Map<string, OpenQuestion>();
  readonly #ended: AbortSignal;
  #last = 0;

  /** `ended` aborts when the session ends. */
  constructor(ended: AbortSignal) {
    this.#ended = ended;
  }

  /**
   * Sends the question ahead of the answer to the call it belongs to (2025-11-25, Streamable HTTP) and gives the result the
   * client posts back. Rejects with QuestionRefused when the client refuses, cannot be reached, or goes away; when the
   * signal aborts, the client is told not to bother.
   */
  ask({ method, params }: ServerQuestion, reply: Reply, signal: AbortSignal): Promise<WrittenJson> {
    return new Promise((resolve, reject) => {
      if (signal.aborted || this.#ended.aborted) return reject(unanswered('The call has ended.'));
      if (this.#open.size >= MOST_OPEN) return reject(unanswered('Too many questions wait for this app already.'));
      this.#last += 1;
      const id = `gatehouse-${this.#last}`;
      if (!reply.notify(writtenFrame(method, params.json, id))) {
        return reject(unanswered('The app takes no questions on this connection.'));
      }
      const onAbort = (): void => {
        reply.notify(notificationFrame('notifications/cancelled', { requestId: id }));
        end(() => reject(unanswered('The question was withdrawn.')));
      };
      const onGone = (): void => end(() => reject(unanswered('The app went away before it answered.')));
      const gone = reply.onGone(onGone);
      const end = (settle: () => void): void => {
        this.#open.delete(id);
        signal.removeEventListener('abort', onAbort);
        this.#ended.removeEventListener('abort', onGone);
        gone[Symbol.dispose]();
        settle();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#ended.addEventListener('abort', onGone, { once: true });
      this.#open.set(id, {
        answer: (answer) => end(() => resolve(answer)),
        refuse: (why) => end(() => reject(why)),
      });
    });
  }

  /** Takes a response the client posted; `text` is the whole message. Ids nobody asked with, or asked before, are ignored. */
  take({ id, answer }: RpcResponse, text: string): void {
    const open = typeof id === 'string' ? this.#open.get(id) : undefined;
    if (!open) return;
    const result = 'result' in answer ? answer.result : undefined;
    const json = isObject(result) ? memberText(text, 'result') : undefined;
    if (isObject(result) && json !== undefined) open.answer({ value: result, json });
    else open.refuse(refusalOf('error' in answer ? answer.error : undefined));
  }
}

const unanswered = (why: string): QuestionRefused => new QuestionRefused(RPC.internalError, why);

function refusalOf(error: unknown): QuestionRefused {
  if (!isObject(error) || !Number.isSafeInteger(error.code) || typeof error.message !== 'string') {
    return unanswered('The app answered with something that is neither a result nor an error.');
  }
  return new QuestionRefused(Number(error.code), error.message.slice(0, LONGEST_MESSAGE).toWellFormed(), error.data);
}
