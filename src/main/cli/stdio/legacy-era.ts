/**
 * A client of the revisions with `initialize` (2024-11-05 … 2025-11-25): one session at the gateway, which outlives the
 * gateway's restarts, and the stream on which the gateway speaks without being asked.
 */
import { type Courier, type CourierOptions, errorIn, jsonHeaders } from './courier.ts';
import { LinkError } from './gateway-link.ts';
import { isRemembered, type Session, SessionSetup, sessionOf } from './legacy-session.ts';
import { isAnswer, isRequest, type Message, type Request, readFrame } from './message.ts';
import { Pauses, type PauseTimes } from './pauses.ts';
import { Questions } from './questions.ts';
import { type Reply, replyOf } from './reply.ts';

export interface LegacyEraOptions extends CourierOptions {
  readonly courier: Courier;
  readonly pauses: PauseTimes;
}

/** What the end of the session may take when the client is gone already. Milliseconds. */
const farewellMs = 300;
/** Before a stream is asked for again that the gateway does not give. Milliseconds. */
const refusedPauseMs = 60_000;

export class LegacyEra {
  readonly #options: LegacyEraOptions;
  readonly #courier: Courier;
  readonly #setup = new SessionSetup();
  readonly #questions = new Questions();
  readonly #closing = new AbortController();
  readonly #pauses: Pauses;
  #session: Session | undefined;
  /** `initialize` and `notifications/initialized` are answered before anything else of the session is sent. */
  #handshake: Promise<void> = Promise.resolve();
  #reopening: Promise<void> | undefined;
  #hasStream = false;

  constructor(options: LegacyEraOptions) {
    this.#options = options;
    this.#courier = options.courier;
    this.#pauses = new Pauses(options.pauses, this.#closing.signal);
  }

  /** True when the client ever asked for a session. */
  get isUsed(): boolean {
    return this.#setup.initialize !== undefined;
  }

  /** Resolves when a request is answered, anything else delivered. Never rejects. */
  async accept(message: Message): Promise<void> {
    if (!isRequest(message)) {
      if (message.method === undefined) await this.#answer(message);
      else if (message.method === 'notifications/initialized') await this.#initialized(message);
      else await this.#notify(message);
    } else if (message.method === 'initialize') {
      this.#handshake = this.#initialize(message);
      await this.#handshake;
    } else await this.#ask(message);
  }

  /** Ends the session and everything about it, in bounded time. */
  async close(): Promise<void> {
    this.#closing.abort();
    const session = this.#session;
    this.#session = undefined;
    session?.over.abort();
    if (session) await this.#farewell(session);
  }

