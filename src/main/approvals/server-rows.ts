import type { KeyObject } from 'node:crypto';
import { launchIdentitySchema } from '@shared/contract/index.ts';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { launchFingerprintOf } from './fingerprint.ts';
import type { KnownServer, SelfDescription, ServerVerdict } from './known-server.ts';
import { isSealed, type SealedServer, sealOf } from './seal.ts';
import { actorOf, parsed } from './stored-text.ts';

const describedSchema = z.object({
  at: z.number(),
  instructions: z.string().nullable(),
  serverInfo: z.record(z.string(), z.unknown()).nullable(),
  protocolVersion: z.string().nullable(),
  capabilities: z.record(z.string(), z.unknown()),
  counts: z.object({ resources: z.number(), resourceTemplates: z.number(), prompts: z.number() }),
});

interface ServerRow {
  name: string;
  launch: string;
  decision: 'approved' | 'blocked' | null;
  approved_launch: string | null;
  approved_instructions: string | null;
  baseline_seen: number;
  baseline_instructions: string | null;
  decided_at: number | null;
  decided_by: string | null;
  seal: string | null;
  added_at: number;
  listing: string | null;
}

export type UnsealedServerVerdict = Omit<ServerVerdict, 'seal' | 'sealIntact'>;

/** Servers in gatehouse.db. Rows are believed only as far as their seals and schemas hold. */
export function createServerRows(options: {
  readonly db: Database;
  readonly sealKey: KeyObject;
  readonly warn: (facts: object, message: string) => void;
}) {
  const { db, sealKey, warn } = options;
  const put = db.prepare(`
    INSERT INTO servers (name, launch, decision, approved_launch, approved_instructions, decided_at, decided_by, seal,
      added_at, listed_at, listing)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET launch = excluded.launch, decision = excluded.decision,
      approved_launch = excluded.approved_launch, approved_instructions = excluded.approved_instructions,
      decided_at = excluded.decided_at, decided_by = excluded.decided_by, seal = excluded.seal,
      listed_at = excluded.listed_at, listing = excluded.listing`);
  const drop = db.prepare('DELETE FROM servers WHERE name = ?');

  function read(row: ServerRow): KnownServer | null {
    const launch = launchIdentitySchema.safeParse(parsed(row.launch));
    if (!launch.success) {
      warn({ server: row.name }, 'A stored server cannot be read and starts as a new one');
      return null;
    }
    const read = row.listing === null ? null : describedSchema.safeParse(parsed(row.listing));
    const described = read?.success ? read.data : null;
    return {
      name: row.name,
      launch: launch.data,
      verdict: verdictOf(row, described),
      described,
      addedAt: row.added_at,
    };
  }

  function verdictOf(row: ServerRow, described: SelfDescription | null): ServerVerdict | null {
    if (row.decision === null) return null;
    const launch = launchIdentitySchema.safeParse(parsed(row.approved_launch ?? 'null'));
    // A decision about a launch that cannot be read is a decision about nothing.
    if (!launch.success) return null;
    const verdict = {
      kind: row.decision,
      launch: launch.data,
      instructions: row.approved_instructions,
      at: row.decided_at ?? 0,
      by: actorOf(row.decided_by),
      seal: row.seal ?? '',
    };
    if (isSealed(sealedServer(row.name, verdict), row.seal, sealKey)) return { ...verdict, sealIntact: true };
    const { approvedInstructions: _unknownThen, ...common } = sealedServer(row.name, verdict);
    const baseline = row.baseline_instructions;
    const older = { ...common, baselineSeen: row.baseline_seen === 1, instructions: baseline };
    if (isSealed(older, row.seal, sealKey)) {
      // Nobody approved the baseline. But what was held because it differs from it stays held.
      const isHeld = described !== null && described.instructions !== baseline;
      return { ...verdict, instructions: isHeld ? baseline : null, sealIntact: true };
    }
    warn({ server: row.name, decision: row.decision }, 'Seal broken: the stored decision about a server was changed');
    return { ...verdict, sealIntact: false };
  }

  return {
    load: (): KnownServer[] =>
      db
        .prepare<[], ServerRow>('SELECT * FROM servers ORDER BY name')
        .all()
        .map(read)
        .filter((server) => server !== null),
    save({ name, launch, verdict, described, addedAt }: KnownServer): void {
      put.run(
        ...[name, JSON.stringify(launch), verdict?.kind ?? null, verdict ? JSON.stringify(verdict.launch) : null],
        ...[verdict?.instructions ?? null, verdict?.at ?? null, verdict?.by ?? null, verdict?.seal ?? null],
        ...[addedAt, described?.at ?? null, described ? JSON.stringify(described) : null],
      );
    },
    drop: (name: string): void => void drop.run(name),
    seal: (name: string, verdict: UnsealedServerVerdict): ServerVerdict => ({
      ...verdict,
      seal: sealOf(sealedServer(name, verdict), sealKey),
      sealIntact: true,
    }),
  };
}

function sealedServer(name: string, { kind, launch, instructions }: UnsealedServerVerdict): SealedServer {
  const launchFingerprint = launchFingerprintOf(launch);
  return { kind: 'server', name, decision: kind, launchFingerprint, approvedInstructions: instructions };
}
