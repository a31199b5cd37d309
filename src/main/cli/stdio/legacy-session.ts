/** The session of a client that speaks a revision with `initialize` (2024-11-05 … 2025-11-25). */
import { isRecord, type Message } from './message.ts';

/** What is needed to speak in the session, and to open it again after the gateway restarted. */
export class LegacySession {
  /** Of the gateway's session; undefined before `initialize` was answered. */
  #id: string | undefined;
  #protocolVersion: string | undefined;
  #initialize: Message | undefined;
  readonly #subscriptions = new Map<string, Message>();
  #logLevel: Message | undefined;

  get isOpen(): boolean {
    return this.#id !== undefined;
  }

  /** Headers of every message after `initialize`. */
  headers(): Record<string, string> {
    return {
      ...(this.#id === undefined ? {} : { 'mcp-session-id': this.#id }),
      ...(this.#protocolVersion === undefined ? {} : { 'mcp-protocol-version': this.#protocolVersion }),
    };
  }

  /** Takes in the answer to `initialize`. @param response text of the JSON-RPC response */
  opened(initialize: Message, sessionId: string | undefined, response: string): void {
    const value: unknown = JSON.parse(response);
    if (!isRecord(value) || !isRecord(value.result)) return;
    const { protocolVersion } = value.result;
    this.#initialize = initialize;
    this.#id = sessionId;
    this.#protocolVersion = typeof protocolVersion === 'string' ? protocolVersion : undefined;
  }

  /** Remembers what the gateway keeps for the session, as messages that set it up again. */
  remember(message: Message): void {
    const { method, params } = message;
    if (method === 'logging/setLevel') this.#logLevel = message;
    if (typeof params.uri !== 'string') return;
    if (method === 'resources/subscribe') this.#subscriptions.set(params.uri, message);
    if (method === 'resources/unsubscribe') this.#subscriptions.delete(params.uri);
  }

  /** The messages that open the session again, in order; empty when there never was one. */
  replay(): { readonly initialize: Message; readonly after: readonly Message[] } | undefined {
    if (!this.#initialize) return undefined;
    return {
      initialize: this.#initialize,
      after: [...(this.#logLevel ? [this.#logLevel] : []), ...this.#subscriptions.values()],
    };
  }

  lost(): void {
    this.#id = undefined;
  }
}
