/** Tells whether a text holds a value of the vault, and where. Values do not leave this room for it. */
import { LiteralSearch } from '@shared/literal-search.ts';
import type { Vault } from './index.ts';

/** A value of the vault in a text, by its name; offsets in UTF-16 units. */
export interface StoredMatch {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

export interface StoredSecrets {
  /** Every place where a value of the vault stands: as it is, percent-encoded, or in base64 or hex. */
  find(text: string): readonly StoredMatch[];
  /** True while there is no value to look for. */
  isEmpty(): boolean;
}

/** Shorter values are words, ports and names. */
const SHORTEST = 8;
/** Characters of a value that are compared: no text agrees with a secret that far by chance. */
const COMPARED = 4096;
/** Characters the search looks for; the rest is compared where they stand. */
const ANCHOR = 12;
/** A value of at least this many characters of at least `STRONG_KINDS` different ones is no word of a language. */
const STRONG_LENGTH = 16;
const STRONG_KINDS = 8;

interface Form {
  readonly name: string;
  readonly text: string;
  /** A short or simple value counts only where it stands alone. */
  readonly standsAlone: boolean;
}

/**
 * The same vault, and a view on its values that is always up to date. Every change has to go through the vault given back.
 * @throws VaultError when an entry cannot be read
 */
export async function watchStoredSecrets(vault: Vault): Promise<{ vault: Vault; stored: StoredSecrets }> {
  const values = new Map<string, readonly Form[]>();
  let search: FormSearch | undefined;
  const put = (name: string, value: string): void => {
    values.set(name, formsOf(name, value));
    search = undefined;
  };
  for (const name of await vault.names()) {
    const value = await vault.get(name);
    if (value !== undefined) put(name, value);
  }
  return {
    stored: {
      find(text) {
        search ??= new FormSearch([...values.values()].flat());
        return search.find(text);
      },
      isEmpty: () => [...values.values()].every((forms) => forms.length === 0),
    },
    vault: {
      get: (name) => vault.get(name),
      names: () => vault.names(),
      key: (purpose) => vault.key(purpose),
      async set(name, value) {
        await vault.set(name, value);
        put(name, value);
      },
      async delete(name) {
        const deleted = await vault.delete(name);
        values.delete(name);
        search = undefined;
        return deleted;
      },
      async [Symbol.asyncDispose]() {
        values.clear();
        search = undefined;
        await vault[Symbol.asyncDispose]();
      },
    },
  };
}

class FormSearch {
  readonly #anchors: readonly (readonly [anchor: string, forms: readonly Form[]])[];
  readonly #search: LiteralSearch | null;

  constructor(forms: readonly Form[]) {
    const byAnchor = new Map<string, Form[]>();
    for (const form of forms) {
      const anchor = form.text.slice(0, ANCHOR);
      byAnchor.set(anchor, [...(byAnchor.get(anchor) ?? []), form]);
    }
    this.#anchors = [...byAnchor];
    const literals = this.#anchors.map(([anchor]) => anchor);
    this.#search = literals.length === 0 ? null : new LiteralSearch(literals);
  }

  find(text: string): StoredMatch[] {
    if (this.#search === null) return NOTHING;
    const found: StoredMatch[] = [];
    this.#search.scan(text, (index, anchorEnd) => {
      const [anchor, forms] = this.#anchors[index] ?? ['', []];
      const start = anchorEnd - anchor.length;
      for (const { name, text: form, standsAlone } of forms) {
        const end = start + form.length;
        if (!text.startsWith(form, start) || (standsAlone && !isAlone(text, start, end))) continue;
        found.push({ name, start, end });
        break;
      }
    });
    return found;
  }
}

const NOTHING: StoredMatch[] = [];

const isAlone = (text: string, start: number, end: number): boolean =>
  !/[\p{L}\p{N}]/u.test(text.charAt(start - 1)) && !/[\p{L}\p{N}]/u.test(text.charAt(end));

/** The ways a value may be written, longest first. */
function formsOf(name: string, value: string): Form[] {
  const texts = new Set([value, ...tokensIn(value)].filter((text) => text.length >= SHORTEST));
  const forms = [...texts].flatMap((text): Form[] => {
    const compared = text.slice(0, COMPARED);
    const isStrong = compared.length >= STRONG_LENGTH && new Set(compared).size >= STRONG_KINDS;
    if (!isStrong) return [{ name, text: compared, standsAlone: true }];
    const written = new Set([compared, encodeURIComponent(compared.toWellFormed()), ...bytesWritten(compared)]);
    return [...written].map((form) => ({ name, text: form, standsAlone: false }));
  });
  return forms.sort((a, b) => b.text.length - a.text.length);
}

/** Hex, and base64 as it looks at each of the three places in a longer text. */
function bytesWritten(text: string): string[] {
  const bytes = Buffer.from(text);
  const hex = bytes.toString('hex');
  const base64 = [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
    // Characters that hold bits of neighbours are left out on both sides.
    const whole = padded.toString('base64').slice([0, 2, 3][shift], Math.floor((padded.length * 8) / 6));
    return [whole, whole.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [hex, hex.toUpperCase(), ...base64];
}

/** Tokens in a kept sign-in, which is JSON of tokens and what belongs to them. */
function tokensIn(value: string): string[] {
  if (!value.startsWith('{')) return [];
  try {
    const found: string[] = [];
    JSON.parse(value, (key, member: unknown) => {
      if (typeof member === 'string' && member.length >= STRONG_LENGTH && /token|secret|password/i.test(key)) {
        // What says where to get a token, or of which kind it is, is no token.
        if (!/^https?:|\s/.test(member)) found.push(member);
      }
      return member;
    });
    return found;
  } catch {
    return [];
  }
}
