import type { Ask } from '@shared/contract/index.ts';
import type { Actor } from '@shared/words.ts';
import type { Approvals, ApprovalsEvent } from '../approvals/index.ts';
import type { Apps } from '../apps/index.ts';
import type { AuditLog } from '../audit/index.ts';
import { grantFor, keyOf } from '../policy/index.ts';
import type { OwedWrites } from '../storage/index.ts';
import type { AnswerRows, KeptAnswer } from './answer-rows.ts';
import { AskQueue, SETTLED_MS, type Settled, type Waiting } from './ask-queue.ts';
import { askOf, rememberedAnswerOf, settledAskOf } from './ask-views.ts';
import { AskingError } from './asking-error.ts';
import type { Asking } from './index.ts';
import { answersFor, nextCallAnswer, onceGrant } from './new-answers.ts';
import { type AnswerEnd, RememberedAnswers } from './remembered-answers.ts';
import type { WaitingCall } from './waiting-call.ts';

export interface AskingOptions {
  readonly rows: AnswerRows;
  readonly approvals: Pick<Approvals, 'tool' | 'onChange'>;
  readonly apps: Pick<Apps, 'list' | 'onChange'>;
  readonly audit: Pick<AuditLog, 'note' | 'counts'>;
  /** Milliseconds since epoch. */
  readonly clock: () => number;
  readonly newId: () => string;
  readonly owed: OwedWrites;
  readonly log: { warn(facts: object, message: string): void };
  /** For tests. Runs work after so many milliseconds, unless it is disposed of before. */
  readonly after?: (ms: number, work: () => void) => Disposable;
}

const WEEK_MS = 7 * 24 * 60 * 60_000;

