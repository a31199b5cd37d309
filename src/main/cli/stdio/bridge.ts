/**
 * Carries MCP between a client on stdio and the gateway's HTTP endpoint (protocol.md §1.7). Messages pass as the bytes they
 * came as. Each message says by itself which revision it speaks: with an envelope it is one stateless POST, without one it
 * belongs to the session that `initialize` opened.
 */
import { Courier, type CourierOptions } from './courier.ts';
import { LegacyEra } from './legacy-era.ts';
import { type Message, readMessage } from './message.ts';
import { ModernEra } from './modern-era.ts';
import type { PauseTimes } from './pauses.ts';

export interface BridgeOptions extends CourierOptions {
  /** Between attempts to get a stream back that the gateway ended or lost. */
  readonly pauses?: PauseTimes;
}

const defaultPauses = { shortestMs: 250, longestMs: 3_000 };

export class Bridge {
  readonly #options: BridgeOptions;
  readonly #courier: Courier;
  readonly #legacy: LegacyEra;
  readonly #modern: ModernEra;

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.#courier = new Courier(options);
    const era = { ...options, courier: this.#courier, pauses: options.pauses ?? defaultPauses };
    this.#legacy = new LegacyEra(era);
    this.#modern = new ModernEra(era);
  }

  /** Takes one line of the client. Resolves when it is answered (requests) or delivered (anything else); never rejects. */
  async accept(line: Buffer): Promise<void> {
    const message = readMessage(line);
    if ('malformed' in message) {
      const said = message.code === -32700 ? 'This is not JSON.' : 'This is not a JSON-RPC message.';
      const error = JSON.stringify({ code: message.code, message: said });
      await this.#options.write(`{"jsonrpc":"2.0","id":${message.idText},"error":${error}}`);
      return;
    }
    if (message.method === 'notifications/cancelled' && (await this.#isCancelled(message))) return;
    if (this.#isModern(message)) await this.#modern.accept(message);
    else await this.#legacy.accept(message);
  }

  /** Waits up to `graceMs` for answers that are under way, ends the session, and stops everything. */
  async close(graceMs: number): Promise<void> {
    await this.#courier.close(graceMs);
    this.#modern.close();
    await this.#legacy.close();
  }

  #isModern({ envelopeVersion, method, id }: Message): boolean {
    if (envelopeVersion !== undefined || method === 'server/discover') return true;
    // Notifications need no envelope: they belong to the revision the client speaks.
    return method !== undefined && id === undefined && this.#modern.isUsed && !this.#legacy.isUsed;
  }

  /** True when there is nothing to tell the gateway: it sees the response close, never got the request, or ended it. */
  async #isCancelled({ params }: Message): Promise<boolean> {
    const exchange = this.#courier.cancel(params.requestId);
    if (!exchange) return true;
    const wasSent = exchange.isSent;
    // Two connections keep no order: the cancellation must not arrive before what it cancels.
    await exchange.sent;
    return exchange.isModern || !wasSent;
  }
}
