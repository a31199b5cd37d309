/** HTTP to the running gateway: finds it, proves that it is Gatehouse before the token is sent, keeps connections alive. */
import type { ClientRequestArgs, IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { findRunningInstance } from '../../runtime/index.ts';

// As an ES module import, node:http would load all it exports, undici's WebSocket among them: 14 MB more (Node 24).
const { Agent, request } = process.getBuiltinModule('node:http');

/** Why a request did not bring an answer. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
  /**
   * `unreachable`: there is nothing to send to, or no token, and waiting did not help. `not-sent`: the gateway surely did
   * not get the request. `lost`: it may have.
   */
  readonly kind: 'unreachable' | 'not-sent' | 'lost';

  constructor(message: string, kind: LinkError['kind'], cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

export interface LinkOptions {
  readonly dataDir: string | undefined;
  /** Throws LinkError when there is none. */
  readonly token: (dataDir: string) => string;
  /** How long to wait for a gateway that is not running (yet). Milliseconds. */
  readonly patienceMs: number;
}

export interface LinkRequest {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

interface Found {
  readonly url: URL;
  readonly token: string;
}

const pollMs = 150;
const notRunning = 'Gatehouse is not running. Start the Gatehouse app, or run: gatehouse serve';

export class GatewayLink {
  readonly #options: LinkOptions;
  readonly #agent: VerifyingAgent;
  #found: Promise<Found> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#agent = new VerifyingAgent(() => this.#isStillThere());
  }

  /** Sends one request and gives the response with its body still to be read. Throws LinkError. */
  async send({ method, headers, body, signal }: LinkRequest): Promise<IncomingMessage> {
    const { url, token } = await this.#locate();
    try {
      return await new Promise<IncomingMessage>((answered, failed) => {
        const outgoing = request(url, {
          method,
          agent: this.#agent,
          signal,
          headers: { ...headers, authorization: `Bearer ${token}` },
        });
        outgoing.once('response', answered);
        outgoing.once('error', failed);
        outgoing.end(body);
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      // The gateway may have moved or restarted; it is looked for again at the next request.
      this.#found = undefined;
      const code = (error as NodeJS.ErrnoException).code;
      const kind = error instanceof NotThere || code === 'ECONNREFUSED' ? 'not-sent' : 'lost';
      throw new LinkError('The connection to Gatehouse was lost.', kind, error);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  /** One search at a time, shared by all requests that wait for it. */
  #locate(): Promise<Found> {
    this.#found ??= this.#search().catch((error: unknown) => {
      this.#found = undefined;
      throw error;
    });
    return this.#found;
  }

  async #search(): Promise<Found> {
    const deadline = performance.now() + this.#options.patienceMs;
    for (;;) {
      const instance = await findRunningInstance(this.#options.dataDir);
      if (instance?.endpoint) return { url: new URL(instance.endpoint), token: this.#options.token(instance.dataDir) };
      if (performance.now() >= deadline) {
        throw new LinkError(
          instance ? 'Gatehouse runs, but its endpoint does not listen. Open Gatehouse to see why.' : notRunning,
          'unreachable',
        );
      }
      // Does not keep the process alive: whoever waits for an answer does.
      await new Promise((again) => setTimeout(again, pollMs).unref());
    }
  }

  async #isStillThere(): Promise<boolean> {
    const [found, instance] = await Promise.all([this.#found, findRunningInstance(this.#options.dataDir)]);
    return instance?.endpoint !== undefined && instance.endpoint === found?.url.href;
  }
}

class NotThere extends Error {
  override readonly name = 'NotThere';
}

/**
 * Asks before each new connection whether the gateway is still the one that was found. Otherwise a program that takes the
 * port after Gatehouse ended would be sent the token.
 */
class VerifyingAgent extends Agent {
  readonly #isStillThere: () => Promise<boolean>;

  constructor(isStillThere: () => Promise<boolean>) {
    super({ keepAlive: true });
    this.#isStillThere = isStillThere;
  }

  override createConnection(
    options: ClientRequestArgs,
    created: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const port = Number(options.port);
    const open = async () => {
      if (!(await this.#isStillThere())) throw new NotThere('Gatehouse moved or ended.');
      return connect({ port, host: options.host ?? '127.0.0.1', noDelay: true });
    };
    open().then(
      (socket) => created(null, socket),
      // Node ignores the stream when there is an error, but its type asks for one.
      (error: Error) => created(error, undefined as unknown as Duplex),
    );
    return undefined;
  }
}
