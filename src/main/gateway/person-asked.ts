/**
 * Between a decision and the way to a server: a call that needs a person's yes waits here for it. The answer is a grant,
 * and with it `decide()` decides again; there is no other way on.
 */
import type { TrailStep } from '@shared/contract/index.ts';
import { type Actor, assertNever } from '@shared/words.ts';
import type { Asking } from '../asking/index.ts';
import type { Guards } from '../guards/index.ts';
import type { AskReason, Decision, Grant, Refusal } from '../policy/index.ts';
import type { SettingsStore } from '../settings/index.ts';
import type { AllowedRounds } from './allowed-rounds.ts';
import type { Caller, CallLine } from './call.ts';
import type { Errand } from './errand.ts';
import type { Flight } from './flight.ts';
import type { HeldCalls } from './held-calls.ts';

export interface PersonAskedRooms {
  readonly after: (ms: number, work: () => void) => Disposable;
  readonly asking: Pick<Asking, 'ask' | 'use'>;
  /** A person is shown what the log keeps: secrets by their marks. */
  readonly guards: Pick<Guards, 'log'>;
  readonly held: HeldCalls;
  readonly rounds: AllowedRounds;
  readonly settings: Pick<SettingsStore, 'get'>;
}

export interface Undecided {
  readonly callId: string;
  readonly caller: Caller;
  readonly errand: Errand;
  readonly argumentsDigest: () => string;
  /** Decides again with these answers besides the remembered ones. */
  readonly decideWith: (grants: readonly Grant[]) => Decision;
  /** Microseconds since the call arrived. */
  readonly micros: () => number;
}

type Passed = Extract<Decision, { verdict: 'pass' }>;

/** What came of it; `steps` tell of it in the trail. */
export type AfterAsking =
  | {
      readonly kind: 'pass';
      readonly decision: Passed;
      readonly grant: Grant | null;
      readonly steps: readonly TrailStep[];
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly steps: readonly TrailStep[] }
  | { readonly kind: 'decided'; readonly decision: Decision; readonly steps: readonly TrailStep[] }
  /** The call itself ended: its signal aborted. */
  | { readonly kind: 'left'; readonly steps: readonly TrailStep[] };

/** Milliseconds between two signs of life to a client that waits with its call. */
const SIGN_OF_LIFE_MS = 5_000;
/** A policy that changes with every answer asks no more often than this. */
const MOST_QUESTIONS = 3;
/** Milliseconds a refused app is asked to wait while too many of its calls wait for the person. */
const CROWDED_RETRY_MS = 5_000;

/** Brings a decision that rests on a person's answer, or needs one, to an end. Never rejects. */
export async function askPerson(
  rooms: PersonAskedRooms,
  first: Decision,
  call: Undecided,
  line: CallLine,
  flight: Flight,
): Promise<AfterAsking> {
  const { callId, caller, decideWith, errand } = call;
  const steps: TrailStep[] = [];
  const note = (verdict: TrailStep['verdict'], text: string): void =>
    void steps.push({ stage: 'answer', verdict, note: text, atMicros: call.micros() });
  const given: Grant[] = [];
  let decision = first;
  // A request that goes on with a call the person allowed is that call.
  const earlier =
    decision.verdict === 'ask' ? (rooms.held.grantOf(caller, errand) ?? rooms.rounds.take(caller, errand)) : null;
  if (earlier) {
    given.push({ ...earlier, callId });
    decision = decideWith(given);
    note('pass', 'It goes on with a call that the person allowed.');
  }
  for (let asked = 0; ; ) {
    if (decision.verdict === 'pass') {
      const { grant } = decision;
      if (!grant || given.includes(grant)) return { kind: 'pass', decision, grant: grant ?? null, steps };
      const used = rooms.asking.use(grant, callId);
      if (used) return { kind: 'pass', decision, grant: used, steps };
      // Withdrawn or used up by another call in the meantime.
      decision = decideWith(given);
      continue;
    }
    if (decision.verdict !== 'ask' || asked === MOST_QUESTIONS) return { kind: 'decided', decision, steps };
    asked += 1;
    const result = await wait(rooms, decision, call, line, flight);
    if (result.kind === 'full') return { kind: 'refused', refusal: CROWDED, steps };
    const { end } = result;
    const seconds = Math.round(result.waitedMs / 1000);
    switch (end.outcome) {
      case 'allowed':
        note('pass', `The person allowed it ${PLACES[end.by]} after ${seconds} s.`);
        given.push(end.grant);
        decision = decideWith(given);
        break;
      case 'denied':
        note('refuse', `The person denied it ${PLACES[end.by]} after ${seconds} s.`);
        return { kind: 'refused', refusal: DENIED, steps };
      case 'timeout':
        note('refuse', `Nobody answered within ${seconds} s.`);
        return { kind: 'refused', refusal: UNANSWERED, steps };
      case 'paused':
        note('refuse', 'The gate was paused, which answers every open question with no.');
        return { kind: 'left', steps };
      case 'cancelled':
      case 'app-removed':
      case 'stopping':
        note('refuse', 'The call ended before the person answered.');
        return { kind: 'left', steps };
      default:
        return assertNever(end);
    }
  }
}

