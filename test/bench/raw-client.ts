/** A keep-alive client that checks every answer: a wrong one rejects, so that it can never count as a fast one. */
import { type CallAnswer, openWire, type Wire, type WireKind } from './raw-wire.ts';

export interface RawClientOptions {
  /** Default `modern`. */
  readonly wire?: WireKind;
  /** What the target puts before the names of tools. */
  readonly toolPrefix?: string;
}

/** One client with its own sockets and, in the older eras, its own session. */
export class RawClient implements Disposable {
  readonly #wire: Wire;
  readonly #toolPrefix: string;

  constructor(url: string, token?: string, { wire = 'modern', toolPrefix = '' }: RawClientOptions = {}) {
    this.#wire = openWire(wire, { url: new URL(url), token });
    this.#toolPrefix = toolPrefix;
  }

  /** Makes the session where the era has one. */
  open(): Promise<void> {
    return this.#wire.open();
  }

  send(method: string, params: Record<string, unknown>): Promise<CallAnswer> {
    return this.#wire.send(method, params);
  }

  /** True when the listing has the tool the bench calls. */
  async listsEcho(): Promise<boolean> {
    const { tools = [] } = await this.send('tools/list', {});
    return tools.some(({ name }) => name === `${this.#toolPrefix}echo`);
  }

  async echo(text: string): Promise<void> {
    const result = await this.#call('echo', { text });
    if (result.content?.[0]?.text !== text) throw new Error('The echo came back changed.');
  }

  async blob(bytes: number): Promise<void> {
    const result = await this.#call('blob', { bytes });
    if (result.content?.[0]?.text !== blobOf(bytes)) throw new Error('The blob came back changed.');
  }

  #call(tool: string, args: Record<string, unknown>): Promise<CallAnswer> {
    return this.send('tools/call', { name: this.#toolPrefix + tool, arguments: args });
  }

  [Symbol.dispose](): void {
    this.#wire[Symbol.dispose]();
  }
}

const blobs = new Map<number, string>();

function blobOf(bytes: number): string {
  const known = blobs.get(bytes) ?? 'x'.repeat(bytes);
  blobs.set(bytes, known);
  return known;
}
