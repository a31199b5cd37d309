/** Long-lived event streams: the GET stream of a session, and `subscriptions/listen` of the stateless revision. */
import type { ServerResponse } from 'node:http';
import { withMember } from '@shared/json-text.ts';
import type { WrittenJson } from '../upstreams/index.ts';
import { CHANGING_LISTS, type ChangingList, type ListChanges, type MarkOf } from './list-changes.ts';
import {
  isObject,
  type JsonObject,
  META,
  notificationFrame,
  type RpcId,
  resultFrame,
  writtenFrame,
} from './protocol.ts';
import { EVENT_STREAM_HEADERS, eventOf } from './reply.ts';

/** Streams all apps may have open together, and one of them: no app can take the others' away. */
const MOST_STREAMS = 512;
const MOST_PER_APP = 128;
const KEEP_ALIVE_MS = 15_000;
/** Bytes that may wait for a reader that does not read; after that the stream ends. */
const MOST_WAITING = 256 * 1024;
/** Notifications kept until a listen stream is acknowledged. */
const MOST_HELD_BACK = 1_000;

export interface OpenStream {
  readonly app: string;
  readonly client: string | null;
  /** Ends it politely. */
  end(): void;
}

/** The stream on which a session hears what belongs to none of its requests. */
export interface SessionStream {
  /** Sends one JSON-RPC frame. */
  send(frame: string): void;
  end(): void;
}

/** What a `subscriptions/listen` asks for; also what is acknowledged of it. */
export interface ListenFilter {
  readonly toolsListChanged?: true;
  readonly promptsListChanged?: true;
  readonly resourcesListChanged?: true;
  /** URIs as the client knows them. */
  readonly resourceSubscriptions?: readonly string[];
}

export interface Listening {
  /** Delivers an update of a followed resource, its URI as the client knows it. Waits until the filter is acknowledged. */
  updated(params: WrittenJson): void;
  /** Says what is honoured, as the first message; ends the stream when that is nothing. */
  acknowledge(honoured: ListenFilter): void;
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

  /** The notification stream of a session. */
  openForSession(response: ServerResponse, owner: Pick<OpenStream, 'app' | 'client'>, markOf: MarkOf): SessionStream {
    const end = this.#start(response, owner, null);
    const send = (frame: string): void => write(response, eventOf(frame));
    const changed = (list: ChangingList): void => send(notificationFrame(changedMethod(list)));
    const subscription = this.#options.changes.subscribe({ lists: CHANGING_LISTS, markOf, changed });
    response.once('close', () => subscription[Symbol.dispose]());
    return { send, end };
  }

  /** Serves `subscriptions/listen`: delivers what `filter` asks for and is acknowledged, until either side ends. */
  listen(
    response: ServerResponse,
    owner: Pick<OpenStream, 'app' | 'client'>,
    id: RpcId,
    filter: ListenFilter,
    markOf: MarkOf,
  ): Listening {
    const tag = { [META.subscriptionId]: id };
    const _meta = { ...tag, [META.serverInfo]: this.#options.serverInfo };
    const end = this.#start(
      response,
      owner,
      eventOf(resultFrame(id, JSON.stringify({ resultType: 'complete', _meta }))),
    );
    let waiting: string[] | null = [];
    const send = (frame: string): void => {
      if (waiting === null) write(response, eventOf(frame));
      else if (waiting.length < MOST_HELD_BACK) waiting.push(frame);
    };
    const lists = CHANGING_LISTS.filter((list) => filter[`${list}ListChanged`] === true);
    const changed = (list: ChangingList): void => send(notificationFrame(changedMethod(list), { _meta: tag }));
    const subscription = this.#options.changes.subscribe({ lists, markOf, changed });
    response.once('close', () => subscription[Symbol.dispose]());
    return {
      updated: (params) => send(updatedFrame(params, id)),
      acknowledge(notifications) {
        const held = waiting ?? [];
        waiting = null;
        send(notificationFrame('notifications/subscriptions/acknowledged', { notifications, _meta: tag }));
        for (const frame of held) send(frame);
        if (Object.keys(notifications).length === 0) end();
      },
    };
  }

  #start(response: ServerResponse, { app, client }: Pick<OpenStream, 'app' | 'client'>, last: string | null) {
    response.writeHead(200, EVENT_STREAM_HEADERS);
    response.flushHeaders();
    const stream: OpenStream = {
      app,
      client,
      end: () => {
        if (response.writableEnded || response.destroyed) return;
        if (last !== null) response.write(last);
        response.end();
      },
    };
    this.#open.set(stream, response);
    response.once('close', () => this.#open.delete(stream));
    return stream.end;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#keepAlive);
    for (const stream of this.all()) stream.end();
  }
}

/** `notifications/resources/updated` as the server wrote its params; `id` tags it for a listen stream. */
export function updatedFrame({ value, json }: WrittenJson, id?: RpcId): string {
  // The server's own tag names a stream of Gatehouse's.
  const meta = isObject(value._meta) ? { ...value._meta } : {};
  delete meta[META.subscriptionId];
  if (id !== undefined) meta[META.subscriptionId] = id;
  const metaJson = Object.keys(meta).length > 0 ? JSON.stringify(meta) : null;
  return writtenFrame('notifications/resources/updated', withMember(json, '_meta', metaJson));
}

const changedMethod = (list: ChangingList): string => `notifications/${list}/list_changed`;

function write(response: ServerResponse, text: string): void {
  if (response.writableEnded || response.destroyed) return;
  if (response.writableLength > MOST_WAITING) response.destroy();
  else response.write(text);
}
