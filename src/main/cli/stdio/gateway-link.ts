/** HTTP to the running gateway: finds it, proves that it is Gatehouse before the token is sent, keeps connections alive. */
import type { ClientRequestArgs, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { findRunningInstance } from '../../runtime/index.ts';

// As an ES module import, node:http would load all it exports, undici's WebSocket among them: 14 MB more (Node 24).
const { Agent, request } = process.getBuiltinModule('node:http');
const { connect } = process.getBuiltinModule('node:net');

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
  /** How long a gateway may say nothing at all while it owes an answer. Milliseconds, default 60,000. */
  readonly silenceMs?: number;
}

export interface LinkRequest {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** Aborting breaks the request, or the response that is being read. */
  readonly signal?: AbortSignal;
  /** Called when the whole request was handed to the operating system. */
  readonly onSent?: () => void;
}

interface Found {
  readonly endpoint: string;
  /** The endpoint taken apart once, for every request. */
  readonly target: { readonly hostname: string; readonly port: string; readonly path: string };
  readonly dataDir: string;
}

const pollMs = 150;
const mostIdleConnections = 8;
/** What connecting to this computer may take, and what a gateway may be silent: it gives a sign of life every 15 s. */
const connectMs = 3_000;
const defaultSilenceMs = 60_000;
const notRunning = 'Gatehouse is not running. Start the Gatehouse app, or run: gatehouse serve';

export class GatewayLink {
  readonly #options: LinkOptions;
  readonly #agent: VerifyingAgent;
  #found: Found | undefined;
  #looking: Promise<Found | string> | undefined;
  #token: string | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#agent = new VerifyingAgent(() => this.#isStillThere());
  }

  /** Sends one request and gives the response with its body still to be read. Throws LinkError. */
  async send(outgoing: LinkRequest): Promise<IncomingMessage> {
    const { target, dataDir } = this.#found ?? (await this.#locate());
    const token = this.#token ?? this.#options.token(dataDir);
    this.#token = token;
    const response = await this.#once(target, outgoing, token);
    if (response.statusCode !== 401) return response;
    // The person may have given the app a new token since. What was refused has not been carried out.
    this.#token = undefined;
    let newer: string;
    try {
      newer = this.#options.token(dataDir);
    } catch {
      return response;
    }
    if (newer === token) return response;
    response.resume();
    this.#token = newer;
    return this.#once(target, outgoing, newer);
  }

  /** True when there is a gateway to send to. Sends nothing. */
  async isThere(): Promise<boolean> {
    return typeof (await this.#look()) !== 'string';
  }

  close(): void {
    this.#agent.destroy();
  }

  async #once(target: Found['target'], { method, headers, body, signal, onSent }: LinkRequest, token: string) {
    if (signal?.aborted) throw new LinkError('The request was given up.', 'not-sent');
    try {
      return await new Promise<IncomingMessage>((answered, failed) => {
        const outgoing = request({
          ...target,
          method,
          agent: this.#agent,
          headers: {
            ...headers,
            ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
            authorization: `Bearer ${token}`,
          },
        });
        // Not the `signal` option: what it hangs on request and response costs a fifth of a whole call.
        const onAbort = () => outgoing.destroy(new Error('The request was given up.'));
        signal?.addEventListener('abort', onAbort, { once: true });
        outgoing.once('close', () => signal?.removeEventListener('abort', onAbort));
        let incoming: IncomingMessage | undefined;
        outgoing.once('response', (response) => {
          incoming = response;
          answered(response);
        });
        // Stays for as long as the request lives: a late error has nobody else.
        outgoing.on('error', failed);
        if (onSent) outgoing.once('finish', onSent);
        outgoing.setTimeout(this.#options.silenceMs ?? defaultSilenceMs, () => {
          // Unread data means that the client is slow, not that the gateway is silent.
          if (!incoming?.readableLength) outgoing.destroy(new Silence());
        });
        outgoing.end(body);
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      // The gateway may have moved or restarted; it is looked for again at the next request.
      this.#found = undefined;
      throw linkErrorOf(error);
    }
  }

  async #locate(): Promise<Found> {
    const deadline = performance.now() + this.#options.patienceMs;
    for (;;) {
      const found = await this.#look();
      if (typeof found !== 'string') {
        // Tokens belong to a data folder.
        if (this.#found?.dataDir !== found.dataDir) this.#token = undefined;
        this.#found = found;
        return found;
      }
      if (performance.now() >= deadline) throw new LinkError(found, 'unreachable');
      // Does not keep the process alive: whoever waits for an answer does.
      await new Promise((again) => setTimeout(again, pollMs).unref());
    }
  }

  /** One look at a time, shared by all requests that wait for it. Gives the gateway, or why there is none. */
  #look(): Promise<Found | string> {
    this.#looking ??= findRunningInstance(this.#options.dataDir)
      .then((instance) => {
        if (!instance) return notRunning;
        if (!instance.endpoint) return 'Gatehouse runs, but its endpoint does not listen. Open Gatehouse to see why.';
        const { href, hostname, port, pathname } = new URL(instance.endpoint);
        return { endpoint: href, target: { hostname, port, path: pathname }, dataDir: instance.dataDir };
      })
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  async #isStillThere(): Promise<boolean> {
    const now = await this.#look();
    return typeof now !== 'string' && now.endpoint === this.#found?.endpoint;
  }
}

class NotThere extends Error {
  override readonly name = 'NotThere';
}

class Silence extends Error {
  override readonly name = 'Silence';
}

function linkErrorOf(error: unknown): LinkError {
  if (error instanceof Silence) return new LinkError('Gatehouse stopped answering.', 'lost', error);
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'ERR_INVALID_CHAR' || code === 'ERR_INVALID_HTTP_TOKEN') {
    return new LinkError('The message cannot be sent over HTTP.', 'not-sent', error);
  }
  const notSent = error instanceof NotThere || syscall === 'connect';
  return new LinkError('The connection to Gatehouse was lost.', notSent ? 'not-sent' : 'lost', error);
}

/**
 * Asks before each new connection whether the gateway is still the one that was found. Otherwise a program that takes the
 * port after Gatehouse ended would be sent the token.
 */
class VerifyingAgent extends Agent {
  readonly #isStillThere: () => Promise<boolean>;

  constructor(isStillThere: () => Promise<boolean>) {
    super({ keepAlive: true, maxFreeSockets: mostIdleConnections });
    this.#isStillThere = isStillThere;
  }

  override createConnection(
    options: ClientRequestArgs,
    created: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const port = Number(options.port);
    const open = async () => {
      if (!(await this.#isStillThere())) throw new NotThere('Gatehouse moved or ended.');
      const socket = connect({ port, host: options.host ?? '127.0.0.1', noDelay: true });
      const tooSlow = setTimeout(() => socket.destroy(new NotThere('Gatehouse takes no connections.')), connectMs);
      socket.once('connect', () => clearTimeout(tooSlow)).once('close', () => clearTimeout(tooSlow));
      return socket;
    };
    open().then(
      (socket) => created(null, socket),
      // Node ignores the stream when there is an error, but its type asks for one.
      (error: Error) => created(error, undefined as unknown as Duplex),
    );
    return undefined;
  }
}