async function wait(
  { after, asking, guards, settings }: PersonAskedRooms,
  { tool, effect, reasons }: Extract<Decision, { verdict: 'ask' }>,
  { callId, caller, errand, argumentsDigest }: Undecided,
  line: CallLine,
  flight: Flight,
) {
  const waitMs = settings.get().askTimeoutMs;
  const { id, kind, server, name, fingerprint } = tool;
  // A resource behind a tool is shown by its own address.
  const shown = errand.kind === 'tool' || errand.kind === 'prompt' ? name : errand.name;
  using _signs = signsOfLife(line, waitMs, after);
  return await flight.whileHere(
    asking.ask(
      {
        callId,
        app: caller.app,
        sessionId: caller.sessionId,
        session: caller.session ?? null,
        client: caller.client,
        offer: { id, kind, server, name: shown, fingerprint },
        effect,
        reasons: reasons satisfies readonly AskReason[],
        argumentsJson: guards.log.json(errand.argumentsJson),
        argumentsDigest,
        waitMs,
      },
      flight.signal,
    ),
  );
}

/**
 * Tells the client now and every five seconds that its call waits. The numbers are seconds left, counted up to zero, because
 * progress must grow and the server's own, which begins at zero, may follow.
 */
function signsOfLife(line: CallLine, waitMs: number, after: PersonAskedRooms['after']): Disposable {
  let timer: Disposable | undefined;
  const tell = (leftMs: number): void => {
    const left = Math.ceil(leftMs / 1000);
    line.onProgress?.({ progress: -left, message: `Waiting for the person's answer in Gatehouse, ${left} s left.` });
    const next = leftMs - SIGN_OF_LIFE_MS;
    timer = next > 0 ? after(SIGN_OF_LIFE_MS, () => tell(next)) : undefined;
  };
  if (line.onProgress) tell(waitMs);
  return { [Symbol.dispose]: () => timer?.[Symbol.dispose]() };
}

const PLACES: Readonly<Record<Actor, string>> = {
  window: 'in the window',
  console: 'in the console',
  tray: 'from the tray',
  cli: 'from the command line',
  file: 'through a file',
  system: 'with an earlier answer',
};

const DENIED: Refusal = {
  code: 'denied_by_person',
  message: 'The person denied this call.',
  retryable: false,
  whoCanFix: 'person',
};
const UNANSWERED: Refusal = {
  code: 'ask_timeout',
  message: 'The person has to allow this call and did not answer in time, so it was not made.',
  retryable: true,
  whoCanFix: 'person',
};
const CROWDED: Refusal = {
  code: 'rate_limited',
  message: 'Too many calls wait for the person already. Wait until those are answered.',
  retryable: true,
  retryAfterMs: CROWDED_RETRY_MS,
  whoCanFix: 'person',
};
