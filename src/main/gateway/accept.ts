/** Which form of answer a client prefers, read from its Accept header (RFC 9110, 12.5.1). */

/** What the SDKs send. Most requests end at this comparison. */
const USUAL = 'application/json, text/event-stream';

/** Characters and ranges that are read; a longer header prefers nothing. */
const LONGEST = 512;
const MOST_RANGES = 16;

const EVENT_STREAM = 'text/event-stream';
/** What covers the JSON answer, the most specific first. */
const JSON_RANGES = ['application/json', 'application/*', '*/*'] as const;

/** One part of a list, commas inside quotes included. */
const PART = /(?:[^,"]|"(?:\\.|[^"\\])*")+/g;
const WEIGHT = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/**
 * True when the header names event streams ahead of JSON: with a higher weight, or with the same and listed earlier. A
 * header that cannot be read prefers nothing, so its sender gets the usual answer.
 */
export function prefersEventStream(accept: string | undefined): boolean {
  if (accept === undefined || accept === USUAL || accept.length > LONGEST) return false;
  const ranges = rangesOf(accept);
  const stream = ranges?.get(EVENT_STREAM);
  if (!ranges || !stream || stream.weight === 0) return false;
  const covering = JSON_RANGES.find((range) => ranges.has(range));
  const json = covering && ranges.get(covering);
  if (!json || stream.weight !== json.weight) return stream.weight > (json?.weight ?? 0);
  return stream.at < json.at;
}

interface Range {
  /** 0 to 1. */
  readonly weight: number;
  readonly at: number;
}

/** The media ranges by name, the first of each; undefined when the header is malformed or has too many. */
function rangesOf(accept: string): ReadonlyMap<string, Range> | undefined {
  const parts = accept.match(PART) ?? [];
  if (parts.length > MOST_RANGES) return undefined;
  const ranges = new Map<string, Range>();
  for (const [at, part] of parts.entries()) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const given = parameters.find((parameter) => parameter.startsWith('q='))?.slice('q='.length);
    if (given !== undefined && !WEIGHT.test(given)) return undefined;
    if (!ranges.has(name)) ranges.set(name, { weight: given === undefined ? 1 : Number(given), at });
  }
  return ranges;
}
