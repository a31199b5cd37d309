import { hash } from 'node:crypto';
import { launchIdentitySchema, toolDefinitionSchema } from '@shared/contract/index.ts';
import { type Actor, actorSchema, type Effect } from '@shared/words.ts';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { launchFingerprintOf } from './fingerprint.ts';
import type { KnownServer, ServerVerdict } from './known-server.ts';
import { type KnownTool, StoredDefinition, type ToolVerdict } from './known-tool.ts';
import { isSealed, type SealedServer, type SealedTool, sealOf } from './seal.ts';

export type DecisionWord = 'approved' | 'blocked' | 'seen' | 'changed' | 'removed';

export interface DecisionRow {
  readonly at: number;
  readonly by: Actor;
  readonly decision: DecisionWord;
  readonly effect: Effect | null;
  readonly fingerprint: string;
}

/** Remembered events a tool; decisions of people are never pruned. */
const MOST_EVENTS = 100;

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
  baseline_seen: number;
  baseline_instructions: string | null;
  decided_at: number | null;
  decided_by: string | null;
  seal: string | null;
  added_at: number;
  listing: string | null;
}

interface ToolRow {
  server: string;
  name: string;
  definition: string;
  present: number;
  ambiguous: number;
  position: number;
  decision: 'approved' | 'blocked' | null;
  approved_fingerprint: string | null;
  approved_definition: string | null;
  effect: Effect | null;
  decided_at: number | null;
  decided_by: string | null;
  seal: string | null;
  first_seen_at: number;
  changed_at: number | null;
  refused_since_held: number;
}

/** Servers, tools and decisions in gatehouse.db. Rows are believed only as far as their seals and schemas hold. */
export type ApprovalsStore = ReturnType<typeof createApprovalsStore>;