  async #initialize(message: Request): Promise<void> {
    const former = this.#session;
    this.#session = undefined;
    if (former) {
      former.over.abort();
      void this.#farewell(former);
    }
    await this.#courier.ask(message, {
      isModern: false,
      readsResult: true,
      headers: () => ({ ...jsonHeaders }),
      heard: (frame, _text, reply) => {
        if (!isAnswer(frame, message.id) || !frame.result) return;
        this.#setup.begin(message);
        this.#session = sessionOf(reply.sessionId, frame.result);
      },
    });
  }

  async #ask(message: Request): Promise<void> {
    let session: Session | undefined;
    await this.#courier.ask(message, {
      isModern: false,
      readsResult: isRemembered(message),
      before: () => this.#ready(),
      headers: () => {
        session = this.#session;
        return { ...jsonHeaders, ...session?.headers };
      },
      again: async (reply) => {
        if (!isSessionGone(reply, session) || isAnswer(readFrame(reply.text ?? ''), message.id)) return false;
        this.#lost(session);
        await this.#ready();
        return true;
      },
      heard: (frame, _text, _reply, exchange) => {
        if (!isAnswer(frame, message.id)) this.#questions.heard(frame, exchange);
        else if (frame.result && isRemembered(message)) this.#setup.remember(message);
      },
      failed: (exchange) => this.#withdraw(exchange),
    });
  }

  /** The client's answer to a question. One that nobody waits for any more would be taken for the answer to another. */
  async #answer(message: Message): Promise<void> {
    const session = this.#session;
    if (!session || !this.#questions.answered(message.id)) return;
    const reply = await this.#tell(message);
    if (reply && isSessionGone(reply, session)) this.#lost(session);
  }

  async #initialized(message: Message): Promise<void> {
    const before = this.#handshake;
    const deliver = async () => {
      await before;
      this.#setup.initialized = message;
      await this.#tell(message);
    };
    this.#handshake = deliver();
    await this.#handshake;
    void this.#followStream();
  }

  async #notify(message: Message): Promise<void> {
    try {
      // A cancellation overtakes what it cancels, and nothing else does.
      if (message.method !== 'notifications/cancelled') await this.#ready();
      await this.#tell(message);
    } catch (error) {
      this.#options.warn(error instanceof LinkError ? error.message : 'A message could not be sent.');
    }
  }

  #tell({ body }: Message): Promise<Reply | undefined> {
    return this.#courier.tell(body, { ...jsonHeaders, ...this.#session?.headers }, this.#closing.signal);
  }

  /** Waits for the handshake, and for a session when there was one. Throws LinkError. */
  async #ready(): Promise<void> {
    let seen: Promise<void> | undefined;
    while (seen !== this.#handshake) {
      seen = this.#handshake;
      await seen;
    }
    if (this.#reopening || (this.#setup.initialize && !this.#session)) await this.#reopen();
  }

  /** Opens the session again, one attempt at a time, shared by all that wait. Throws LinkError. */
  #reopen(): Promise<void> {
    this.#reopening ??= this.#replay().finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  async #replay(): Promise<void> {
    const { initialize, initialized } = this.#setup;
    if (!initialize) return;
    const post = (body: Buffer, headers: Readonly<Record<string, string>> = {}) =>
      this.#courier.post(body, { ...jsonHeaders, ...headers }, { signal: this.#closing.signal, isRepeatable: true });
    const opening = await post(initialize.body);
    const result = await resultIn(opening, initialize);
    if (!result) {
      const said = errorIn(opening.text)?.message ?? `HTTP status ${opening.status}`;
      throw new LinkError(`Gatehouse opened no session again: ${said}`, 'unreachable');
    }
    const session = sessionOf(opening.sessionId, result);
    if (initialized) await post(initialized.body, session.headers);
    for (const request of this.#setup.requests()) {
      const carriedOut = await resultIn(await post(request.body, session.headers), request);
      if (!carriedOut) this.#options.warn(`Gatehouse did not take ${request.method} again after it restarted.`);
    }
    if (this.#setup.initialize !== initialize) {
      // The client began anew meanwhile.
      await this.#farewell(session);
      return;
    }
    this.#session = session;
    if (!initialized) return;
    void this.#followStream();
    this.#pauses.wake();
    for (const line of this.#setup.missed(result)) await this.#options.write(line);
  }

  /** Follows the stream of whichever session is open, and opens the session again when the gateway came back without it. */
  async #followStream(): Promise<void> {
    if (this.#hasStream) return;
    this.#hasStream = true;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      let isRefused = false;
      try {
        if (await this.#options.link.isThere()) {
          await this.#ready();
          if (this.#session) isRefused = (await this.#listen(this.#session)) === 'refused';
        }
      } catch {
        // Lost: tried again after the pause.
      }
      await this.#pauses.next(isRefused ? refusedPauseMs : undefined);
    }
  }

  async #listen(session: Session): Promise<'refused' | 'ended'> {
    const response = await this.#options.link.send({
      method: 'GET',
      headers: { accept: 'text/event-stream', ...session.headers },
      signal: session.over.signal,
    });
    const reply = await replyOf(response);
    if (isSessionGone(reply, session)) this.#lost(session);
    else if (reply.status >= 400 && reply.status < 500) return 'refused';
    if (reply.text !== undefined) return 'ended';
    this.#pauses.reset();
    for await (const text of reply.messages()) {
      const frame = readFrame(text);
      if (!frame) continue;
      this.#questions.heard(frame, session);
      await this.#options.write(text);
    }
    return 'ended';
  }

  /** The gateway does not know the session: whoever asked the client something in it is gone. */
  #lost(session: Session | undefined): void {
    if (!session || this.#session !== session) return;
    this.#session = undefined;
    session.over.abort();
    this.#withdraw();
  }

  #withdraw(asker?: object): void {
    for (const line of this.#questions.withdraw(asker)) void this.#options.write(line);
  }

  async #farewell(session: Session): Promise<void> {
    if (session.id === undefined) return;
    const { link } = this.#options;
    const end = async () => {
      // A gateway that is gone has no session any more, and is not waited for.
      if (await link.isThere()) (await link.send({ method: 'DELETE', headers: session.headers })).resume();
    };
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((done) => {
      timer = setTimeout(done, farewellMs);
    });
    await Promise.race([end().catch(() => undefined), enough]);
    clearTimeout(timer);
  }
}

function isSessionGone(reply: Reply, session: Session | undefined): boolean {
  return reply.status === 404 && session?.id !== undefined;
}

/** The result of a request; undefined when it was refused. */
async function resultIn(reply: Reply, request: Request): Promise<Readonly<Record<string, unknown>> | undefined> {
  let result: Readonly<Record<string, unknown>> | undefined;
  for await (const text of reply.messages()) {
    const frame = readFrame(text);
    if (isAnswer(frame, request.id)) result = frame?.result;
  }
  return result;
}
