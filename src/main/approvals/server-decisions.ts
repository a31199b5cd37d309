import type { Actor } from '@shared/words.ts';
import { ApprovalError } from './approval-error.ts';
import type { ServerRecord } from './index.ts';
import { hasNewInstructions, type KnownServer } from './known-server.ts';
import type { ServerEntry } from './known-things.ts';
import type { DecisionNeeds } from './offer-decisions.ts';
import type { UnsealedServerVerdict } from './server-rows.ts';

/** A person's decisions about what servers run and what they tell agents. */
export class ServerDecisions {
  readonly #needs: Omit<DecisionNeeds, 'refusals'>;

  constructor(needs: Omit<DecisionNeeds, 'refusals'>) {
    this.#needs = needs;
  }

  approve(name: string, by: Actor, expectedFingerprint: string | undefined): ServerRecord {
    const entry = this.#entry(name);
    const { record, server } = entry;
    const isCurrent =
      expectedFingerprint === undefined ||
      expectedFingerprint === record.fingerprint ||
      (expectedFingerprint === record.launchFingerprint && !hasNewInstructions(server));
    if (!isCurrent) {
      throw new ApprovalError(
        'stale',
        `What ${name} runs or tells agents has changed since you looked at it. Look at it again and decide then.`,
      );
    }
    const { described, launch, verdict } = server;
    // A server that was never listed may still give the instructions it gave before.
    const instructions = described ? described.instructions : (verdict?.instructions ?? null);
    return this.#decide(entry, by, 'approved', { launch, instructions });
  }

  block(name: string, by: Actor): ServerRecord {
    const entry = this.#entry(name);
    const { verdict, launch } = entry.server;
    return this.#decide(entry, by, 'blocked', { launch, instructions: verdict?.instructions ?? null });
  }

  #decide(
    entry: ServerEntry,
    by: Actor,
    kind: 'approved' | 'blocked',
    decision: Pick<UnsealedServerVerdict, 'launch' | 'instructions'>,
  ): ServerRecord {
    const { clock, audit, warn, store, disk, known } = this.#needs;
    const at = clock();
    const { name } = entry.server;
    const { fingerprint } = entry.record;
    try {
      const facts = { fingerprint, ...decision };
      audit.note({ at, actor: by, action: `server.${kind}`, subject: name, facts }, { happened: kind === 'blocked' });
    } catch (error) {
      if (kind === 'approved') throw error;
      warn({ server: name, error }, 'A server was blocked, but the log could not record it');
    }
    const verdict = store.servers.seal(name, { kind, ...decision, at, by });
    const server: KnownServer = { ...entry.server, verdict };
    const saved = disk.write(kind === 'approved' ? 'approvals' : 'blocks', () => {
      store.servers.save(server);
      store.decisions.addForServer(name, { at, by, decision: kind, effect: null, fingerprint });
    });
    if (!saved.ok && kind === 'approved') throw saved.error;
    known.putServer(server);
    known.refresh(name);
    return entry.record;
  }

  #entry(name: string): ServerEntry {
    const entry = this.#needs.known.server(name);
    if (!entry) {
      throw new ApprovalError('not-found', `There is no server named ${name}. "gatehouse server list" shows all.`);
    }
    return entry;
  }
}
