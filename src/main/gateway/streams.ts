/** Long-lived event streams: the GET stream of a session, and `subscriptions/listen` of the stateless revision. */
import type { ServerResponse } from 'node:http';
import type { ListChanges } from './list-changes.ts';
import { type JsonObject, META, notificationFrame, type RpcId, resultFrame } from './protocol.ts';
import { EVENT_STREAM_HEADERS, eventOf } from './reply.ts';

/** Streams all apps may have open together, and one of them: no app can take the others' away. */
const MOST_STREAMS = 512;
const MOST_PER_APP = 128;
const KEEP_ALIVE_MS = 15_000;
/** Bytes that may wait for a reader that does not read; after that the stream ends. */
const MOST_WAITING = 256 * 1024;

export interface OpenStream {
  readonly app: string;
  readonly client: string | null;
  /** Ends it politely. */
  end(): void;
}

export interface StreamsOptions {
  readonly changes: ListChanges;
  readonly serverInfo: JsonObject;
}

export class Streams implements Disposable {
  readonly #options: StreamsOptions;
  readonly #open = new Map<OpenStream, ServerResponse>();
  readonly #keepAlive: NodeJS.Timeout;

  constructor(options: StreamsOptions) {
    this.#options = options;
    this.#keepAlive = setInterval(() => {
      for (const response of this.#open.values()) write(response, ': keepalive\n\n');
    }, KEEP_ALIVE_MS);
    this.#keepAlive.unref();
  }

  isFullFor(app: string): boolean {
    const own = this.all().filter((stream) => stream.app === app).length;
    return this.#open.size >= MOST_STREAMS || own >= MOST_PER_APP;
  }

  all(): readonly OpenStream[] {
    return [...this.#open.keys()];
  }

  /** The notification stream of a session. Gives the function that ends it. */
  openForSession(response: ServerResponse, owner: Pick<OpenStream, 'app' | 'client'>, list: () => string): () => void {
    const frame = eventOf(notificationFrame('notifications/tools/list_changed'));
    return this.#start(response, owner, { list, changed: () => write(response, frame) }, null);
  }

  /** Serves `subscriptions/listen`: acknowledges what it can deliver first, then delivers it until either side ends. */
  listen(
    response: ServerResponse,
    owner: Pick<OpenStream, 'app' | 'client'>,
    id: RpcId,
    filter: JsonObject,
    list: () => string,
  ): void {
    const _meta = { [META.subscriptionId]: id };
    const wantsTools = filter.toolsListChanged === true;
    const notifications = wantsTools ? { toolsListChanged: true } : {};
    const last = eventOf(
      resultFrame(
        id,
        JSON.stringify({ resultType: 'complete', _meta: { ..._meta, [META.serverInfo]: this.#options.serverInfo } }),
      ),
    );
    const changed = eventOf(notificationFrame('notifications/tools/list_changed', { _meta }));
    const subscriber = { list, changed: () => write(response, changed) };
    const end = this.#start(response, owner, wantsTools ? subscriber : null, last);
    write(response, eventOf(notificationFrame('notifications/subscriptions/acknowledged', { notifications, _meta })));
    if (!wantsTools) end();
  }

  #start(
    response: ServerResponse,
    owner: Pick<OpenStream, 'app' | 'client'>,
    subscriber: { list: () => string; changed: () => void } | null,
    last: string | null,
  ): () => void {
    response.writeHead(200, EVENT_STREAM_HEADERS);
    response.flushHeaders();
    const subscription = subscriber && this.#options.changes.subscribe(subscriber);
    const stream: OpenStream = {
      app: owner.app,
      client: owner.client,
      end: () => {
        if (response.writableEnded || response.destroyed) return;
        if (last !== null) response.write(last);
        response.end();
      },
    };
    this.#open.set(stream, response);
    response.once('close', () => {
      this.#open.delete(stream);
      subscription?.[Symbol.dispose]();
    });
    return stream.end;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#keepAlive);
    for (const stream of this.all()) stream.end();
  }
}

function write(response: ServerResponse, text: string): void {
  if (response.writableEnded || response.destroyed) return;
  if (response.writableLength > MOST_WAITING) response.destroy();
  else response.write(text);
}
