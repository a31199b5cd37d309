/** Requests that are being answered: what can end them early, and a sign of life to clients that wait long. */
import type { ServerResponse } from 'node:http';
import type { AppIdentity } from '../policy/index.ts';
import type { CancelReason } from './failures.ts';
import type { Reply } from './reply.ts';

interface Exchange {
  readonly app: string;
  readonly controller: AbortController;
  readonly reply: Reply;
  readonly startedAt: number;
}

/** Milliseconds after which a waiting client hears that its call still runs. */
const KEEP_ALIVE_MS = 15_000;

export class Exchanges implements Disposable {
  readonly #running = new Set<Exchange>();
  readonly #monotonic: () => number;
  readonly #keepAlive: NodeJS.Timeout;

  /** `monotonic` gives milliseconds on a clock that is never set back. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
    this.#keepAlive = setInterval(() => this.#signOfLife(), KEEP_ALIVE_MS);
    this.#keepAlive.unref();
  }

  /**
   * Runs one request. With `cancelOnClose` the client's closing of the connection cancels it: so in the stateless
   * revision; a session's client says so with a notification instead (2025-11-25, Streamable HTTP).
   */
  async run<T>(
    { app, reply, response }: { readonly app: AppIdentity; readonly reply: Reply; readonly response: ServerResponse },
    cancelOnClose: boolean,
    work: (controller: AbortController) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    const exchange: Exchange = { app: app.id, controller, reply, startedAt: this.#monotonic() };
    const onClose = (): void => {
      if (!response.writableFinished) controller.abort('client' satisfies CancelReason);
    };
    this.#running.add(exchange);
    if (cancelOnClose) response.once('close', onClose);
    try {
      return await work(controller);
    } finally {
      response.off('close', onClose);
      this.#running.delete(exchange);
    }
  }

  /** Ends the requests of one app, or of all. */
  end(reason: CancelReason, app?: string): void {
    for (const { app: owner, controller } of [...this.#running]) {
      if (app === undefined || owner === app) controller.abort(reason);
    }
  }

  #signOfLife(): void {
    const since = this.#monotonic() - KEEP_ALIVE_MS;
    for (const { startedAt, reply } of this.#running) if (startedAt <= since) reply.keepAlive();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#keepAlive);
  }
}
