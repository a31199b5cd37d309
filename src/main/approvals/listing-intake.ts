import { offerIdOf } from '@shared/words.ts';
import { type KnownOffer, StoredDefinition } from './known-offer.ts';
import type { OffersByKind } from './known-things.ts';
import type { ListedOffer } from './listed-offers.ts';
import { offerKinds } from './offer-kinds.ts';

export type OfferEvent = 'seen' | 'changed' | 'removed';

/** What one listing does to one offer. `offer` null: it is forgotten, nobody had decided about it. */
export interface IntakeStep {
  readonly before: KnownOffer | undefined;
  readonly offer: KnownOffer | null;
  readonly event: OfferEvent | null;
}

/** The listing of a server, and how it is to be read. */
export interface Intake {
  readonly server: string;
  readonly listed: readonly ListedOffer[];
  readonly at: number;
  /** True when other offers may be there all the same: absent ones are not gone, known ones keep their place. */
  readonly partial: boolean;
}

/**
 * Compares a listing with what is known of the server. Gives only what differs: new offers, offers with another
 * definition or place, and vanished ones. Pure.
 */
export function planIntake(known: OffersByKind, intake: Intake): IntakeStep[] {
  const steps: IntakeStep[] = [];
  const listedIn = new Set<KnownOffer>();
  const places = new Map(offerKinds.map((kind) => [kind, intake.partial ? known[kind].size : 0]));
  for (const listed of intake.listed) {
    const before = known[listed.kind].get(listed.name);
    if (before) listedIn.add(before);
    const position = places.get(listed.kind) ?? 0;
    const step = stepFor(intake, before, listed, intake.partial && before ? before.position : position);
    if (!intake.partial || !before) places.set(listed.kind, position + 1);
    if (step) steps.push(step);
  }
  if (intake.partial) return steps;
  for (const kind of offerKinds) {
    for (const before of known[kind].values()) {
      if (listedIn.has(before) || !before.present) continue;
      const remembered = before.verdict === null ? null : { ...before, present: false };
      steps.push({ before, offer: remembered, event: remembered && 'removed' });
    }
  }
  return steps;
}

function stepFor(
  { server, at, partial }: Intake,
  before: KnownOffer | undefined,
  listed: ListedOffer,
  position: number,
): IntakeStep | null {
  const { kind, name } = listed;
  if (!before) {
    const definition = StoredDefinition.listed(kind, listed.text, listed.textHash);
    const fresh = { id: offerIdOf(server, kind, name), kind, server, name, definition, verdict: null, present: true };
    const { ambiguous } = listed;
    return { before, offer: { ...fresh, ambiguous, position, firstSeenAt: at, changedAt: null }, event: 'seen' };
  }
  // Only a whole listing can show that a second offer of the name is gone.
  const ambiguous = listed.ambiguous || (partial && before.present && before.ambiguous);
  const sameText = before.definition.textHash === listed.textHash;
  const definition = sameText ? before.definition : StoredDefinition.listed(kind, listed.text, listed.textHash);
  // Another order of keys is another text but the same definition.
  const isChanged = !sameText && definition.fingerprint !== before.definition.fingerprint;
  if (sameText && before.present && before.ambiguous === ambiguous && before.position === position) return null;
  const changedAt = isChanged ? at : before.changedAt;
  const event = isChanged ? 'changed' : before.present ? null : 'seen';
  return { before, offer: { ...before, definition, present: true, ambiguous, position, changedAt }, event };
}
