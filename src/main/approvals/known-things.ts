import type { ApprovalState, OfferKind } from '@shared/words.ts';
import { Neighbours } from '../scanner/index.ts';
import type { ServerRecord, ToolRecord } from './index.ts';
import { type KnownOffer, recordOf } from './known-offer.ts';
import { type KnownServer, recordOfServer } from './known-server.ts';
import { offerKinds } from './offer-kinds.ts';

/** Offers by what names them. Maps, because names come from servers. */
export type OffersByKind = Readonly<Record<OfferKind, ReadonlyMap<string, KnownOffer>>>;

/** A server with its offers, vanished ones included. */
export interface ServerEntry {
  server: KnownServer;
  state: ApprovalState;
  record: ServerRecord;
  readonly offers: Readonly<Record<OfferKind, Map<string, KnownOffer>>>;
}

export interface FoundOffer {
  readonly offer: KnownOffer;
  readonly entry: ServerEntry;
  readonly record: ToolRecord;
}

export interface OfferFilter {
  readonly state?: ApprovalState | undefined;
  readonly server?: string | undefined;
  readonly kind?: OfferKind | undefined;
}

/** Everything known, in memory: what a call needs is one lookup away. */
export class KnownThings {
  readonly #servers = new Map<string, ServerEntry>();
  /** By id, and only offers that are listed now: nobody can find or call another. */
  readonly #records = new Map<string, ToolRecord>();
  #neighbours: Neighbours | undefined;

  /** The names of all tools that are listed now. */
  get neighbours(): Neighbours {
    this.#neighbours ??= new Neighbours([...this.#records.values()].filter(({ kind }) => kind === 'tool'));
    return this.#neighbours;
  }

  server(name: string): ServerEntry | undefined {
    return this.#servers.get(name);
  }

  servers(): ServerEntry[] {
    return [...this.#servers.values()];
  }

  record(id: string): ToolRecord | undefined {
    return this.#records.get(id);
  }

  putServer(server: KnownServer): ServerEntry {
    const record = recordOfServer(server);
    const { state } = record;
    const known = this.#servers.get(server.name);
    if (known) return Object.assign(known, { server, record, state });
    const offers = { tool: new Map(), prompt: new Map(), resource: new Map(), template: new Map() };
    const entry = { server, record, state, offers };
    this.#servers.set(server.name, entry);
    return entry;
  }

  removeServer(name: string): void {
    const entry = this.#servers.get(name);
    if (!entry) return;
    this.#neighbours = undefined;
    for (const offer of offersOf(entry)) this.#records.delete(offer.id);
    this.#servers.delete(name);
  }

  /** Changes one offer of a server; its record follows with `refresh`. */
  putOffer(offer: KnownOffer): void {
    this.#servers.get(offer.server)?.offers[offer.kind].set(offer.name, offer);
  }

  removeOffer({ id, server, kind, name }: KnownOffer): void {
    this.#servers.get(server)?.offers[kind].delete(name);
    this.#records.delete(id);
    this.#neighbours = undefined;
  }

  /** Makes the records of a server's offers anew after it or they changed. Records handed out before stay as they were. */
  refresh(name: string): void {
    const entry = this.#servers.get(name);
    if (!entry) return;
    this.#neighbours = undefined;
    for (const offer of offersOf(entry)) {
      if (offer.present) this.#records.set(offer.id, recordOf(offer, entry.state));
      else this.#records.delete(offer.id);
    }
  }

  find(id: string): FoundOffer | undefined {
    const record = this.#records.get(id);
    const entry = record && this.#servers.get(record.server);
    const offer = record && entry?.offers[record.kind].get(record.name);
    return entry && offer ? { offer, entry, record } : undefined;
  }

  /** Listed offers, by server, then kind, then in the servers' own order. */
  present({ state, server, kind }: OfferFilter): FoundOffer[] {
    const one = server === undefined ? undefined : this.#servers.get(server);
    const entries = server === undefined ? this.servers() : one ? [one] : [];
    const kinds = kind === undefined ? offerKinds : [kind];
    return entries.flatMap((entry) =>
      kinds.flatMap((each) => {
        const found: FoundOffer[] = [];
        for (const offer of entry.offers[each].values()) {
          const record = offer.present ? this.#records.get(offer.id) : undefined;
          if (record && (state === undefined || record.state === state)) found.push({ offer, entry, record });
        }
        return found.sort((a, b) => a.offer.position - b.offer.position);
      }),
    );
  }
}

function* offersOf({ offers }: ServerEntry): Iterable<KnownOffer> {
  for (const kind of offerKinds) yield* offers[kind].values();
}
