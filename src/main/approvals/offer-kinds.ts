import type { ToolDefinition } from '@shared/contract/index.ts';
import { assertNever, type OfferKind, offerKindSchema, splitOfferId } from '@shared/words.ts';
import type { ServerListing } from './index.ts';

/** What holds for one kind of offer. */
export interface OfferRules {
  readonly noun: string;
  readonly nouns: string;
  /** The list it stands in. */
  readonly list: 'tools' | 'prompts' | 'resources' | 'resourceTemplates';
  /** The field that names it, and how a person calls that field. */
  readonly key: 'name' | 'uri' | 'uriTemplate';
  readonly keyNoun: string;
  /** Characters of the key. */
  readonly longestKey: number;
  /** Offers of one server. */
  readonly most: number;
  /** Characters of all definitions of one server together. */
  readonly largestListing: number;
}

const MIB = 1024 * 1024;
const named = { key: 'name', keyNoun: 'name', longestKey: 128 } as const;

export const offerRules: Readonly<Record<OfferKind, OfferRules>> = {
  tool: { ...named, noun: 'tool', nouns: 'tools', list: 'tools', most: 10_000, largestListing: 64 * MIB },
  prompt: { ...named, noun: 'prompt', nouns: 'prompts', list: 'prompts', most: 10_000, largestListing: 16 * MIB },
  resource: {
    ...{ noun: 'resource', nouns: 'resources', list: 'resources', key: 'uri', keyNoun: 'URI' },
    ...{ longestKey: 2_048, most: 20_000, largestListing: 32 * MIB },
  },
  template: {
    ...{ noun: 'resource template', nouns: 'resource templates', list: 'resourceTemplates' },
    ...{ key: 'uriTemplate', keyNoun: 'URI template', longestKey: 2_048, most: 10_000, largestListing: 16 * MIB },
  },
};

/** In the order in which they are shown. */
export const offerKinds: readonly OfferKind[] = offerKindSchema.options;

/** The raw entries of one kind and, when the server's own text is known, that. */
export function listedRaw(
  listing: ServerListing,
  kind: OfferKind,
): { readonly entries: readonly unknown[]; readonly texts: readonly string[] | undefined } {
  const { list } = offerRules[kind];
  return { entries: listing[list], texts: listing.texts?.[list] };
}

export const offerNoun = (kind: OfferKind): string => offerRules[kind].noun;

/** How a person reads an id: "the tool files:read", "the prompt greet of files". */
export function offerTitle(id: string): string {
  const offer = splitOfferId(id);
  if (!offer || offer.kind === 'tool') return `the tool ${id}`;
  return `the ${offerRules[offer.kind].noun} ${offer.name} of ${offer.server}`;
}

/** Says that nothing has this id, and how to see what does. */
export function noSuchOffer(id: string): string {
  const kind = splitOfferId(id)?.kind ?? 'tool';
  const option = kind === 'tool' ? '' : ` --kind ${kind}`;
  return `There is no ${offerRules[kind].noun} ${id}. "gatehouse tool list${option}" shows all.`;
}

/** What is promised about a value that a person approves: for a resource not what changes with its content. */
export function promisedPart(kind: OfferKind, value: ToolDefinition): ToolDefinition {
  switch (kind) {
    case 'tool':
    case 'prompt':
    case 'template':
      return value;
    case 'resource':
      return withoutContentFacts(value);
    default:
      return assertNever(kind);
  }
}

/**
 * Only a size that is a number and a date that looks like one are left out: other text in these places could tell agents
 * something nobody approved.
 */
function withoutContentFacts({ size, annotations, ...rest }: ToolDefinition): ToolDefinition {
  const isSize = size === undefined || typeof size === 'number' || JSON.isRawJSON(size);
  const { lastModified, ...hints } = annotations ?? {};
  const isDateOrNone = lastModified === undefined || isDate(lastModified);
  const keptHints = isDateOrNone ? hints : annotations;
  return {
    ...rest,
    ...(isSize ? {} : { size }),
    ...(annotations === undefined || (lastModified !== undefined && isDateOrNone && Object.keys(hints).length === 0)
      ? {}
      : { annotations: keptHints }),
  };
}

function isDate(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d([T ][\d:.]{2,20}(Z|[+-]\d\d:?\d\d)?)?$/.test(value);
}
