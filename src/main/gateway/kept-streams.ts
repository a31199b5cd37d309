/** The kept event streams of sessions: how many, how much, and which one an event id leads to. */

import type { ServerResponse } from 'node:http';
import { KeptStream, type KeptStreamOptions, type Resumption } from './kept-stream.ts';
import type { Session } from './sessions.ts';

/** Streams one session has kept at once; a new one takes the place of the oldest answered one. */
export const MOST_PER_SESSION = 32;
/** Bytes of events kept for one session, and for all sessions of one app. */
export const MOST_BYTES_PER_SESSION = 16 * 1024 * 1024;
export const MOST_BYTES_PER_APP = 64 * 1024 * 1024;

/** What an event id looks like: the stream's, and the number of the event on it. */
const EVENT_ID = /^([\w-]{1,64})\.(\d{1,9})$/;

export interface KeptStreamsOptions {
  readonly newId: () => string;
  readonly after: KeptStreamOptions['after'];
}

/** What one session keeps; none for a session whose client prefers JSON. */
interface Shelf {
  readonly app: string;
  readonly streams: Map<string, KeptStream>;
  bytes: number;
}

export class KeptStreams {
  readonly #options: KeptStreamsOptions;
  readonly #shelves = new Map<string, Shelf>();
  readonly #bytesByApp = new Map<string, number>();

  constructor(options: KeptStreamsOptions) {
    this.#options = options;
  }

  /** Opens one for a request. Undefined, and the response untouched, when the session has too many unanswered ones. */
  open(session: Pick<Session, 'id' | 'app'>, response: ServerResponse): KeptStream | undefined {
    const shelf = this.#shelves.get(session.id) ?? { app: session.app, streams: new Map(), bytes: 0 };
    if (shelf.streams.size >= MOST_PER_SESSION) firstEnded(shelf)?.letGo();
    if (shelf.streams.size >= MOST_PER_SESSION) return undefined;
    const { newId, after } = this.#options;
    const id = newId();
    const room = {
      take: (bytes: number) => this.#take(shelf, bytes),
      giveBack: (bytes: number) => this.#add(shelf, -bytes),
    };
    const stream = new KeptStream({ id, room, after, onLetGo: () => void shelf.streams.delete(id) });
    shelf.streams.set(id, stream);
    this.#shelves.set(session.id, shelf);
    stream.open(response);
    return stream;
  }

  /** Resumes the stream of this session after the event with this id; ids of other sessions lead nowhere. */
  resume(session: Pick<Session, 'id'>, eventId: string, response: ServerResponse): Resumption {
    const [, id = '', last = ''] = EVENT_ID.exec(eventId) ?? [];
    const stream = this.#shelves.get(session.id)?.streams.get(id);
    return stream?.resume(response, Number(last)) ?? 'gone';
  }

  /** Lets go of everything a session kept. What is still connected goes on. */
  forget(session: string): void {
    const shelf = this.#shelves.get(session);
    if (!shelf) return;
    this.#shelves.delete(session);
    for (const stream of [...shelf.streams.values()]) stream.letGo();
  }

  /** Takes room, if need be from streams of the session that are answered, the oldest first. */
  #take(shelf: Shelf, bytes: number): boolean {
    const isFull = (): boolean =>
      shelf.bytes + bytes > MOST_BYTES_PER_SESSION ||
      (this.#bytesByApp.get(shelf.app) ?? 0) + bytes > MOST_BYTES_PER_APP;
    while (isFull()) {
      const ended = firstEnded(shelf);
      if (!ended) return false;
      ended.letGo();
    }
    this.#add(shelf, bytes);
    return true;
  }

  #add(shelf: Shelf, bytes: number): void {
    shelf.bytes += bytes;
    const ofApp = (this.#bytesByApp.get(shelf.app) ?? 0) + bytes;
    if (ofApp === 0) this.#bytesByApp.delete(shelf.app);
    else this.#bytesByApp.set(shelf.app, ofApp);
  }
}

function firstEnded({ streams }: Shelf): KeptStream | undefined {
  for (const stream of streams.values()) if (stream.isEnded) return stream;
  return undefined;
}
