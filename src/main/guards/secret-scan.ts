/** Finds secrets in what passes through, and takes them out of what is kept. */
import { createHmac } from 'node:crypto';
import { JsonPieces, type ReadText, withoutEscapes } from './json-places.ts';
import type { Sureness } from './rule-file.ts';
import type { SecretRules, Span } from './secret-rules.ts';

/** Answers where a value of the vault stands in a text. It never gives a value away. */
export interface StoredSecrets {
  find(text: string): readonly (Span & { readonly name: string })[];
  /** True while the vault holds nothing that could be found. */
  isEmpty(): boolean;
}

/** A secret in a text, without the secret. */
export interface SecretFinding {
  /** Id of the rule, or `stored-secret`. */
  readonly rule: string;
  readonly title: string;
  readonly sureness: Sureness;
  /** The same for the same secret in this vault, and worth nothing without the vault's key: `#3fa9c2d1`. */
  readonly mark: string;
  /** Name of the vault's entry when it is a value of the vault. */
  readonly stored: string | null;
}

/** A finding with its place in the text as written. */
export interface PlacedFinding extends SecretFinding, Span {}

export interface SecretScanOptions {
  /** Made ready at the first text, not at the start of the program. */
  readonly rules: () => SecretRules;
  readonly stored: StoredSecrets;
  /** 32 bytes of the vault that marks are made with. */
  readonly key: Buffer;
}

export const STORED_RULE = 'stored-secret';
/** Marks made for one text; a text with more secrets than that is no text, and its other marks have no digest. */
const MOST_DIGESTS = 1000;
/** Texts whose findings are remembered: a call's arguments are looked at for the decision and again for the log. */
const REMEMBERED = 4;
const LONGEST_REMEMBERED = 96 * 1024;

export class SecretScan {
  readonly #options: SecretScanOptions;
  readonly #remembered: { readonly json: string; readonly findings: readonly PlacedFinding[] }[] = [];

  constructor(options: SecretScanOptions) {
    this.#options = options;
  }

  /** Secrets in JSON text, in order of their places, none overlapping another. Escapes are read as programs read them. */
  inJson(json: string): readonly PlacedFinding[] {
    const known = this.#remembered.find((one) => one.json === json);
    if (known) return known.findings;
    const findings = this.#marked(readings(json), true);
    if (json.length <= LONGEST_REMEMBERED) {
      this.#remembered.unshift({ json, findings });
      this.#remembered.length = Math.min(this.#remembered.length, REMEMBERED);
    }
    return findings;
  }

  /** Secrets in plain text. */
  inText(text: string): readonly PlacedFinding[] {
    return this.#marked([{ text, toWritten: (span) => span }], true);
  }

  /** Values of the vault in JSON text, and no others: far cheaper than looking for everything. */
  storedInJson(json: string): readonly PlacedFinding[] {
    return this.#options.stored.isEmpty() ? NONE : this.#marked(readings(json), false);
  }

  #marked(read: Iterable<ReadText>, byRules: boolean): readonly PlacedFinding[] {
    const { rules, stored, key } = this.#options;
    const found: Named[] = [];
    for (const { text, toWritten } of read) {
      const named = (span: Span) => ({ ...toWritten(span), value: text.slice(span.start, span.end) });
      for (const ours of stored.find(text)) {
        const title = `value of the stored secret ${ours.name}`;
        found.push({ rule: STORED_RULE, title, sureness: 'certain', stored: ours.name, ...named(ours) });
      }
      if (!byRules) continue;
      for (const one of rules().find(text)) {
        found.push({ rule: one.rule, title: one.title, sureness: one.sureness, stored: null, ...named(one) });
      }
    }
    if (found.length === 0) return NONE;
    return apart(found).map(({ value, ...finding }, index) => {
      const hasDigest = index < MOST_DIGESTS;
      const mark = hasDigest ? `#${createHmac('sha256', key).update(value).digest('hex').slice(0, 8)}` : '';
      return { ...finding, mark };
    });
  }
}

const NONE: readonly PlacedFinding[] = [];

/** Texts of JSON in JSON in JSON are read; deeper ones are nobody's mistake. */
const DEEPEST = 3;

/** The text without its escapes, and once more as long as there are escapes in it: JSON often carries JSON. */
function* readings(json: string): Generator<ReadText> {
  let { text, toWritten } = withoutEscapes(json);
  yield { text, toWritten };
  for (let depth = 1; depth < DEEPEST && text.includes('\\'); depth += 1) {
    const outer = toWritten;
    const inner = withoutEscapes(text);
    text = inner.text;
    toWritten = (span) => outer(inner.toWritten(span));
    yield { text, toWritten };
  }
}

type Named = Omit<PlacedFinding, 'mark'> & { readonly value: string };

/** Of findings that overlap one is left, over the whole of them. A value of the vault is told as that, whatever it looks like. */
function apart(found: readonly Named[]): Named[] {
  const ordered = found.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const separate: Named[] = [];
  for (const next of ordered) {
    const last = separate.at(-1);
    if (!last || next.start >= last.end) separate.push(next);
    else {
      const better = last.stored === null && next.stored !== null ? next : last;
      separate[separate.length - 1] = { ...better, start: last.start, end: Math.max(last.end, next.end) };
    }
  }
  return separate;
}

/** What stands where a secret was: `[secret github-token #3fa9c2d1]`. */
export function markOf({ rule, mark, stored }: SecretFinding): string {
  const name = stored === null ? rule : `${rule} ${stored}`;
  return mark === '' ? `[secret ${name}]` : `[secret ${name} ${mark}]`;
}

/** JSON text with marks in place of the secrets. It stays JSON, and every other byte stays as it was. */
export function redactJson(json: string, findings: readonly PlacedFinding[]): string {
  if (findings.length === 0) return json;
  const pieces = new JsonPieces(json);
  const parts: string[] = [];
  let at = 0;
  for (const finding of findings) {
    const mark = markOf(finding);
    const cut = pieces.of(finding);
    // Outside of strings and numbers there is nothing in JSON; in anything else a secret goes all the same.
    if (cut.length === 0) cut.push({ ...finding, isInString: false });
    for (const { start, end, isInString } of cut) {
      parts.push(json.slice(at, start), isInString ? mark : `"${mark}"`);
      at = end;
    }
  }
  parts.push(json.slice(at));
  return parts.join('');
}

/** Plain text with marks in place of the secrets. */
export function redactText(text: string, findings: readonly PlacedFinding[]): string {
  if (findings.length === 0) return text;
  const parts: string[] = [];
  let at = 0;
  for (const finding of findings) {
    parts.push(text.slice(at, finding.start), markOf(finding));
    at = finding.end;
  }
  parts.push(text.slice(at));
  return parts.join('');
}