export function createApprovalsStore(options: {
  readonly db: Database;
  readonly sealKey: Buffer;
  readonly warn: (facts: object, message: string) => void;
}) {
  const { db, sealKey, warn } = options;
  const putServer = db.prepare(`
    INSERT INTO servers (name, launch, decision, approved_launch, baseline_seen, baseline_instructions, decided_at,
      decided_by, seal, added_at, listed_at, listing)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET launch = excluded.launch, decision = excluded.decision,
      approved_launch = excluded.approved_launch, baseline_seen = excluded.baseline_seen,
      baseline_instructions = excluded.baseline_instructions, decided_at = excluded.decided_at,
      decided_by = excluded.decided_by, seal = excluded.seal, listed_at = excluded.listed_at,
      listing = excluded.listing`);
  const putTool = db.prepare(`
    INSERT INTO tools (server, name, definition, present, ambiguous, position, decision, approved_fingerprint,
      approved_definition, effect, decided_at, decided_by, seal, first_seen_at, changed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (server, name) DO UPDATE SET definition = excluded.definition, present = excluded.present,
      ambiguous = excluded.ambiguous, position = excluded.position, decision = excluded.decision,
      approved_fingerprint = excluded.approved_fingerprint, approved_definition = excluded.approved_definition,
      effect = excluded.effect, decided_at = excluded.decided_at, decided_by = excluded.decided_by,
      seal = excluded.seal, changed_at = excluded.changed_at`);
  const approvedText = db
    .prepare<[string, string], string>('SELECT approved_definition FROM tools WHERE server = ? AND name = ?')
    .pluck();
  const addDecision = db.prepare(
    'INSERT INTO decisions (server, tool, at, by, decision, effect, fingerprint) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const pruneEvents = db.prepare(`
    DELETE FROM decisions WHERE server = ? AND tool = ? AND decision NOT IN ('approved', 'blocked') AND id NOT IN
      (SELECT id FROM decisions WHERE server = ? AND tool = ? ORDER BY id DESC LIMIT ${MOST_EVENTS})`);
  const historyOf = db.prepare<[string, string], DecisionRow>(
    'SELECT at, by, decision, effect, fingerprint FROM decisions WHERE server = ? AND tool = ? ORDER BY id DESC LIMIT 200',
  );
  const dropTool = db.prepare('DELETE FROM tools WHERE server = ? AND name = ?');
  const dropEvents = db.prepare('DELETE FROM decisions WHERE server = ? AND tool = ?');
  const dropServer = db.prepare('DELETE FROM servers WHERE name = ?');
  const putRefused = db.prepare('UPDATE tools SET refused_since_held = ? WHERE server = ? AND name = ?');

  function readServer(row: ServerRow): KnownServer | null {
    const launch = launchIdentitySchema.safeParse(parsed(row.launch));
    if (!launch.success) {
      warn({ server: row.name }, 'A stored server cannot be read and starts as a new one');
      return null;
    }
    const described = row.listing === null ? null : describedSchema.safeParse(parsed(row.listing));
    return {
      name: row.name,
      launch: launch.data,
      verdict: serverVerdict(row),
      described: described?.success ? described.data : null,
      addedAt: row.added_at,
    };
  }

  function serverVerdict(row: ServerRow): ServerVerdict | null {
    if (row.decision === null) return null;
    const launch = launchIdentitySchema.safeParse(parsed(row.approved_launch ?? 'null'));
    // A decision about a launch that cannot be read is a decision about nothing.
    if (!launch.success) return null;
    const verdict = {
      kind: row.decision,
      launch: launch.data,
      baseline: row.baseline_seen === 1 ? { instructions: row.baseline_instructions } : null,
      at: row.decided_at ?? 0,
      by: actorOf(row.decided_by),
      seal: row.seal ?? '',
    };
    const sealIntact = isSealed(sealedServer(row.name, verdict), row.seal, sealKey);
    if (!sealIntact) {
      warn({ server: row.name, decision: row.decision }, 'Seal broken: the stored decision about a server was changed');
    }
    return { ...verdict, sealIntact };
  }

  function readTool(row: ToolRow): KnownTool | null {
    const verdict = toolVerdict(row);
    const vouched = verdict?.sealIntact === true && row.approved_definition === row.definition;
    if (!vouched && !toolDefinitionSchema.safeParse(parsed(row.definition)).success) {
      warn({ server: row.server, tool: row.name }, 'A stored tool definition cannot be read and is left out');
      return null;
    }
    return {
      server: row.server,
      name: row.name,
      definition: StoredDefinition.stored(row.definition, vouched ? verdict.fingerprint : undefined),
      verdict,
      present: row.present === 1,
      ambiguous: row.ambiguous === 1,
      position: row.position,
      firstSeenAt: row.first_seen_at,
      changedAt: row.changed_at,
    };
  }

  function toolVerdict(row: ToolRow): ToolVerdict | null {
    if (row.decision === null) return null;
    const verdict = {
      kind: row.decision,
      fingerprint: row.approved_fingerprint ?? '',
      definitionHash: hash('sha256', row.approved_definition ?? ''),
      effect: row.effect,
      at: row.decided_at ?? 0,
      by: actorOf(row.decided_by),
      seal: row.seal ?? '',
    };
    const sealIntact = isSealed(sealedTool(row, verdict), row.seal, sealKey);
    if (!sealIntact) {
      const facts = { server: row.server, tool: row.name, decision: row.decision };
      warn(facts, 'Seal broken: the stored decision about a tool was changed');
    }
    return { ...verdict, sealIntact };
  }

  function saveTool(tool: KnownTool): void {
    const { verdict, definition } = tool;
    // The approved text moves into its own column at approval and stays there while the definition changes.
    const isNow = verdict?.definitionHash === definition.textHash;
    const approved = isNow ? definition.text : (approvedText.get(tool.server, tool.name) ?? null);
    putTool.run(
      ...[tool.server, tool.name, definition.text, tool.present ? 1 : 0, tool.ambiguous ? 1 : 0, tool.position],
      ...[verdict?.kind ?? null, verdict?.fingerprint ?? null, verdict ? approved : null, verdict?.effect ?? null],
      ...[verdict?.at ?? null, verdict?.by ?? null, verdict?.seal ?? null, tool.firstSeenAt, tool.changedAt],
    );
  }

  return {
    load(): { servers: KnownServer[]; tools: KnownTool[]; refused: Map<string, number> } {
      const servers = db.prepare<[], ServerRow>('SELECT * FROM servers ORDER BY name').all();
      const rows = db.prepare<[], ToolRow>('SELECT * FROM tools ORDER BY server, position').all();
      return {
        servers: servers.map(readServer).filter((server) => server !== null),
        tools: rows.map(readTool).filter((tool) => tool !== null),
        refused: new Map(rows.map((row) => [`${row.server}:${row.name}`, row.refused_since_held])),
      };
    },
    saveServer(server: KnownServer): void {
      const { verdict, described } = server;
      putServer.run(
        ...[server.name, JSON.stringify(server.launch), verdict?.kind ?? null],
        ...[verdict ? JSON.stringify(verdict.launch) : null, verdict?.baseline ? 1 : 0],
        ...[verdict?.baseline?.instructions ?? null, verdict?.at ?? null, verdict?.by ?? null, verdict?.seal ?? null],
        ...[server.addedAt, described?.at ?? null, described ? JSON.stringify(described) : null],
      );
    },
    saveTool,
    /** Forgets a tool nobody decided about. */
    dropTool(tool: KnownTool): void {
      dropTool.run(tool.server, tool.name);
      dropEvents.run(tool.server, tool.name);
    },
    dropServer: (name: string): void => void dropServer.run(name),
    addToolEvent(tool: KnownTool, event: DecisionRow): void {
      addDecision.run(tool.server, tool.name, event.at, event.by, event.decision, event.effect, event.fingerprint);
      if (event.decision === 'changed') pruneEvents.run(tool.server, tool.name, tool.server, tool.name);
    },
    addServerEvent(name: string, event: DecisionRow): void {
      addDecision.run(name, null, event.at, event.by, event.decision, event.effect, event.fingerprint);
    },
    /** Newest first. */
    history: (tool: KnownTool): DecisionRow[] => historyOf.all(tool.server, tool.name),
    /** The definition the decision is about; undefined when there is none. */
    approvedText: (tool: KnownTool): string | undefined => approvedText.get(tool.server, tool.name) ?? undefined,
    saveRefused(tool: KnownTool, count: number): void {
      putRefused.run(count, tool.server, tool.name);
    },
    sealTool(tool: Pick<KnownTool, 'server' | 'name'>, verdict: Omit<ToolVerdict, 'seal' | 'sealIntact'>): ToolVerdict {
      return { ...verdict, seal: sealOf(sealedTool(tool, verdict), sealKey), sealIntact: true };
    },
    sealServer(name: string, verdict: Omit<ServerVerdict, 'seal' | 'sealIntact'>): ServerVerdict {
      return { ...verdict, seal: sealOf(sealedServer(name, verdict), sealKey), sealIntact: true };
    },
    /** All or nothing. A database that cannot be written is an error of the caller's choosing. */
    together: (work: () => void): void => db.transaction(work)(),
  };
}

function sealedTool(
  tool: { readonly server: string; readonly name: string },
  verdict: Omit<ToolVerdict, 'seal' | 'sealIntact'>,
): SealedTool {
  const { kind, fingerprint, definitionHash, effect } = verdict;
  return { kind: 'tool', server: tool.server, name: tool.name, decision: kind, fingerprint, definitionHash, effect };
}

function sealedServer(name: string, verdict: Omit<ServerVerdict, 'seal' | 'sealIntact'>): SealedServer {
  return {
    kind: 'server',
    name,
    decision: verdict.kind,
    launchFingerprint: launchFingerprintOf(verdict.launch),
    baselineSeen: verdict.baseline !== null,
    instructions: verdict.baseline?.instructions ?? null,
  };
}

/** Undefined for text that is not JSON; every use is followed by a schema. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function actorOf(text: string | null): Actor {
  const actor = actorSchema.safeParse(text);
  return actor.success ? actor.data : 'system';
}
