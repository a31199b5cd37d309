import type { ToolDetail, ToolSummary } from '@shared/contract/index.ts';
import { toolDefinitionSchema } from '@shared/contract/index.ts';
import { type Actor, type ApprovalState, type Effect, toolIdOf } from '@shared/words.ts';
import type { Database } from 'better-sqlite3';
import type { AuditLog } from '../audit/index.ts';
import { OwedWrites } from '../storage/index.ts';
import { ApprovalError } from './approval-error.ts';
import { type ApprovalsStore, createApprovalsStore } from './approvals-store.ts';
import { fingerprintOf, launchFingerprintOf } from './fingerprint.ts';
import type { Approvals, ApprovalsEvent, DecisionResult, ServerRecord } from './index.ts';
import type { KnownServer } from './known-server.ts';
import { KnownThings, type ServerEntry } from './known-things.ts';
import { type KnownTool, ownState, summaryOfTool } from './known-tool.ts';
import { readListedTools } from './listed-tools.ts';
import { type IntakeStep, planIntake } from './listing-intake.ts';
import { selfDescriptionOf, withDescription } from './self-description.ts';
import { suggestEffect } from './suggest-effect.ts';
import { diffTool } from './tool-diff.ts';

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

type ApproveOptions = Parameters<Approvals['approve']>[2];

class SealedApprovals implements Approvals {
  readonly #clock: () => number;
  readonly #audit: Pick<AuditLog, 'note'>;
  readonly #store: ApprovalsStore;
  readonly #readOnly: boolean;
  readonly #warn: (facts: object, message: string) => void;
  readonly #known = new KnownThings();
  readonly #refused: Map<string, number>;
  readonly #refusedUnsaved = new Set<string>();
  readonly #listeners = new Set<(event: ApprovalsEvent) => void>();
  readonly #owed: OwedWrites;
  readonly #ownOwed: OwedWrites | undefined;
  /** Writes that failed so far; names them apart. */
  #unwritten = 0;

