import type { ToolDetail } from '@shared/contract/index.ts';
import type { ApprovalState } from '@shared/words.ts';
import type { Database } from 'better-sqlite3';
import type { AuditLog } from '../audit/index.ts';
import type { OwedWrites } from '../storage/index.ts';
import { type ApprovalsStore, createApprovalsStore } from './approvals-store.ts';
import { launchFingerprintOf } from './fingerprint.ts';
import type { Approvals, ApprovalsEvent } from './index.ts';
import { findingsOf, summaryOf } from './known-offer.ts';
import type { KnownServer } from './known-server.ts';
import { KnownThings } from './known-things.ts';
import { readListedOffers } from './listed-offers.ts';
import { type IntakeStep, planIntake } from './listing-intake.ts';
import { OfferDecisions } from './offer-decisions.ts';
import { RefusalCounts } from './refusal-counts.ts';
import { ScanAhead } from './scan-ahead.ts';
import { selfDescriptionOf } from './self-description.ts';
import { ServerDecisions } from './server-decisions.ts';
import { diffTool } from './tool-diff.ts';
import { WriteThrough } from './write-through.ts';

export interface ApprovalsOptions {
  /** What waits for space, shared by the rooms of a data folder; default: one of its own. */
  readonly owed?: OwedWrites;
  /** An open gatehouse.db in its newest form. */
  readonly db: Database;
  /** Milliseconds since epoch. */
  readonly clock: () => number;
  /** 32 bytes from the vault; decisions made under another key read as not made. */
  readonly sealKey: Buffer;
  readonly audit: Pick<AuditLog, 'note'>;
  readonly log?: { warn(facts: object, message: string): void };
}

/** Opens the approvals with everything decided before. */
export function createApprovals(options: ApprovalsOptions): Approvals {
  return new SealedApprovals(options);
}

class SealedApprovals implements Approvals {
  readonly #clock: () => number;
  readonly #warn: (facts: object, message: string) => void;
  readonly #store: ApprovalsStore;
  readonly #disk: WriteThrough;
  readonly #known = new KnownThings();
  readonly #refusals: RefusalCounts;
  readonly #offers: OfferDecisions;
  readonly #servers: ServerDecisions;
  readonly #scans = new ScanAhead((filter) => this.#known.present(filter).map(({ offer }) => offer.definition));
  readonly #listeners = new Set<(event: ApprovalsEvent) => void>();

