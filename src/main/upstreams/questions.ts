import { missingFor } from './client-capabilities.ts';
import {
  errorText,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  INVALID_REQUEST,
  type JsonObject,
  METHOD_NOT_FOUND,
  type RequestId,
  type RpcError,
  resultText,
} from './json-rpc.ts';
import { type CallerSide, QuestionRefused, type ServerQuestion, type WrittenJson } from './types.ts';

/** Questions that may be open for one call, and for one connection. */
const MOST_OF_CALL = 64;
const MOST_OPEN = 512;
/** Characters of a question, and of all that are open. */
const LONGEST_QUESTION = 4 * 1024 * 1024;
const MOST_CHARACTERS = 16 * LONGEST_QUESTION;
/** URL elicitations whose end is awaited, and characters of their ids. */
const MOST_ELICITATIONS = 256;
const LONGEST_ID = 512;

const METHODS = new Set<string>(['sampling/createMessage', 'elicitation/create', 'roots/list']);

interface Open<C> {
  readonly abort: AbortController;
  /** The calls it may come from; empty for one that belongs to the connection itself. */
  readonly calls: Set<C>;
  readonly characters: number;
}

/** True for what a server may ask its client by a request of its own (until 2025-11-25). */
export function isQuestion(method: string): method is ServerQuestion['method'] {
  return METHODS.has(method);
}

/**
 * The questions a server asks over one connection: put to the caller they are for, answered in its place where it cannot,
 * and ended with the server's wish, the call they belong to, or the connection.
 */
export class Questions<C extends { readonly openQuestions: number }> {
  readonly #send: (text: string) => void;
  readonly #onWait: (call: C, isWaiting: boolean) => void;
  readonly #whenBack: (calls: ReadonlySet<C>, go: () => void) => void;
  readonly #open = new Map<RequestId, Open<C>>();
  #characters = 0;
  readonly #elicitations = new Map<string, CallerSide>();

