/** Entry of the asking room: calls that wait for a person, and what the person's answers allow from then on. */
import type { Answered, Ask, AskScope, RememberedAnswer, SettledAsk } from '@shared/contract/index.ts';
import type { Actor } from '@shared/words.ts';
import type { Grant } from '../policy/index.ts';
import type { QuestionEnd, WaitingCall } from './waiting-call.ts';

export { createAnswerRows } from './answer-rows.ts';
export { type AskingOptions, createAsking } from './asking.ts';
export { AskingError } from './asking-error.ts';
export { argumentsDigestOf } from './new-answers.ts';
export type { QuestionEnd, WaitingCall } from './waiting-call.ts';

/** What became of a call that should have waited. `full`: too many of its app wait already, so nobody was asked. */
export type AskResult =
  | { readonly kind: 'ended'; readonly end: QuestionEnd; readonly waitedMs: number }
  | { readonly kind: 'full' };

/**
 * A question ends once, with what comes first: an answer from any front, its time, or the end of its call. Whatever is not
 * a person's yes in time is no. Answers reach a server only through `decide()`, as grants.
 */
export interface Asking extends Disposable {
  /** Waits for the person. `signal` is the call's: when it aborts, the question leaves at once. Never rejects. */
  ask(call: WaitingCall, signal: AbortSignal): Promise<AskResult>;
  /** What is remembered for this app; cheap, for every call. */
  grantsFor(appId: string): readonly Grant[];
  /**
   * A remembered answer lets a call pass: gives the grant for exactly this call, and uses up one that was for a single call.
   * Undefined when it is gone by now.
   */
  use(grant: Grant, callId: string): Grant | undefined;

  list(): { waiting: Ask[]; settled: SettledAsk[] };
  /** With the whole arguments. */
  get(id: string): Ask | undefined;
  /** Throws, and allows nothing, when it cannot be recorded or remembered; AskingError when the scope does not fit. */
  allow(ids: readonly string[], scope: AskScope, by: Actor): Answered;
  deny(ids: readonly string[], by: Actor): Answered;
  /** Throws AskingError for a question that did not end by its time. */
  allowNext(id: string, by: Actor): RememberedAnswer;
  answers(): RememberedAnswer[];
  /** False when there was no such answer. */
  withdraw(id: string, by: Actor): boolean;
  endSession(sessionId: string): void;
  /** Rows of the database that were not written by this Gatehouse, found at start. They count for nothing. */
  unsealed(): number;
  /** A question or a remembered answer came or went. */
  onChange(listener: () => void): Disposable;
}