  constructor({ db, clock, sealKey, audit, log, owed }: ApprovalsOptions) {
    this.#clock = clock;
    this.#warn = (facts, message) => log?.warn(facts, message);
    const warn = this.#warn;
    const store = createApprovalsStore({ db, sealKey, warn });
    this.#store = store;
    this.#disk = new WriteThrough({ owed, isReadOnly: db.readonly, together: store.together, warn });
    const servers = store.servers.load();
    const { offers, refused } = store.offers.load();
    for (const server of servers) this.#known.putServer(server);
    for (const offer of offers) this.#known.putOffer(offer);
    for (const server of servers) this.#known.refresh(server.name);
    this.#refusals = new RefusalCounts(refused);
    const needs = { clock, audit, store, known: this.#known, disk: this.#disk, refusals: this.#refusals, warn };
    this.#offers = new OfferDecisions(needs);
    this.#servers = new ServerDecisions(needs);
  }

  observeServer: Approvals['observeServer'] = (name, launch) => {
    const known = this.#known.server(name);
    if (known?.record.launchFingerprint === launchFingerprintOf(launch)) return known.record;
    const at = this.#clock();
    const server: KnownServer = known
      ? { ...known.server, launch }
      : { name, launch, verdict: null, described: null, addedAt: at };
    const before = known?.state;
    const entry = this.#known.putServer(server);
    const fingerprint = entry.record.launchFingerprint;
    this.#disk.write('servers', () => {
      this.#store.servers.save(server);
      const decision = known ? 'changed' : 'seen';
      this.#store.decisions.addForServer(name, { at, by: 'system', decision, effect: null, fingerprint });
    });
    this.#serverMoved(name, before);
    return entry.record;
  };

  observeListing: Approvals['observeListing'] = (name, listing, { partial = false } = {}) => {
    const entry = this.#known.server(name);
    // The server was removed while it was being listed.
    if (!entry) return [];
    const { offers, remarks } = readListedOffers(listing);
    const { described, remarks: more } = selfDescriptionOf(listing, partial ? entry.server.described : null);
    const before = entry.state;
    const server = { ...entry.server, described };
    const plan = planIntake(entry.offers, { server: name, listed: offers, at: listing.at, partial });
    const steps = plan.map((step) => this.#sealedAnew(step));
    this.#known.putServer(server);
    for (const step of steps) this.#takeIn(step);
    this.#disk.write('offers', () => {
      this.#store.servers.save(server);
      for (const step of steps) this.#saveStep(step, listing.at);
    });
    this.#serverMoved(name, before);
    if (steps.length > 0 && entry.state === before) this.#known.refresh(name);
    if (steps.length > 0) void this.#scans.done({ server: name });
    this.#tell({ type: 'tools', server: name });
    return [...remarks, ...more];
  };

  scanned: Approvals['scanned'] = (filter) => this.#scans.done(filter);

  forgetServer: Approvals['forgetServer'] = (name) => {
    if (!this.#known.server(name)) return;
    this.#known.removeServer(name);
    this.#disk.write('servers', () => this.#store.servers.drop(name));
    this.#tell({ type: 'server-removed', name });
  };

  server: Approvals['server'] = (name) => this.#known.server(name)?.record;

  servers: Approvals['servers'] = () => this.#known.servers().map((entry) => entry.record);

  approveServer: Approvals['approveServer'] = (name, by, expectedFingerprint) => {
    const record = this.#servers.approve(name, by, expectedFingerprint);
    this.#serverDecided(name);
    return record;
  };

  blockServer: Approvals['blockServer'] = (name, by) => {
    const record = this.#servers.block(name, by);
    this.#serverDecided(name);
    return record;
  };

  tool: Approvals['tool'] = (id) => this.#known.record(id);

  tools: Approvals['tools'] = ({ kind = 'tool', ...filter } = {}) =>
    this.#known.present({ kind, ...filter }).map(({ record }) => record);

  summaries: Approvals['summaries'] = (filter = {}) =>
    this.#known.present(filter).map(({ offer, entry }) => summaryOf(offer, entry.state, this.#known));

  detail: Approvals['detail'] = (id) => {
    const found = this.#known.find(id);
    if (!found) return undefined;
    const { offer, entry } = found;
    const { definition } = offer;
    const approved = this.#offers.approvedDefinition(offer);
    const differs = approved !== null && approved.fingerprint !== definition.fingerprint;
    const detail: ToolDetail = {
      ...summaryOf(offer, entry.state, this.#known),
      definition: definition.value,
      approvedDefinition: approved?.value ?? null,
      diff: differs ? diffTool(id, approved.promised, definition.promised, offer.kind) : null,
      suggestionReason: definition.suggestion.reason,
      suggestedLabels: [...definition.labels],
      findings: findingsOf(offer, this.#known.neighbours),
      history: this.#store.decisions.history(offer),
      refusedSinceHeld: this.#refusals.of(id),
    };
    return detail;
  };

  approve: Approvals['approve'] = (ids, by, options = {}) => this.#decided(this.#offers.approve(ids, by, options));

  block: Approvals['block'] = (ids, by) => this.#decided(this.#offers.block(ids, by));

  noteRefused: Approvals['noteRefused'] = (id) => {
    if (this.#known.record(id)) this.#refusals.add(id);
  };

  onChange: Approvals['onChange'] = (listener) => {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  };

  [Symbol.dispose](): void {
    this.#listeners.clear();
    this.#scans.stop();
    using disk = this.#disk;
    disk.settle();
    if (!this.#refusals.hasUnsaved) return;
    disk.write('refusals', () => {
      for (const id of this.#refusals.unsaved()) {
        const found = this.#known.find(id);
        if (found) this.#store.offers.saveRefused(found.offer, this.#refusals.of(id));
      }
    });
  }

  /**
   * A definition written in another way is still the approved one. The seal moves to the new text, so that the next start
   * need not look into it.
   */
  #sealedAnew(step: IntakeStep): IntakeStep {
    const { offer } = step;
    const verdict = offer?.verdict;
    if (!offer || verdict?.kind !== 'approved' || !verdict.sealIntact) return step;
    const { textHash, fingerprint } = offer.definition;
    if (verdict.definitionHash === textHash || verdict.fingerprint !== fingerprint) return step;
    return {
      ...step,
      offer: { ...offer, verdict: this.#store.offers.seal(offer, { ...verdict, definitionHash: textHash }) },
    };
  }

  #takeIn({ before, offer, event }: IntakeStep): void {
    if (offer) this.#known.putOffer(offer);
    else if (before) this.#known.removeOffer(before);
    if (offer && event === 'changed') this.#refusals.forget(offer.id);
  }

  #saveStep({ before, offer, event }: IntakeStep, at: number): void {
    if (!offer) {
      if (!before) return;
      this.#store.offers.drop(before);
      this.#store.decisions.drop(before);
      return;
    }
    this.#store.offers.save(offer);
    if (event === null) return;
    const { fingerprint } = offer.definition;
    this.#store.decisions.addForOffer(offer, { at, by: 'system', decision: event, effect: null, fingerprint });
  }

  #decided({ changed, skipped, servers }: ReturnType<OfferDecisions['approve']>) {
    for (const server of servers) this.#tell({ type: 'tools', server });
    return { changed, skipped };
  }

  #serverDecided(name: string): void {
    this.#tell({ type: 'server', name });
    this.#tell({ type: 'tools', server: name });
  }

  #serverMoved(name: string, before: ApprovalState | undefined): void {
    if (this.#known.server(name)?.state !== before) this.#known.refresh(name);
    this.#tell({ type: 'server', name });
  }

  #tell(event: ApprovalsEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#warn({ error }, 'A listener of the approvals failed');
      }
    }
  }
}