/** Opens the room with what was remembered; answers about tools or apps that are different by now are ended at once. */
export function createAsking(options: AskingOptions): Asking {
  const { approvals, apps, audit, clock, log, newId, owed, rows, after = afterTimeout } = options;
  const listeners = new Set<() => void>();
  const before = new Map<string, Ask['before']>();

  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  /** For what happened already: a log that cannot take it in changes nothing about it. */
  const record = (actor: Actor, action: string, subject: string, facts: Record<string, unknown>): void => {
    try {
      audit.note({ at: clock(), actor, action, subject, facts }, { happened: true });
    } catch (error) {
      log.warn({ error, action }, 'The log did not take in what became of a question');
    }
  };

  const onSettled = ({ call, at, end, settledAt }: Settled): void => {
    before.delete(call.callId);
    // A yes was recorded before it counted.
    if (end.outcome !== 'allowed') {
      record(end.by ?? 'system', `ask.${end.outcome}`, call.callId, { ...factsOf(call), waitedMs: settledAt - at });
    }
    tell();
  };
  const onEnded = (answer: KeptAnswer, why: AnswerEnd, by: Actor): void => {
    const { app, offerId, scope } = answer;
    record(by, `answer.${why}`, answer.id, { app: app.id, offer: offerId, scope });
    tell();
  };
  const queue = new AskQueue({ clock, after, onSettled });
  const remembered = new RememberedAnswers({ rows, clock, after, owed, onEnded });

  const endChanged = (of: (answer: KeptAnswer) => boolean): void => {
    remembered.end((answer) => of(answer) && !isAboutSameTool(answer), 'tool-changed');
  };
  const isAboutSameTool = ({ offerId, fingerprint, effect }: KeptAnswer): boolean => {
    const offer = approvals.tool(offerId);
    // One that its server does not list at the moment cannot be called either; it may come back as it was.
    if (!offer) return true;
    const isApproved = offer.state === 'approved' || offer.heldByServer;
    return (
      isApproved && offer.fingerprint === fingerprint && (offer.kind === 'tool' ? offer.effect : 'read') === effect
    );
  };
  const endOfGoneApps = (): void => {
    const known = new Set(apps.list().flatMap(({ id, revokedAt }) => (revokedAt === null ? [id] : [])));
    remembered.end(({ app }) => !known.has(app.id), 'app-removed');
  };
  const onApprovals = (event: ApprovalsEvent): void => {
    const server = event.type === 'tools' ? event.server : event.name;
    if (event.type === 'server-removed') remembered.end((answer) => answer.server === server, 'tool-changed');
    else endChanged((answer) => answer.server === server);
  };
  endOfGoneApps();
  endChanged(() => true);
  const heard = new DisposableStack();
  heard.use(approvals.onChange(onApprovals));
  heard.use(apps.onChange(endOfGoneApps));

  /** What this app did with this tool lately; a courtesy to the person, so a log that fails gives nothing. */
  const countsFor = ({ app, offer }: WaitingCall): Ask['before'] => {
    try {
      const filter = { app: app.name, server: offer.server, tool: offer.name, since: clock() - WEEK_MS };
      const { all, refused } = audit.counts(filter);
      // The call that waits is in the log already.
      return { calls: Math.max(all - 1, 0), refused };
    } catch (error) {
      log.warn({ error }, 'The log could not say what an app did before');
      return { calls: 0, refused: 0 };
    }
  };

  /** Lets pass what is covered by an answer that was given for other calls: the same person would be asked the same. */
  const allowCovered = (by: Actor): string[] => {
    const covered: string[] = [];
    for (const { call } of queue.waiting()) {
      const { app, callId, sessionId, offer, effect, argumentsDigest } = call;
      const asked = { callId, appId: app.id, sessionId, offerId: offer.id, fingerprint: offer.fingerprint, effect };
      const grant = grantFor({ ...asked, argumentsDigest, now: clock() }, call.reasons, remembered.grantsFor(app.id));
      if (!grant || grant.scope === 'once') continue;
      audit.note({
        at: clock(),
        actor: by,
        action: 'ask.allowed',
        subject: callId,
        facts: { ...factsOf(call), answer: grant.id },
      });
      if (queue.settle(callId, { outcome: 'allowed', by, grant: onceGrant(call, grant.id) })) covered.push(callId);
    }
    return covered;
  };

  const sort = (ids: readonly string[]) => {
    const found: Waiting[] = [];
    const gone: string[] = [];
    for (const id of new Set(ids)) {
      const waiting = queue.find(id);
      if (waiting && clock() < waiting.deadline) found.push(waiting);
      else {
        if (waiting) queue.settle(id, { outcome: 'timeout', by: null });
        gone.push(id);
      }
    }
    return { found, gone };
  };
  const goneOf = (ids: readonly string[]) =>
    ids.map((id) => ({ id, outcome: queue.findSettled(id)?.end.outcome ?? null }));

  return {
    async ask(call, signal) {
      if (queue.isFullFor(call.app.id)) return { kind: 'full' };
      const similar = queue
        .waiting()
        .find((one) => one.call.app.id === call.app.id && one.call.offer.id === call.offer.id);
      before.set(call.callId, (similar && before.get(similar.call.callId)) ?? countsFor(call));
      record('system', 'ask.asked', call.callId, factsOf(call));
      const { settled } = queue.enter(call, signal);
      tell();
      const { at, end, settledAt } = await settled;
      return { kind: 'ended', end, waitedMs: settledAt - at };
    },
    grantsFor: (appId) => remembered.grantsFor(appId),
    use(grant, callId) {
      const answer = remembered.find(grant.id);
      if (!answer) return undefined;
      if (answer.scope === 'next') remembered.end(({ id }) => id === answer.id, 'used');
      return { ...grant, scope: 'once', callId, argumentsDigest: null, until: null };
    },
    list() {
      const now = clock();
      const settled = queue.settled().filter(({ settledAt }) => now - settledAt < SETTLED_MS);
      return {
        waiting: queue.waiting().map((one) => askOf(one, before.get(one.call.callId) ?? NOTHING_BEFORE, false)),
        settled: settled.map(settledAskOf),
      };
    },
    get(id) {
      const waiting = queue.find(id);
      return waiting && askOf(waiting, before.get(id) ?? NOTHING_BEFORE, true);
    },
    allow(ids, scope, by) {
      const { found, gone } = sort(ids);
      const calls = found.map(({ call }) => call);
      const answers = answersFor(calls, scope, { by, now: clock(), newId });
      // Recorded first: what the log does not know of must not open anything.
      for (const call of calls) {
        const facts = { ...factsOf(call), scope, answers: answers.map(({ id }) => id) };
        audit.note({ at: clock(), actor: by, action: 'ask.allowed', subject: call.callId, facts });
      }
      remembered.add(answers);
      const answered: string[] = [];
      for (const call of calls) {
        const grant = onceGrant(call, newId());
        if (queue.settle(call.callId, { outcome: 'allowed', by, grant })) answered.push(call.callId);
        else gone.push(call.callId);
      }
      if (answers.length > 0) answered.push(...allowCovered(by));
      tell();
      return { answered, gone: goneOf(gone), remembered: answers.map(rememberedAnswerOf) };
    },
    deny(ids, by) {
      const { found, gone } = sort(ids);
      const answered: string[] = [];
      for (const { call } of found) {
        if (queue.settle(call.callId, { outcome: 'denied', by })) answered.push(call.callId);
        else gone.push(call.callId);
      }
      return { answered, gone: goneOf(gone), remembered: [] };
    },
    allowNext(id, by) {
      const settled = queue.findSettled(id);
      if (!settled) throw new AskingError('unknown', `Nothing is known of a question ${id} any more.`);
      if (settled.end.outcome !== 'timeout') {
        throw new AskingError(
          'invalid',
          'Only a call that was denied because nobody answered can be allowed afterwards.',
        );
      }
      const answer = nextCallAnswer(settled.call, { by, now: clock(), newId });
      audit.note({
        at: clock(),
        actor: by,
        action: 'ask.allowed-next',
        subject: id,
        facts: { ...factsOf(settled.call), answer: answer.id },
      });
      // A second click gives no second call.
      remembered.end(
        (known) =>
          known.scope === 'next' &&
          known.app.id === answer.app.id &&
          known.argumentsDigest === answer.argumentsDigest &&
          known.offerId === answer.offerId,
        'withdrawn',
        by,
      );
      remembered.add([answer]);
      tell();
      return rememberedAnswerOf(answer);
    },
    answers: () => remembered.list().map(rememberedAnswerOf),
    withdraw: (id, by) => remembered.end((answer) => answer.id === id, 'withdrawn', by) > 0,
    endSession(sessionId) {
      remembered.end((answer) => answer.scope === 'session' && answer.sessionId === sessionId, 'session-ended');
    },
    unsealed: () => remembered.unsealed,
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    [Symbol.dispose]() {
      heard.dispose();
      queue[Symbol.dispose]();
      remembered[Symbol.dispose]();
      listeners.clear();
    },
  };
}

const NOTHING_BEFORE: Ask['before'] = { calls: 0, refused: 0 };

const factsOf = ({ app, offer, effect, reasons }: WaitingCall) => ({
  app: app.id,
  offer: offer.id,
  effect,
  reasons: reasons.map((reason) => keyOf(reason)),
});

const afterTimeout = (ms: number, work: () => void): Disposable => {
  const timer = setTimeout(work, ms).unref();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
};
