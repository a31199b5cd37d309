import { membersOf, withMember } from '@shared/json-text.ts';
import { carriedCapabilities, LISTING_CAPABILITIES } from './client-capabilities.ts';
import { isJsonObject, type JsonObject } from './json-rpc.ts';
import {
  CLIENT_CAPABILITIES_KEY,
  CLIENT_INFO_KEY,
  LOG_LEVEL_KEY,
  MODERN_VERSION,
  PROTOCOL_VERSION_KEY,
} from './protocol-words.ts';
import type { CallerSide } from './types.ts';

/**
 * `_meta` keys that describe one leg only and are written anew for the next (protocol 2026-07-28): another leg's token
 * would be answered to nobody, and the app's identity is not the server's to know.
 */
const HOP_KEYS: ReadonlySet<string> = new Set([
  'progressToken',
  PROTOCOL_VERSION_KEY,
  CLIENT_INFO_KEY,
  CLIENT_CAPABILITIES_KEY,
  LOG_LEVEL_KEY,
]);

/** Requests whose answer depends on what the client can do, and is kept for all callers. */
const LISTINGS: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'prompts/list',
]);

/** What every request of the modern era says of its client in `_meta`. */
export class Envelope {
  readonly #client: string;
  readonly #listing = JSON.stringify(LISTING_CAPABILITIES);
  /** By the object a caller declared, which lives as long as its session. */
  readonly #capabilities = new WeakMap<object, string>();

  constructor(clientInfo: { readonly name: string; readonly version: string }) {
    const { name, version } = clientInfo;
    this.#client = [
      memberText(PROTOCOL_VERSION_KEY, MODERN_VERSION),
      memberText(CLIENT_INFO_KEY, { name, version }),
      `"${CLIENT_CAPABILITIES_KEY}":`,
    ].join(',');
  }

  /** The members of `_meta`, as JSON text without braces. */
  membersFor(method: string, caller: CallerSide | undefined, logLevel: string | null | undefined): string {
    const level = logLevel == null ? '' : `,${memberText(LOG_LEVEL_KEY, logLevel)}`;
    return `${this.#client}${this.#capabilitiesFor(method, caller)}${level}`;
  }

  #capabilitiesFor(method: string, caller: CallerSide | undefined): string {
    if (!caller) return LISTINGS.has(method) ? this.#listing : '{}';
    const known = this.#capabilities.get(caller.capabilities);
    if (known !== undefined) return known;
    const text = JSON.stringify(carriedCapabilities(caller.capabilities));
    this.#capabilities.set(caller.capabilities, text);
    return text;
  }
}

/**
 * Text of a request's params for this leg: as given, but for the keys of `_meta` that belong to one leg.
 * @param json text of `params`; without it they are written anew
 * @param own members of `_meta` for this leg, as text without braces; empty for none
 */
export function paramsTextFor(
  params: JsonObject | undefined,
  json: string | undefined,
  own: string,
): string | undefined {
  const given = params && Object.hasOwn(params, '_meta') ? params._meta : undefined;
  if (own === '' && !holdsHopKeys(given)) return json ?? (params && JSON.stringify(params));
  const text = json ?? JSON.stringify(params ?? {});
  if (given === undefined) {
    const close = text.lastIndexOf('}');
    // An object with members has the quotes of their keys.
    const comma = text.includes('"') ? ',' : '';
    return `${text.slice(0, close)}${comma}"_meta":{${own}}${text.slice(close)}`;
  }
  const meta = membersOf(text).findLast(({ key }) => key === '_meta');
  const kept = meta ? keptOf(text, meta.start) : [];
  if (own !== '') kept.push(own);
  return withMember(text, '_meta', `{${kept.join(',')}}`);
}

function keptOf(text: string, start: number): string[] {
  const kept = membersOf(text, start).filter(({ key }) => !HOP_KEYS.has(key));
  return kept.map((member) => text.slice(member.keyStart, member.end));
}

function holdsHopKeys(meta: unknown): boolean {
  if (!isJsonObject(meta)) return false;
  for (const key of Object.keys(meta)) if (HOP_KEYS.has(key)) return true;
  return false;
}

function memberText(key: string, value: unknown): string {
  return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
}
