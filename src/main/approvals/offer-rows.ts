import { hash, type KeyObject } from 'node:crypto';
import { toolDefinitionSchema } from '@shared/contract/index.ts';
import { type Effect, type FlowLabel, flowLabelSchema, type OfferKind, offerIdOf } from '@shared/words.ts';
import type { Database } from 'better-sqlite3';
import { type KnownOffer, type OfferVerdict, StoredDefinition } from './known-offer.ts';
import { isSealed, type SealedOffer, sealOf } from './seal.ts';
import { actorOf, parsed } from './stored-text.ts';

interface OfferRow {
  server: string;
  kind: OfferKind;
  name: string;
  definition: string;
  present: number;
  ambiguous: number;
  position: number;
  decision: 'approved' | 'blocked' | null;
  approved_fingerprint: string | null;
  /** 1 when the definition is, to the letter, the one decided about. */
  as_decided: number | null;
  /** The definition decided about when it is another one. */
  decided_text: string | null;
  effect: Effect | null;
  /** Labels joined by commas; null: as suggested. */
  labels: string | null;
  decided_at: number | null;
  decided_by: string | null;
  seal: string | null;
  first_seen_at: number;
  changed_at: number | null;
  refused_since_held: number;
}

export type UnsealedVerdict = Omit<OfferVerdict, 'seal' | 'sealIntact'>;

/** Offers in gatehouse.db. Rows are believed only as far as their seals and schemas hold. */
export function createOfferRows(options: {
  readonly db: Database;
  readonly sealKey: KeyObject;
  readonly warn: (facts: object, message: string) => void;
}) {
  const { db, sealKey, warn } = options;
  const put = db.prepare(`
    INSERT INTO tools (server, kind, name, definition, present, ambiguous, position, decision, approved_fingerprint,
      approved_definition, effect, labels, decided_at, decided_by, seal, first_seen_at, changed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (server, kind, name) DO UPDATE SET definition = excluded.definition, present = excluded.present,
      ambiguous = excluded.ambiguous, position = excluded.position, decision = excluded.decision,
      approved_fingerprint = excluded.approved_fingerprint, approved_definition = excluded.approved_definition,
      effect = excluded.effect, labels = excluded.labels, decided_at = excluded.decided_at, decided_by = excluded.decided_by,
      seal = excluded.seal, changed_at = excluded.changed_at`);
  // Most definitions are as decided: their second copy never leaves SQLite.
  const all = db.prepare<[], OfferRow>(`
    SELECT server, kind, name, definition, present, ambiguous, position, decision, approved_fingerprint,
      approved_definition = definition AS as_decided,
      iif(approved_definition = definition, NULL, approved_definition) AS decided_text,
      effect, labels, decided_at, decided_by, seal, first_seen_at, changed_at, refused_since_held FROM tools`);
  const approvedText = db
    .prepare<[string, string, string], string>(
      'SELECT approved_definition FROM tools WHERE server = ? AND kind = ? AND name = ?',
    )
    .pluck();
  const drop = db.prepare('DELETE FROM tools WHERE server = ? AND kind = ? AND name = ?');
  const putRefused = db.prepare('UPDATE tools SET refused_since_held = ? WHERE server = ? AND kind = ? AND name = ?');

  function read(row: OfferRow): KnownOffer | null {
    const { server, kind, name, definition } = row;
    const textHash = hash('sha256', definition);
    const isAsDecided = row.as_decided === 1;
    const verdict = verdictOf(row, isAsDecided ? textHash : hash('sha256', row.decided_text ?? ''));
    const vouched = verdict?.sealIntact === true && isAsDecided;
    if (!vouched && !toolDefinitionSchema.safeParse(parsed(definition)).success) {
      warn({ server, kind, name }, `A stored ${kind} definition cannot be read and is left out`);
      return null;
    }
    return {
      id: offerIdOf(server, kind, name),
      kind,
      server,
      name,
      definition: StoredDefinition.stored(kind, definition, textHash, vouched ? verdict.fingerprint : undefined),
      verdict,
      present: row.present === 1,
      ambiguous: row.ambiguous === 1,
      position: row.position,
      firstSeenAt: row.first_seen_at,
      changedAt: row.changed_at,
    };
  }

  function verdictOf(row: OfferRow, definitionHash: string): OfferVerdict | null {
    if (row.decision === null) return null;
    const verdict = {
      kind: row.decision,
      fingerprint: row.approved_fingerprint ?? '',
      definitionHash,
      effect: row.effect,
      labels: row.labels === null ? null : labelsOf(row.labels),
      at: row.decided_at ?? 0,
      by: actorOf(row.decided_by),
      seal: row.seal ?? '',
    };
    const sealIntact = isSealed(sealedOffer(row, verdict), row.seal, sealKey);
    if (!sealIntact) {
      const { server, kind, name, decision } = row;
      warn({ server, kind, name, decision }, `Seal broken: the stored decision about a ${kind} was changed`);
    }
    return { ...verdict, sealIntact };
  }

  return {
    load(): { offers: KnownOffer[]; refused: Map<string, number> } {
      const offers: KnownOffer[] = [];
      const refused = new Map<string, number>();
      for (const row of all.all()) {
        const offer = read(row);
        if (!offer) continue;
        offers.push(offer);
        if (row.refused_since_held > 0) refused.set(offer.id, row.refused_since_held);
      }
      return { offers, refused };
    },
    save(offer: KnownOffer): void {
      const { verdict, definition, server, kind, name } = offer;
      // The approved text moves into its own column at approval and stays there while the definition changes.
      const isNow = verdict?.definitionHash === definition.textHash;
      const approved = isNow ? definition.text : (approvedText.get(server, kind, name) ?? null);
      put.run(
        ...[server, kind, name, definition.text, offer.present ? 1 : 0, offer.ambiguous ? 1 : 0, offer.position],
        ...[verdict?.kind ?? null, verdict?.fingerprint ?? null, verdict ? approved : null, verdict?.effect ?? null],
        verdict?.labels?.join(',') ?? null,
        ...[verdict?.at ?? null, verdict?.by ?? null, verdict?.seal ?? null, offer.firstSeenAt, offer.changedAt],
      );
    },
    drop: ({ server, kind, name }: KnownOffer): void => void drop.run(server, kind, name),
    saveRefused({ server, kind, name }: KnownOffer, count: number): void {
      putRefused.run(count, server, kind, name);
    },
    /** The definition the decision is about; undefined when there is none. */
    approvedText: ({ server, kind, name }: KnownOffer): string | undefined =>
      approvedText.get(server, kind, name) ?? undefined,
    seal: (offer: KnownOffer, verdict: UnsealedVerdict): OfferVerdict => ({
      ...verdict,
      seal: sealOf(sealedOffer(offer, verdict), sealKey),
      sealIntact: true,
    }),
  };
}

function sealedOffer(
  { kind, server, name }: Pick<KnownOffer, 'kind' | 'server' | 'name'>,
  { kind: decision, fingerprint, definitionHash, effect, labels }: UnsealedVerdict,
): SealedOffer {
  return { kind, server, name, decision, fingerprint, definitionHash, effect, ...(labels && { labels }) };
}

/** What is no label is left out, and then the seal does not fit any more. */
function labelsOf(text: string): FlowLabel[] {
  return text.split(',').flatMap((word) => {
    const label = flowLabelSchema.safeParse(word);
    return label.success ? [label.data] : [];
  });
}
