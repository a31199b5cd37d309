/**
 * A list an app sees, in pages. Most clients read one page only, so pages are large. The cursor names the last entry that
 * was given and no position: when the list changes in between, the next page goes on where that entry stands now.
 */
import { createHash } from 'node:crypto';
import { withMember } from '@shared/json-text.ts';
import { z } from 'zod';

/** The lists of the protocol, by the name of their member in a result. */
export type ListKind = 'tools' | 'prompts' | 'resources' | 'resourceTemplates';

export interface ListEntry {
  readonly id: string;
  /** The server, by which entries are sorted first. */
  readonly server: string;
  /** Differs when the definition does. */
  readonly mark: string;
  /** The definition as the server wrote it. */
  readonly json: string;
  /** The one member that is shown with another value, because the server's own is not unique here. */
  readonly shownAs: { readonly member: 'name' | 'uri' | 'uriTemplate'; readonly value: string } | null;
}

export interface ListPage {
  /** JSON text of the array. */
  readonly json: string;
  readonly nextCursor: string | null;
}

const MOST_ENTRIES = 1_000;
/** UTF-16 units of JSON text. */
const LONGEST_PAGE = 2 * 1024 * 1024;
const LONGEST_CURSOR = 16 * 1024;

const cursorSchema = z.strictObject({
  v: z.literal(1),
  list: z.string(),
  server: z.string(),
  /** The id of the last entry that was given. */
  last: z.string(),
});

export class ListPages {
  readonly #kind: ListKind;
  readonly #entries: readonly ListEntry[];
  #first: ListPage | undefined;
  #mark: string | undefined;

  /** `entries` in their order; those of one server stand together, servers ascending. */
  constructor(kind: ListKind, entries: readonly ListEntry[]) {
    this.#kind = kind;
    this.#entries = entries;
  }

  /** Differs when the list does. */
  mark(): string {
    if (this.#mark === undefined) {
      const hash = createHash('sha256');
      for (const { id, mark, shownAs } of this.#entries) hash.update(JSON.stringify([id, mark, shownAs?.value]));
      this.#mark = hash.digest('base64url');
    }
    return this.#mark;
  }

  /** The page after a cursor, or the first; undefined for a cursor that Gatehouse did not give for this list. */
  page(cursor: unknown): ListPage | undefined {
    if (cursor === undefined) {
      this.#first ??= this.#from(0);
      return this.#first;
    }
    const start = this.#after(cursor);
    return start === undefined ? undefined : this.#from(start);
  }

  #from(start: number): ListPage {
    const texts: string[] = [];
    let length = 0;
    let at = start;
    for (; at < this.#entries.length && texts.length < MOST_ENTRIES; at += 1) {
      const entry = this.#entries[at];
      if (!entry) break;
      const { json, shownAs } = entry;
      const text = shownAs ? withMember(json, shownAs.member, JSON.stringify(shownAs.value)) : json;
      if (texts.length > 0 && length + text.length > LONGEST_PAGE) break;
      texts.push(text);
      length += text.length;
    }
    const last = this.#entries[at - 1];
    const nextCursor = at < this.#entries.length && last ? this.#cursorOf(last) : null;
    return { json: `[${texts.join(',')}]`, nextCursor };
  }

  #cursorOf({ id, server }: ListEntry): string {
    const cursor: z.infer<typeof cursorSchema> = { v: 1, list: this.#kind, server, last: id };
    return Buffer.from(JSON.stringify(cursor)).toString('base64url');
  }

  #after(cursor: unknown): number | undefined {
    const read = cursorOf(cursor);
    if (read?.list !== this.#kind) return undefined;
    const at = this.#entries.findIndex((entry) => entry.id === read.last);
    if (at !== -1) return at + 1;
    // The entry is gone. Its server's entries come again, so that none is missed.
    const again = this.#entries.findIndex((entry) => entry.server >= read.server);
    return again === -1 ? this.#entries.length : again;
  }
}

function cursorOf(text: unknown): z.infer<typeof cursorSchema> | undefined {
  if (typeof text !== 'string' || text.length > LONGEST_CURSOR) return undefined;
  try {
    return cursorSchema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