  constructor({ db, clock, sealKey, audit, log, owed }: ApprovalsOptions) {
    this.#clock = clock;
    this.#audit = audit;
    this.#readOnly = db.readonly;
    this.#warn = (facts, message) => log?.warn(facts, message);
    this.#owed = owed ?? new OwedWrites({ warn: this.#warn });
    this.#ownOwed = owed === undefined ? this.#owed : undefined;
    this.#store = createApprovalsStore({ db, sealKey, warn: this.#warn });
    const { servers, tools, refused } = this.#store.load();
    this.#refused = refused;
    for (const server of servers) this.#known.putServer(server);
    for (const tool of tools) this.#known.putTool(tool);
    for (const server of servers) this.#known.refresh(server.name);
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
    this.#persist('servers', () => {
      this.#store.saveServer(server);
      const decision = known ? 'changed' : 'seen';
      this.#store.addServerEvent(name, { at, by: 'system', decision, effect: null, fingerprint });
    });
    this.#serverMoved(name, before);
    return entry.record;
  };

  observeListing: Approvals['observeListing'] = (name, listing) => {
    const entry = this.#known.server(name);
    // The server was removed while it was being listed.
    if (!entry) return [];
    const { tools, remarks } = readListedTools(listing.tools);
    const { described, remarks: more } = selfDescriptionOf(listing);
    const before = entry.state;
    const server = withDescription(entry.server, described, (verdict) => this.#store.sealServer(name, verdict));
    const steps = planIntake(name, entry.tools, tools, listing.at);
    this.#known.putServer(server);
    for (const step of steps) this.#takeIn(step);
    this.#persist('tools', () => {
      this.#store.saveServer(server);
      for (const step of steps) this.#saveStep(step, listing.at);
    });
    this.#serverMoved(name, before);
    if (steps.length > 0 && entry.state === before) this.#known.refresh(name);
    this.#tell({ type: 'tools', server: name });
    return [...remarks, ...more];
  };

  forgetServer: Approvals['forgetServer'] = (name) => {
    if (!this.#known.server(name)) return;
    this.#known.removeServer(name);
    this.#persist('servers', () => this.#store.dropServer(name));
    this.#tell({ type: 'server-removed', name });
  };

  server: Approvals['server'] = (name) => this.#known.server(name)?.record;

  servers: Approvals['servers'] = () => this.#known.servers().map((entry) => entry.record);

  approveServer: Approvals['approveServer'] = (name, by, expectedFingerprint) => {
    const entry = this.#serverEntry(name);
    const { record } = entry;
    const isCurrent =
      expectedFingerprint === undefined ||
      expectedFingerprint === record.fingerprint ||
      (expectedFingerprint === record.launchFingerprint && !hasNewInstructions(entry.server));
    if (!isCurrent) {
      throw new ApprovalError(
        'stale',
        `What ${name} runs or tells agents has changed since you looked at it. Look at it again and decide then.`,
      );
    }
    const { described, launch, verdict } = entry.server;
    const baseline = described ? { instructions: described.instructions } : (verdict?.baseline ?? null);
    return this.#decideServer(entry, by, 'approved', { launch, baseline });
  };

  blockServer: Approvals['blockServer'] = (name, by) => {
    const entry = this.#serverEntry(name);
    const { verdict, launch } = entry.server;
    return this.#decideServer(entry, by, 'blocked', { launch, baseline: verdict?.baseline ?? null });
  };

  tool: Approvals['tool'] = (id) => this.#known.record(id);

  tools: Approvals['tools'] = (filter = {}) => this.#known.present(filter).map(({ record }) => record);

  summaries: Approvals['summaries'] = (filter = {}) =>
    this.#known.present(filter).map(({ tool, entry }) => summaryOfTool(tool, entry.state));

  detail: Approvals['detail'] = (id) => {
    const found = this.#known.find(id);
    if (!found) return undefined;
    const { tool, entry } = found;
    const definition = tool.definition.value;
    const approvedDefinition = this.#approvedDefinition(tool);
    const differs = approvedDefinition !== null && tool.verdict?.fingerprint !== tool.definition.fingerprint;
    const detail: ToolDetail = {
      ...summaryOfTool(tool, entry.state),
      definition,
      approvedDefinition,
      diff: differs ? diffTool(id, approvedDefinition, definition) : null,
      suggestionReason: tool.definition.suggestion.reason,
      history: this.#store.history(tool),
      refusedSinceHeld: this.#refused.get(id) ?? 0,
    };
    return detail;
  };

  approve: Approvals['approve'] = (ids, by, options = {}) => {
    return this.#decideTools(ids, by, 'approved', (id) => this.#approval(id, options));
  };

  block: Approvals['block'] = (ids, by) => {
    return this.#decideTools(ids, by, 'blocked', (id) => {
      const found = this.#known.find(id);
      return found ? { effect: found.tool.verdict?.effect ?? null } : { skip: notKnown(id) };
    });
  };

  noteRefused: Approvals['noteRefused'] = (id) => {
    if (!this.#known.record(id)) return;
    this.#refused.set(id, (this.#refused.get(id) ?? 0) + 1);
    this.#refusedUnsaved.add(id);
  };

  onChange: Approvals['onChange'] = (listener) => {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  };

  [Symbol.dispose](): void {
    this.#listeners.clear();
    using _owed = this.#ownOwed;
    this.#owed.settle();
    if (this.#refusedUnsaved.size === 0) return;
    // Counted in memory because an agent may be refused thousands of times a minute.
    this.#persist('refusals', () => {
      for (const id of this.#refusedUnsaved) {
        const found = this.#known.find(id);
        if (found) this.#store.saveRefused(found.tool, this.#refused.get(id) ?? 0);
      }
    });
  }

  /** Whether a tool may be approved now, and with which effect. */
  #approval(id: string, { effect, fingerprints }: NonNullable<ApproveOptions>): Answer {
    const found = this.#known.find(id);
    if (!found) return { skip: notKnown(id) };
    const { tool, entry } = found;
    if (entry.state !== 'approved') {
      return { skip: `Its server ${tool.server} is ${HELD[entry.state]}. Approve the server first.` };
    }
    if (tool.ambiguous) {
      return { skip: `${tool.server} lists two tools named ${tool.name}, so it is not clear which one would run.` };
    }
    const seen = fingerprints && Object.hasOwn(fingerprints, id) ? fingerprints[id] : undefined;
    if (seen !== undefined && seen !== tool.definition.fingerprint) {
      return { skip: 'It has changed since you looked at it. Look at it again and decide then.' };
    }
    return { effect: effect ?? this.#usualEffect(tool) };
  }

  /** The person's own choice as long as nothing speaks for another, else the suggestion. */
  #usualEffect(tool: KnownTool): Effect {
    const suggested = tool.definition.suggestion.effect;
    const approved = this.#approvedDefinition(tool);
    const chosen = tool.verdict?.effect ?? null;
    return approved && chosen && suggestEffect(approved).effect === suggested ? chosen : suggested;
  }

  /** Records every decision in the log before it takes effect. */
  #decideTools(
    ids: readonly string[],
    by: Actor,
    kind: 'approved' | 'blocked',
    answer: (id: string) => Answer,
  ): DecisionResult {
    const at = this.#clock();
    const skipped: { id: string; reason: string }[] = [];
    const unchanged: string[] = [];
    const decided: KnownTool[] = [];
    let failure: unknown;
    for (const id of new Set(ids)) {
      const given = answer(id);
      const found = this.#known.find(id);
      if ('skip' in given || !found) {
        skipped.push({ id, reason: 'skip' in given ? given.skip : notKnown(id) });
        continue;
      }
      const { tool } = found;
      const { effect } = given;
      const isSame = ownState(tool) === kind && tool.verdict?.effect === effect && tool.verdict.sealIntact;
      if (isSame) {
        unchanged.push(id);
        continue;
      }
      try {
        const facts = { fingerprint: tool.definition.fingerprint, effect };
        this.#audit.note(
          { at, actor: by, action: `tool.${kind}`, subject: id, facts },
          { happened: kind === 'blocked' },
        );
      } catch (error) {
        // What cannot be recorded must not open anything; closing is always allowed.
        if (kind === 'approved') {
          failure = error;
          break;
        }
        this.#warn({ tool: id, error }, 'A tool was blocked, but the log could not record it');
      }
      const { fingerprint, textHash } = tool.definition;
      const verdict = this.#store.sealTool(tool, { kind, fingerprint, definitionHash: textHash, effect, at, by });
      decided.push({ ...tool, verdict });
    }
    this.#apply(decided, at, by);
    if (failure !== undefined) throw failure;
    const changed = [...decided.map((tool) => toolIdOf(tool.server, tool.name)), ...unchanged];
    return { changed: changed.map((id) => this.#summary(id)).filter((summary) => summary !== undefined), skipped };
  }

  #apply(decided: readonly KnownTool[], at: number, by: Actor): void {
    if (decided.length === 0) return;
    const opens = decided.some((tool) => tool.verdict?.kind === 'approved');
    const saved = this.#persist(opens ? 'approvals' : 'blocks', () => {
      for (const tool of decided) {
        this.#store.saveTool(tool);
        this.#store.saveRefused(tool, 0);
        const { kind, effect, fingerprint } = tool.verdict ?? { kind: 'blocked', effect: null, fingerprint: '' };
        this.#store.addToolEvent(tool, { at, by, decision: kind, effect, fingerprint });
      }
    });
    // An approval that would be gone after a restart is no approval.
    if (!saved.ok && opens) throw saved.error;
    for (const tool of decided) {
      this.#known.putTool(tool);
      this.#refused.delete(toolIdOf(tool.server, tool.name));
    }
    for (const server of new Set(decided.map((tool) => tool.server))) {
      this.#known.refresh(server);
      this.#tell({ type: 'tools', server });
    }
  }

  #decideServer(
    entry: ServerEntry,
    by: Actor,
    kind: 'approved' | 'blocked',
    decision: Pick<NonNullable<KnownServer['verdict']>, 'launch' | 'baseline'>,
  ): ServerRecord {
    const at = this.#clock();
    const { name } = entry.server;
    const { fingerprint } = entry.record;
    try {
      const facts = { fingerprint, ...decision };
      this.#audit.note(
        { at, actor: by, action: `server.${kind}`, subject: name, facts },
        { happened: kind === 'blocked' },
      );
    } catch (error) {
      if (kind === 'approved') throw error;
      this.#warn({ server: name, error }, 'A server was blocked, but the log could not record it');
    }
    const verdict = this.#store.sealServer(name, { kind, ...decision, at, by });
    const server: KnownServer = { ...entry.server, verdict };
    const saved = this.#persist(kind === 'approved' ? 'approvals' : 'blocks', () => {
      this.#store.saveServer(server);
      this.#store.addServerEvent(name, { at, by, decision: kind, effect: null, fingerprint });
    });
    if (!saved.ok && kind === 'approved') throw saved.error;
    this.#known.putServer(server);
    this.#known.refresh(name);
    this.#tell({ type: 'server', name });
    this.#tell({ type: 'tools', server: name });
    return entry.record;
  }

  #takeIn({ before, tool, event }: IntakeStep): void {
    if (tool) this.#known.putTool(tool);
    else if (before) this.#known.removeTool(before);
    if (tool && event === 'changed') this.#refused.delete(toolIdOf(tool.server, tool.name));
  }

  #saveStep({ before, tool, event }: IntakeStep, at: number): void {
    if (!tool) {
      if (before) this.#store.dropTool(before);
      return;
    }
    this.#store.saveTool(tool);
    if (event === null) return;
    const { fingerprint } = tool.definition;
    this.#store.addToolEvent(tool, { at, by: 'system', decision: event, effect: null, fingerprint });
  }

  /**
   * Writes through. What was observed or blocked counts in memory even when it cannot be written, and is written as soon
   * as a full disk has space again; an approval counts only once it is written, so it is not tried again.
   */
  #persist(
    what: 'servers' | 'tools' | 'refusals' | 'blocks' | 'approvals',
    work: () => void,
  ): { ok: true } | { ok: false; error: unknown } {
    try {
      if (this.#readOnly) throw new Error('The database can only be read.');
      // In their order: an older state must not come over a newer one.
      const stillFull = this.#owed.settle();
      if (stillFull !== undefined) throw stillFull;
      this.#store.together(work);
      return { ok: true };
    } catch (error) {
      this.#unwritten += 1;
      if (what !== 'approvals')
        this.#owed.owe(error, `approvals ${what} ${this.#unwritten}`, () => this.#store.together(work));
      this.#warn({ what, error }, 'Approvals could not be written to the database');
      return { ok: false, error };
    }
  }

  #serverMoved(name: string, before: ApprovalState | undefined): void {
    if (this.#known.server(name)?.state !== before) this.#known.refresh(name);
    this.#tell({ type: 'server', name });
  }

  #summary(id: string): ToolSummary | undefined {
    const found = this.#known.find(id);
    return found && summaryOfTool(found.tool, found.entry.state);
  }

  /** Null when there is none, or when the row was not written by this Gatehouse. */
  #approvedDefinition(tool: KnownTool): ToolDetail['approvedDefinition'] {
    if (tool.verdict?.kind !== 'approved' || !tool.verdict.sealIntact) return null;
    if (tool.verdict.fingerprint === tool.definition.fingerprint) return tool.definition.value;
    const text = this.#store.approvedText(tool);
    const definition = text === undefined ? undefined : toolDefinitionSchema.safeParse(JSON.parse(text));
    // The seal was checked when the row was loaded; this checks the row as it is now.
    if (!definition?.success || fingerprintOf(definition.data) !== tool.verdict.fingerprint) return null;
    return definition.data;
  }

  #serverEntry(name: string): ServerEntry {
    const entry = this.#known.server(name);
    if (!entry) {
      throw new ApprovalError('not-found', `There is no server named ${name}. "gatehouse server list" shows all.`);
    }
    return entry;
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

type Answer = { readonly effect: Effect | null } | { readonly skip: string };

const HELD: Readonly<Record<ApprovalState, string>> = {
  pending: 'new and waits for you',
  changed: 'held because it changed',
  blocked: 'blocked',
  approved: 'approved',
};

const notKnown = (id: string): string => `There is no tool ${id}. "gatehouse tool list" shows all.`;

function hasNewInstructions({ verdict, described }: KnownServer): boolean {
  const baseline = verdict?.baseline ?? null;
  return baseline !== null && described !== null && baseline.instructions !== described.instructions;
}
