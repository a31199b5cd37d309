/** What sets up the session of a client with `initialize` (2024-11-05 … 2025-11-25), so that it can be set up again. */
import { isRecord, type Message, notificationText, type Request } from './message.ts';

/** URIs one client may follow; what goes beyond is not followed again after a restart. */
const mostSubscriptions = 10_000;

/** The gateway's session as it is open now. */
export interface Session {
  /** Undefined when the gateway keeps none. */
  readonly id: string | undefined;
  /** Of every message after `initialize`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Ends its stream. */
  readonly over: AbortController;
}

/** @param result of `initialize` */
export function sessionOf(id: string | undefined, result: Readonly<Record<string, unknown>>): Session {
  const { protocolVersion } = result;
  return {
    id,
    headers: {
      ...(id === undefined ? {} : { 'mcp-session-id': id }),
      ...(typeof protocolVersion === 'string' ? { 'mcp-protocol-version': protocolVersion } : {}),
    },
    over: new AbortController(),
  };
}

export class SessionSetup {
  initialize: Request | undefined;
  initialized: Message | undefined;
  #logLevel: Request | undefined;
  readonly #subscriptions = new Map<string, Request>();

  /** A new handshake of the client: nothing of the session before it counts. */
  begin(initialize: Request): void {
    this.initialize = initialize;
    this.initialized = undefined;
    this.#logLevel = undefined;
    this.#subscriptions.clear();
  }

  /** Takes in a request that the gateway carried out. */
  remember(request: Request): void {
    const { method, params } = request;
    if (method === 'logging/setLevel') this.#logLevel = request;
    if (typeof params.uri !== 'string') return;
    if (method === 'resources/subscribe' && this.#subscriptions.size < mostSubscriptions) {
      this.#subscriptions.set(params.uri, request);
    }
    if (method === 'resources/unsubscribe') this.#subscriptions.delete(params.uri);
  }

  /** The requests that set the session up again after its handshake, in order. */
  requests(): readonly Request[] {
    return [...(this.#logLevel ? [this.#logLevel] : []), ...this.#subscriptions.values()];
  }

  /** What may have changed while there was no session: the messages a client would have got. @param result of `initialize` */
  missed(result: Readonly<Record<string, unknown>>): string[] {
    const capabilities = isRecord(result.capabilities) ? result.capabilities : {};
    const lists = ['tools', 'prompts', 'resources'].filter((kind) => {
      const capability = capabilities[kind];
      return isRecord(capability) && capability.listChanged === true;
    });
    return [
      ...lists.map((kind) => notificationText(`notifications/${kind}/list_changed`)),
      ...[...this.#subscriptions.keys()].map((uri) => notificationText('notifications/resources/updated', { uri })),
    ];
  }
}

/** Requests after which the gateway keeps something for the session. */
export function isRemembered({ method }: Request): boolean {
  return method === 'logging/setLevel' || method === 'resources/subscribe' || method === 'resources/unsubscribe';
}
