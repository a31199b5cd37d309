/** Finds secrets in what passes through, and takes them out of what is kept. */
import { createHmac } from 'node:crypto';
import { JsonPieces, withoutEscapes } from './json-places.ts';
import type { Sureness } from './rule-file.ts';
import type { FoundSecret, SecretRules, Span } from './secret-rules.ts';

/** Answers where a value of the vault stands in a text. It never gives a value away. */
export interface StoredSecrets {
  find(text: string): readonly (Span & { readonly name: string })[];
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
  readonly rules: SecretRules;
  readonly stored: StoredSecrets;
  /** 32 bytes of the vault that marks are made with. */
  readonly key: Buffer;
}

export const STORED_RULE = 'stored-secret';
/** Marks made for one text; a text with more secrets than that is no text, and its other marks have no digest. */
const MOST_DIGESTS = 1000;
/** Texts whose findings are remembered: a call's arguments are looked at for the decision and again for the log. */
const REMEMBERED = 4;
const LONGEST_REMEMBERED = 64 * 1024;

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
    const { text, toWritten } = withoutEscapes(json);
    const findings = this.inText(text).map((finding) => ({ ...finding, ...toWritten(finding) }));
    if (json.length <= LONGEST_REMEMBERED) {
      this.#remembered.unshift({ json, findings });
      this.#remembered.length = Math.min(this.#remembered.length, REMEMBERED);
    }
    return findings;
  }

  /** Secrets in plain text. */
  inText(text: string): PlacedFinding[] {
    const { rules, stored } = this.#options;
    const byRule = rules.find(text);
    const ours = stored.find(text);
    if (byRule.length === 0 && ours.length === 0) return NONE;
    return joined(byRule, ours).map((one, index) => this.#placed(one, text, index < MOST_DIGESTS));
  }

  /** Values of the vault in JSON text, and no others: far cheaper than looking for everything. */
  storedInJson(json: string): readonly PlacedFinding[] {
    const { text, toWritten } = withoutEscapes(json);
    const ours = this.#options.stored.find(text);
    if (ours.length === 0) return NONE;
    return joined([], ours).map((one, index) => ({
      ...this.#placed(one, text, index < MOST_DIGESTS),
      ...toWritten(one),
    }));
  }

  #placed(one: Named, text: string, hasDigest: boolean): PlacedFinding {
    const value = text.slice(one.start, one.end);
    const { key } = this.#options;
    const mark = hasDigest ? `#${createHmac('sha256', key).update(value).digest('hex').slice(0, 8)}` : '';
    return { ...one, mark };
  }
}

const NONE: PlacedFinding[] = [];

type Named = FoundSecret & { readonly stored: string | null };

/** A value of the vault is told as that, whatever else it looks like. */
function joined(byRule: readonly FoundSecret[], ours: ReturnType<StoredSecrets['find']>): Named[] {
  const all: Named[] = [
    ...ours.map(
      ({ name, start, end }): Named => ({
        ...{ rule: STORED_RULE, title: `value of the stored secret ${name}`, sureness: 'certain', start, end },
        stored: name,
      }),
    ),
    ...byRule.map((found) => ({ ...found, stored: null })),
  ].sort((a, b) => a.start - b.start || b.end - a.end);
  const apart: Named[] = [];
  for (const next of all) {
    const last = apart.at(-1);
    if (!last || next.start >= last.end) apart.push(next);
    else {
      const better = last.stored === null && next.stored !== null ? next : last;
      apart[apart.length - 1] = { ...better, start: last.start, end: Math.max(last.end, next.end) };
    }
  }
  return apart;
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
    for (const { start, end, isInString } of pieces.of(finding)) {
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
