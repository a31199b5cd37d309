/** Runs the built preload script in Node and carries what it exposes, and the ports it posts, into the page. */
import type { EventEmitter } from 'node:events';
import { EventEmitter as Emitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import type { Page } from 'playwright-core';

type Exposed = Readonly<Record<string, unknown>>;
type Port = EventEmitter & { postMessage(message: unknown): void; start(): void; close(): void };

/** The page's side, run before its scripts: the exposed objects, and one MessageChannel for each port. */
function pageSide(exposed: [string, [string, unknown][]][]): void {
  interface Carrier {
    gatehouseTestCall: (name: string, key: string) => Promise<void>;
    gatehouseTestSend: (port: number, data: unknown) => Promise<void>;
    gatehouseTestPorts: Map<number, MessagePort>;
  }
  const carrier = window as unknown as Window & Carrier & Record<string, unknown>;
  carrier.gatehouseTestPorts = new Map();
  for (const [name, members] of exposed) {
    const bridge: Record<string, unknown> = {};
    for (const [key, value] of members) {
      bridge[key] = value === null ? () => void carrier.gatehouseTestCall(name, key) : value;
    }
    carrier[name] = Object.freeze(bridge);
  }
}

export class PreloadCarrier {
  readonly #exposed = new Map<string, Exposed>();
  readonly #ipcRenderer = new Emitter();
  readonly #ports = new Map<number, Port>();
  #page: Page | undefined;
  /** Messages into the page go one after the other. */
  #lastPost: Promise<unknown> = Promise.resolve();
  #nextPort = 1;

  constructor(file: string, toMain: (channel: string, message: unknown) => void) {
    const electron = {
      contextBridge: {
        exposeInMainWorld: (name: string, api: Exposed) => void this.#exposed.set(name, api),
      },
      ipcRenderer: Object.assign(this.#ipcRenderer, { postMessage: toMain }),
    };
    const window = {
      location: { origin: 'app://gatehouse' },
      postMessage: (message: unknown, _origin: string, ports: Port[]) => this.#postToPage(message, ports),
    };
    const load = (name: string) => {
      // A sandboxed preload script has no other module than this one.
      if (name !== 'electron') throw new Error(`module not found: ${name}`);
      return electron;
    };
    const context = createContext({ require: load, window, process: { platform: process.platform }, exports: {} });
    runInContext(readFileSync(file, 'utf8'), context, { filename: file });
  }

  /** What main sent with `postMessage`. */
  receive(channel: string, ports: EventEmitter[]): void {
    this.#ipcRenderer.emit(channel, { ports });
  }

  async carryInto(page: Page): Promise<void> {
    this.#page = page;
    await page.exposeFunction('gatehouseTestCall', (name: string, key: string) => {
      const member = this.#exposed.get(name)?.[key];
      if (typeof member === 'function') member();
    });
    await page.exposeFunction('gatehouseTestSend', (port: number, data: unknown) => {
      this.#ports.get(port)?.postMessage(data);
    });
    const members = [...this.#exposed].map(([name, api]): [string, [string, unknown][]] => [
      name,
      Object.entries(api).map(([key, value]) => [key, typeof value === 'function' ? null : value]),
    ]);
    await page.addInitScript(pageSide, members);
  }

  #postToPage(message: unknown, ports: Port[]): void {
    const [port] = ports;
    if (!port) throw new Error('The preload script posted no port.');
    const id = this.#nextPort++;
    this.#ports.set(id, port);
    this.#inPage(
      ([text, portId]) => {
        const carrier = window as unknown as {
          gatehouseTestPorts: Map<number, MessagePort>;
          gatehouseTestSend: (port: number, data: unknown) => Promise<void>;
        };
        const channel = new MessageChannel();
        channel.port1.onmessage = (event) => void carrier.gatehouseTestSend(portId, event.data);
        carrier.gatehouseTestPorts.set(portId, channel.port1);
        window.postMessage(text, location.origin, [channel.port2]);
      },
      [message, id] as [unknown, number],
    );
    port.on('message', (event: { data: unknown }) => {
      if (typeof event.data !== 'string') throw new Error('The double carries text only.');
      this.#inPage(
        ([portId, data]) => {
          const carrier = window as unknown as { gatehouseTestPorts: Map<number, MessagePort> };
          carrier.gatehouseTestPorts.get(portId)?.postMessage(data);
        },
        [id, event.data] as [number, string],
      );
    });
    port.start();
  }

  #inPage<T>(work: (value: T) => void, value: T): void {
    const page = this.#page;
    if (!page) return;
    // A page that is closing takes no messages any more.
    this.#lastPost = this.#lastPost.then(() => page.evaluate(work as never, value)).catch(() => {});
  }
}
