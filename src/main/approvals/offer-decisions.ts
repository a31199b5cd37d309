import { toolDefinitionSchema } from '@shared/contract/index.ts';
import { type Actor, type ApprovalState, type Effect, type FlowLabel, flowLabelSchema } from '@shared/words.ts';
import type { AuditLog } from '../audit/index.ts';
import type { ApprovalsStore } from './approvals-store.ts';
import { fingerprintOf, promisedValueOf } from './fingerprint.ts';
import type { Approvals, DecisionResult } from './index.ts';
import { type KnownOffer, ownState, StoredDefinition, summaryOf } from './known-offer.ts';
import type { KnownThings } from './known-things.ts';
import { noSuchOffer, offerRules } from './offer-kinds.ts';
import type { RefusalCounts } from './refusal-counts.ts';
import { suggestOfferEffect } from './suggest-effect.ts';
import type { WriteThrough } from './write-through.ts';

export interface DecisionNeeds {
  readonly clock: () => number;
  readonly audit: Pick<AuditLog, 'note'>;
  readonly store: ApprovalsStore;
  readonly known: KnownThings;
  readonly disk: WriteThrough;
  readonly refusals: RefusalCounts;
  readonly warn: (facts: object, message: string) => void;
}

type ApproveOptions = NonNullable<Parameters<Approvals['approve']>[2]>;
type Answer =
  | { readonly effect: Effect | null; readonly labels: readonly FlowLabel[] | null }
  | { readonly skip: string };

/** A person's decisions about what servers offer. */
export class OfferDecisions {
  readonly #needs: DecisionNeeds;

  constructor(needs: DecisionNeeds) {
    this.#needs = needs;
  }

  /** @returns what came of it, and the servers it concerns */
  approve(ids: readonly string[], by: Actor, options: ApproveOptions): DecisionResult & Concerned {
    return this.#decide(ids, by, 'approved', (id) => this.#approval(id, options));
  }

