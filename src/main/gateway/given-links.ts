/**
 * URIs that servers gave an app in results: resource links, embedded resources, the contents of a resource. An app may
 * read such a URI although no list has it, for as long as what gave it stays approved. In memory, bounded.
 */
import { isObject, type JsonObject } from './protocol.ts';

export interface GivenLink {
  readonly server: string;
  /** The id of the offer whose result held the URI. */
  readonly by: string;
}

const MOST_PER_APP = 2_000;
const LONGEST_URI = 8 * 1024;
/** Characters of URIs kept for one app. */
const MOST_TEXT = 2 * 1024 * 1024;
/** URIs taken from one result. */
const MOST_PER_RESULT = 1_000;

interface AppLinks {
  /** By URI, then by server; least recently given first. */
  readonly byUri: Map<string, Map<string, string>>;
  text: number;
}

export class GivenLinks {
  readonly #apps = new Map<string, AppLinks>();

  /**
   * Remembers the URIs in a result of `tools/call`, `prompts/get` or `resources/read`. Cheap for a result without any: it
   * looks at the type of each block.
   */
  note(app: string, server: string, offerId: string, result: JsonObject): void {
    let left = MOST_PER_RESULT;
    for (const uri of urisOf(result)) {
      if (uri.length > LONGEST_URI) continue;
      this.#keep(app, uri, server, offerId);
      left -= 1;
      if (left === 0) return;
    }
  }

  /** Who gave this app the URI; the caller checks whether that still counts. */
  find(app: string, uri: string): readonly GivenLink[] {
    const servers = this.#apps.get(app)?.byUri.get(uri);
    return servers ? [...servers].map(([server, by]) => ({ server, by })) : [];
  }

  /** Forgets what an app was given. */
  forget(app: string): void {
    this.#apps.delete(app);
  }

  #keep(app: string, uri: string, server: string, by: string): void {
    let links = this.#apps.get(app);
    if (!links) {
      links = { byUri: new Map(), text: 0 };
      this.#apps.set(app, links);
    }
    const { byUri } = links;
    const servers = byUri.get(uri) ?? new Map<string, string>();
    if (!byUri.delete(uri)) links.text += uri.length;
    byUri.set(uri, servers.set(server, by));
    for (const oldest of byUri.keys()) {
      if (byUri.size <= MOST_PER_APP && links.text <= MOST_TEXT) return;
      byUri.delete(oldest);
      links.text -= oldest.length;
    }
  }
}

/** Every URI in the blocks of a result; whatever is of another shape is passed over. */
function* urisOf(result: JsonObject): Generator<string> {
  if (Array.isArray(result.content)) for (const block of result.content) yield* uriOfBlock(block);
  if (Array.isArray(result.contents)) {
    for (const part of result.contents) if (isObject(part) && typeof part.uri === 'string') yield part.uri;
  }
  if (!Array.isArray(result.messages)) return;
  for (const message of result.messages) {
    if (!isObject(message)) continue;
    const blocks = Array.isArray(message.content) ? message.content : [message.content];
    for (const block of blocks) yield* uriOfBlock(block);
  }
}

function* uriOfBlock(block: unknown): Generator<string> {
  if (!isObject(block)) return;
  if (block.type === 'resource_link' && typeof block.uri === 'string') yield block.uri;
  if (block.type === 'resource' && isObject(block.resource) && typeof block.resource.uri === 'string')
    yield block.resource.uri;
}