  /**
   * @param options.send takes the text of an answer
   * @param options.onWait hears that a call waits for a caller's answer, and that it does no more
   * @param options.whenBack runs `go` as soon as these calls may go on with the answer
   */
  constructor(options: {
    readonly send: (text: string) => void;
    readonly onWait: (call: C, isWaiting: boolean) => void;
    readonly whenBack: (calls: ReadonlySet<C>, go: () => void) => void;
  }) {
    this.#send = options.send;
    this.#onWait = options.onWait;
    this.#whenBack = options.whenBack;
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Puts a question to its caller. @param calls those it may come from */
  put(id: RequestId, question: ServerQuestion, caller: CallerSide | undefined, calls: readonly C[]): void {
    const flaw = this.#flawOf(id, question.params.json, calls);
    if (flaw) {
      this.refuse(id, flaw);
      return;
    }
    const missing = caller ? missingFor(question, caller.capabilities) : null;
    if (!caller || missing !== null) {
      this.#answerInstead(id, question.method, missing);
      return;
    }
    if (question.method === 'elicitation/create') this.expectEnd(question.params.value, caller);
    const open: Open<C> = {
      abort: new AbortController(),
      calls: new Set(calls),
      characters: question.params.json.length,
    };
    this.#open.set(id, open);
    this.#characters += open.characters;
    for (const call of open.calls) this.#onWait(call, true);
    ask(caller, question, open.abort.signal).then(
      ({ json }) => this.#close(id, open, resultText(id, json)),
      (error: unknown) => this.#close(id, open, errorText(id, errorOf(error))),
    );
  }

  /** Answers a question that no one caller can be found for. */
  answerForNobody(id: RequestId, method: ServerQuestion['method']): void {
    this.#answerInstead(id, method, null);
  }

  /** Answers a question of which only this much is known: none of those it may be for could answer. */
  answerForUnable(id: RequestId, method: ServerQuestion['method']): void {
    this.#answerInstead(id, method, 'what was asked');
  }

  refuse(id: RequestId, error: RpcError): void {
    this.#send(errorText(id, error));
  }

  /** The server no longer wants an answer. */
  withdrawn(id: unknown): void {
    if (typeof id !== 'string' && typeof id !== 'number') return;
    const open = this.#open.get(id);
    if (open) this.#close(id, open, null);
  }

  /** A call is over: what only it can have asked needs no answer, but the server should not wait for one. */
  callEnded(call: C): void {
    for (const [id, open] of this.#open) {
      if (!open.calls.delete(call) || open.calls.size > 0) continue;
      const message = 'The request this question belongs to has ended.';
      this.#close(id, open, errorText(id, { code: INTERNAL_ERROR, message }));
    }
  }

  /** The connection has ended. */
  closeAll(): void {
    for (const [id, open] of [...this.#open]) this.#close(id, open, null);
    this.#elicitations.clear();
  }

  /** Remembers whom to tell when what a person does at a URL is done. */
  expectEnd(elicitation: Readonly<Record<string, unknown>>, caller: CallerSide): void {
    const { elicitationId } = elicitation;
    if (typeof elicitationId !== 'string' || elicitationId.length > LONGEST_ID) return;
    // Anew at the end: the map gives up its oldest.
    this.#elicitations.delete(elicitationId);
    this.#elicitations.set(elicitationId, caller);
    const [oldest] = this.#elicitations.keys();
    if (this.#elicitations.size > MOST_ELICITATIONS && oldest !== undefined) this.#elicitations.delete(oldest);
  }

  /** The server says that what was done at a URL is done. */
  elicitationEnded(method: string, params: WrittenJson): void {
    const { elicitationId } = params.value;
    const caller = typeof elicitationId === 'string' ? this.#elicitations.get(elicitationId) : undefined;
    if (typeof elicitationId !== 'string' || !caller) return;
    this.#elicitations.delete(elicitationId);
    caller.notify(method, params);
  }

  #flawOf(id: RequestId, json: string, calls: readonly C[]): RpcError | undefined {
    if (this.#open.has(id)) return { code: INVALID_REQUEST, message: 'A question with this id is open already.' };
    if (json.length > LONGEST_QUESTION) {
      return { code: INVALID_PARAMS, message: `A question may not be longer than ${LONGEST_QUESTION} characters.` };
    }
    const isFull =
      this.#open.size >= MOST_OPEN ||
      this.#characters + json.length > MOST_CHARACTERS ||
      calls.some((call) => call.openQuestions >= MOST_OF_CALL);
    return isFull
      ? { code: INTERNAL_ERROR, message: 'Too many questions are open already. Wait for their answers.' }
      : undefined;
  }

  #answerInstead(id: RequestId, method: ServerQuestion['method'], missing: string | null): void {
    if (method === 'roots/list') {
      this.#send(resultText(id, '{"roots":[]}'));
    } else if (missing === null) {
      this.refuse(id, { code: METHOD_NOT_FOUND, message: 'No app is waiting for this server; nobody can be asked.' });
    } else if (method === 'elicitation/create') {
      // Nobody chose anything: neither "decline" nor an error would be true (specification, elicitation).
      this.#send(resultText(id, '{"action":"cancel"}'));
    } else {
      this.refuse(id, { code: METHOD_NOT_FOUND, message: `The app behind this request does not offer ${missing}.` });
    }
  }

  /** @param answer null: the server gets none */
  #close(id: RequestId, open: Open<C>, answer: string | null): void {
    if (this.#open.get(id) !== open) return;
    this.#open.delete(id);
    this.#characters -= open.characters;
    for (const call of open.calls) this.#onWait(call, false);
    if (answer !== null) this.#whenBack(open.calls, () => this.#send(answer));
    open.abort.abort();
  }
}

async function ask(caller: CallerSide, question: ServerQuestion, signal: AbortSignal): Promise<WrittenJson> {
  return caller.ask(question, signal);
}

function errorOf(error: unknown): RpcError {
  if (!(error instanceof QuestionRefused)) {
    return { code: INTERNAL_ERROR, message: 'The app behind this request could not be asked.' };
  }
  const { code, message, data } = error;
  return data === undefined ? { code, message } : { code, message, data };
}

/** URL elicitations that an error asks for before the request can be made again (2025-11-25, -32042). */
export function elicitationsIn(error: RpcError): JsonObject[] {
  const data: Readonly<Record<string, unknown>> =
    typeof error.data === 'object' && error.data !== null ? { ...error.data } : {};
  const listed = Array.isArray(data.elicitations) ? data.elicitations : [];
  return listed.filter((one) => typeof one === 'object' && one !== null).slice(0, MOST_ELICITATIONS);
}
