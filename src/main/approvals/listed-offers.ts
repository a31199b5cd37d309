import { hash } from 'node:crypto';
import { toolDefinitionSchema } from '@shared/contract/index.ts';
import { repeatedKey } from '@shared/json-text.ts';
import { hidesText } from '@shared/suspicious-characters.ts';
import type { OfferKind } from '@shared/words.ts';
import { canonicalJson, DEEPEST, TooDeepError } from './canonical-json.ts';
import type { ListingRemark, ServerListing } from './index.ts';
import { Remarks } from './listing-remarks.ts';
import { listedRaw, type OfferRules, offerKinds, offerRules } from './offer-kinds.ts';
import { shapeRemarks } from './offer-shape.ts';

/** Characters one definition may have. */
const LARGEST_DEFINITION = 1024 * 1024;

/** An offer of a listing that can be shown to a person. */
export interface ListedOffer {
  readonly kind: OfferKind;
  readonly name: string;
  /** JSON text of the definition as the server wrote it. */
  readonly text: string;
  /** SHA-256 (hex) of the text: equal texts need no second look. */
  readonly textHash: string;
  /** True when the server lists another offer of this kind and name. */
  readonly ambiguous: boolean;
}

/**
 * Takes apart what a server listed. Whatever cannot be named, shown or stored is left out with a remark; whatever is
 * merely strange is kept with a remark.
 */
export function readListedOffers(listing: ServerListing): { offers: ListedOffer[]; remarks: ListingRemark[] } {
  const remarks = new Remarks();
  const offers = offerKinds.flatMap((kind) => readKind(kind, listedRaw(listing, kind), remarks));
  return { offers, remarks: remarks.all() };
}

function readKind(kind: OfferKind, { entries, texts }: ReturnType<typeof listedRaw>, remarks: Remarks): ListedOffer[] {
  const { noun, nouns, most, largestListing } = offerRules[kind];
  if (entries.length > most) {
    remarks.add(nouns, `The server lists ${entries.length} ${nouns}. Only the first ${most} are taken in.`);
  }
  const found = new Map<string, ListedOffer>();
  let size = 0;
  for (const [index, item] of entries.slice(0, most).entries()) {
    const offer = readOffer(kind, item, texts?.[index], index, remarks);
    if (!offer) continue;
    const first = found.get(offer.name);
    if (first) {
      if (!first.ambiguous) {
        remarks.add(
          offer.name,
          `The server lists two ${nouns} with this ${offerRules[kind].keyNoun}. The ${noun} is held.`,
        );
      }
      found.set(offer.name, { ...first, ambiguous: true });
      continue;
    }
    size += offer.text.length;
    if (size > largestListing) {
      remarks.add(nouns, 'The definitions of this server are too large together. The rest is left out.');
      break;
    }
    found.set(offer.name, offer);
  }
  return [...found.values()];
}

function readOffer(
  kind: OfferKind,
  entry: unknown,
  written: string | undefined,
  index: number,
  remarks: Remarks,
): ListedOffer | null {
  const rules = offerRules[kind];
  const place = `${rules.noun} ${index + 1}`;
  const item = definitionOf(entry, written);
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    remarks.add(place, 'It is not a definition and was left out.');
    return null;
  }
  const name: unknown = Object.hasOwn(item, rules.key) ? Reflect.get(item, rules.key) : undefined;
  const fault = faultOfName(name, rules);
  if (typeof name !== 'string' || fault !== null) {
    remarks.add(place, fault ?? `It has no ${rules.keyNoun} and was left out.`);
    return null;
  }
  const text = textOf(item, written);
  if (text === null) {
    remarks.add(name, 'Its definition is nested too deeply and was left out.');
    return null;
  }
  if (text.length > LARGEST_DEFINITION) {
    remarks.add(name, 'Its definition is larger than 1 MiB and was left out.');
    return null;
  }
  const checked = toolDefinitionSchema.safeParse(item);
  if (!checked.success) {
    const field = checked.error.issues[0]?.path.join('.') ?? 'definition';
    remarks.add(name, `Its ${field} is not of the kind MCP asks for, so the ${rules.noun} was left out.`);
    return null;
  }
  for (const remark of shapeRemarks(kind, name, checked.data)) remarks.add(name, remark);
  const single = withoutRepeatedKeys(text, item, name, remarks);
  return { kind, name, text: single, textHash: hash('sha256', single), ambiguous: false };
}

/** Programs differ in which of two members of one name they read; only one of them was looked at. */
function withoutRepeatedKeys(text: string, item: object, name: string, remarks: Remarks): string {
  const repeated = repeatedKey(text);
  if (repeated === undefined) return text;
  const key = JSON.stringify(repeated.slice(0, 60).toWellFormed());
  remarks.add(
    name,
    `Its definition has ${key} twice in one place. Only the last one counts, and it is passed on written anew.`,
  );
  return JSON.stringify(item);
}

/** The text is what is kept and passed on, so it is also what is looked at; undefined when it is no JSON. */
function definitionOf(entry: unknown, written: string | undefined): unknown {
  if (written === undefined || written.length > LARGEST_DEFINITION) return entry;
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}

/** Null when the definition is nested so deeply that it cannot be written or fingerprinted. */
function textOf(item: object, written: string | undefined): string | null {
  try {
    const text = written ?? JSON.stringify(item);
    // A brace opens every level, so most definitions are shown to be shallow without a walk.
    if (isDeep(text)) canonicalJson(item);
    return text;
  } catch (error) {
    if (error instanceof TooDeepError || error instanceof RangeError) return null;
    throw error;
  }
}

function isDeep(text: string): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > DEEPEST) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return false;
}

/** Null when a person can read what names the offer and tell it from another. */
function faultOfName(name: unknown, { keyNoun, longestKey }: OfferRules): string | null {
  if (typeof name !== 'string' || name.trim() === '') return `It has no ${keyNoun} and was left out.`;
  if (name.length > longestKey) return `Its ${keyNoun} is longer than ${longestKey} characters, so it was left out.`;
  // Control, format (invisible, direction) and surrogate characters, separators other than the space; then what draws
  // nothing though it counts as a letter or mark (fillers, variation selectors): two names must not look the same.
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(name) || hidesText(name)) {
    return `Its ${keyNoun} has invisible or control characters, so it was left out.`;
  }
  return null;
}