  block(ids: readonly string[], by: Actor): DecisionResult & Concerned {
    return this.#decide(ids, by, 'blocked', (id) => {
      const found = this.#needs.known.find(id);
      if (!found) return { skip: noSuchOffer(id) };
      const { effect = null, labels = null } = found.offer.verdict ?? {};
      return { effect, labels };
    });
  }

  /** The definition a person approved; null when there is none, or when the row was not written by this Gatehouse. */
  approvedDefinition(offer: KnownOffer): StoredDefinition | null {
    const { kind, verdict, definition } = offer;
    if (verdict?.kind !== 'approved' || !verdict.sealIntact) return null;
    if (verdict.definitionHash === definition.textHash) return definition;
    const text = this.#needs.store.offers.approvedText(offer);
    const checked = text === undefined ? undefined : toolDefinitionSchema.safeParse(JSON.parse(text));
    // The seal was checked when the row was loaded; this checks the row as it is now.
    if (text === undefined || !checked?.success) return null;
    if (fingerprintOf(promisedValueOf(kind, checked.data, text)) !== verdict.fingerprint) return null;
    return StoredDefinition.stored(kind, text, verdict.definitionHash, verdict.fingerprint);
  }

  /** Whether an offer may be approved now, and with which effect. */
  #approval(id: string, { effect, fingerprints, labels }: ApproveOptions): Answer {
    const found = this.#needs.known.find(id);
    if (!found) return { skip: noSuchOffer(id) };
    const { offer, entry } = found;
    const { noun, nouns, keyNoun } = offerRules[offer.kind];
    if (entry.state !== 'approved') {
      return { skip: `Its server ${offer.server} is ${HELD[entry.state]}. Approve the server first.` };
    }
    if (offer.ambiguous) {
      const which = keyNoun === 'name' ? `named ${offer.name}` : `with the ${keyNoun} ${offer.name}`;
      return { skip: `${offer.server} lists two ${nouns} ${which}, so it is not clear which one would be used.` };
    }
    if (offer.kind !== 'tool' && effect !== undefined && effect !== 'read') {
      return { skip: `A ${noun} is only read, so it cannot be approved as ${effect}. Leave the effect out.` };
    }
    const seen = fingerprints && Object.hasOwn(fingerprints, id) ? fingerprints[id] : undefined;
    if (seen !== undefined && seen !== offer.definition.fingerprint) {
      return { skip: 'It has changed since you looked at it. Look at it again and decide then.' };
    }
    return { effect: effect ?? this.#usualEffect(offer), labels: inOrder(labels) ?? this.#usualLabels(offer) };
  }

  /** The person's own choice as long as nothing speaks for another, else the suggestion. */
  #usualEffect(offer: KnownOffer): Effect {
    const suggested = offer.definition.suggestion.effect;
    const chosen = offer.verdict?.effect ?? null;
    const approved = chosen === null ? null : this.approvedDefinition(offer);
    const wasSuggested = approved && suggestOfferEffect(offer.kind, approved.value).effect;
    return chosen !== null && wasSuggested === suggested ? chosen : suggested;
  }

  /** The person's own choice as long as nothing speaks for other ones, else the suggestions. */
  #usualLabels(offer: KnownOffer): readonly FlowLabel[] | null {
    const chosen = offer.verdict?.labels ?? null;
    const approved = chosen === null ? null : this.approvedDefinition(offer);
    return approved && sameLabels(namesOf(approved.labels), namesOf(offer.definition.labels)) ? chosen : null;
  }

  /** Records every decision in the log before it takes effect. */
  #decide(
    ids: readonly string[],
    by: Actor,
    kind: 'approved' | 'blocked',
    answer: (id: string) => Answer,
  ): DecisionResult & Concerned {
    const { clock, known, store } = this.#needs;
    const at = clock();
    const skipped: { id: string; reason: string }[] = [];
    const unchanged: string[] = [];
    const decided: KnownOffer[] = [];
    let failure: unknown;
    for (const id of new Set(ids)) {
      const given = answer(id);
      const found = known.find(id);
      if ('skip' in given || !found) {
        skipped.push({ id, reason: 'skip' in given ? given.skip : noSuchOffer(id) });
        continue;
      }
      const { offer } = found;
      const { effect, labels } = given;
      const { verdict: before } = offer;
      const isSame =
        ownState(offer) === kind &&
        before?.sealIntact === true &&
        before.effect === effect &&
        sameLabels(before.labels, labels);
      if (isSame) {
        unchanged.push(id);
        continue;
      }
      try {
        this.#note(offer, kind, given, by, at);
      } catch (error) {
        failure = error;
        break;
      }
      const { fingerprint, textHash } = offer.definition;
      const verdict = store.offers.seal(offer, { kind, fingerprint, definitionHash: textHash, effect, labels, at, by });
      decided.push({ ...offer, verdict });
    }
    this.#apply(decided, at, by);
    if (failure !== undefined) throw failure;
    const changed = [...decided.map(({ id }) => id), ...unchanged].flatMap((id) => {
      const found = known.find(id);
      return found ? [summaryOf(found.offer, found.entry.state, known)] : [];
    });
    return { changed, skipped, servers: [...new Set(decided.map(({ server }) => server))] };
  }

  /** What cannot be recorded must not open anything; closing is always allowed. */
  #note(
    offer: KnownOffer,
    kind: 'approved' | 'blocked',
    { effect, labels }: Exclude<Answer, { readonly skip: string }>,
    by: Actor,
    at: number,
  ): void {
    const { audit, warn } = this.#needs;
    try {
      const facts = { fingerprint: offer.definition.fingerprint, effect, ...(labels && { labels }) };
      audit.note(
        { at, actor: by, action: `${offer.kind}.${kind}`, subject: offer.id, facts },
        { happened: kind === 'blocked' },
      );
    } catch (error) {
      if (kind === 'approved') throw error;
      warn({ id: offer.id, error }, `A ${offerRules[offer.kind].noun} was blocked, but the log could not record it`);
    }
  }

  #apply(decided: readonly KnownOffer[], at: number, by: Actor): void {
    if (decided.length === 0) return;
    const { disk, known, refusals, store } = this.#needs;
    const opens = decided.some((offer) => offer.verdict?.kind === 'approved');
    const saved = disk.write(opens ? 'approvals' : 'blocks', () => {
      for (const offer of decided) {
        store.offers.save(offer);
        store.offers.saveRefused(offer, 0);
        const { kind, effect, fingerprint } = offer.verdict ?? { kind: 'blocked', effect: null, fingerprint: '' };
        store.decisions.addForOffer(offer, { at, by, decision: kind, effect, fingerprint });
      }
    });
    // An approval that would be gone after a restart is no approval.
    if (!saved.ok && opens) throw saved.error;
    for (const offer of decided) {
      known.putOffer(offer);
      refusals.forget(offer.id);
    }
    for (const server of new Set(decided.map(({ server }) => server))) known.refresh(server);
  }
}

const namesOf = (labels: readonly { readonly label: FlowLabel }[]): FlowLabel[] => labels.map(({ label }) => label);

/** Each once and always in the same order, as the seal covers them. */
const inOrder = (labels: readonly FlowLabel[] | undefined): readonly FlowLabel[] | undefined =>
  labels && flowLabelSchema.options.filter((label) => labels.includes(label));

const sameLabels = (a: readonly FlowLabel[] | null, b: readonly FlowLabel[] | null): boolean =>
  a === null || b === null ? a === b : a.join() === b.join();

interface Concerned {
  /** Servers of which something was decided. */
  readonly servers: readonly string[];
}

const HELD: Readonly<Record<ApprovalState, string>> = {
  pending: 'new and waits for you',
  changed: 'held because it changed',
  blocked: 'blocked',
  approved: 'approved',
};
