/**
 * A server of the stateless revision answers with questions (`input_required`) and is asked again with the answers. Where
 * the client cannot do that itself, it is asked the questions one by one and the rounds are made here.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { memberText } from '@shared/json-text.ts';
import {
  type CallerSide,
  QuestionRefused,
  type ServerQuestion,
  type UpstreamAnswer,
  UpstreamError,
  type WrittenJson,
} from '../upstreams/index.ts';
import { covers } from './capabilities.ts';
import { answeredParams } from './errand.ts';
import { membersByKey } from './json-members.ts';
import { asksBack } from './outcome.ts';
import { isObject } from './protocol.ts';

/** Rounds one call may take. */
const MOST_ROUNDS = 10;
/** Questions one round may hold. */
const MOST_QUESTIONS = 32;
/** Milliseconds before a server that only wants to be asked again is asked again. */
const PACE_MS = 250;

export interface Rounds {
  readonly side: Pick<CallerSide, 'ask' | 'capabilities'>;
  readonly signal: AbortSignal;
  readonly request: (params: WrittenJson) => Promise<UpstreamAnswer>;
}

/** Goes on until the server gives a result. Throws UpstreamError when it cannot get what it asks for. */
export async function answerRounds(
  first: UpstreamAnswer,
  asked: WrittenJson,
  { side, signal, request }: Rounds,
): Promise<UpstreamAnswer> {
  let answer = first;
  for (let round = 1; asksBack(answer.result); round++) {
    if (round > MOST_ROUNDS) throw unanswerable(`it asked back ${MOST_ROUNDS} times and still gave no result.`);
    const questions = questionsOf(answer);
    for (const question of questions.values()) {
      if (!covers(side.capabilities, question)) {
        throw unanswerable(
          `it asks for ${question.method}, which this app does not offer, so this cannot be done with it.`,
        );
      }
    }
    if (questions.size === 0) await delay(PACE_MS, undefined, { signal }).catch(() => undefined);
    const answers = await answersTo(questions, side, signal);
    const { requestState } = answer.result;
    const stateText = requestState === undefined ? undefined : memberText(answer.resultJson, 'requestState');
    const state = stateText === undefined ? undefined : { value: requestState, json: stateText };
    answer = await request(answeredParams(asked, answers, state));
  }
  return answer;

  function unanswerable(why: string): UpstreamError {
    return new UpstreamError('upstream_error', why, { notSent: false });
  }
}

async function answersTo(
  questions: ReadonlyMap<string, ServerQuestion>,
  side: Rounds['side'],
  signal: AbortSignal,
): Promise<Map<string, WrittenJson>> {
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  try {
    const asked = [...questions].map(async ([key, question]) => [key, await side.ask(question, either)] as const);
    return new Map(await Promise.all(asked));
  } catch (error) {
    if (!(error instanceof QuestionRefused)) throw error;
    const message = `The app did not answer what was asked: ${error.message}`;
    throw new UpstreamError('upstream_error', message, { notSent: false, cause: error });
  } finally {
    // One that failed makes the others pointless.
    ending.abort();
  }
}

function questionsOf({ result, resultJson }: UpstreamAnswer): Map<string, ServerQuestion> {
  const questions = new Map<string, ServerQuestion>();
  const { inputRequests } = result;
  if (!isObject(inputRequests)) return questions;
  const texts = membersByKey(memberText(resultJson, 'inputRequests') ?? '{}');
  for (const [key, text] of texts) {
    const entry = inputRequests[key];
    const method = isObject(entry) ? entry.method : undefined;
    if (!isObject(entry) || !isQuestion(method) || questions.size >= MOST_QUESTIONS) {
      throw new UpstreamError('upstream_error', 'It asks for something that nobody can answer.', { notSent: false });
    }
    const params = isObject(entry.params) ? { value: entry.params, json: memberText(text, 'params') ?? '{}' } : EMPTY;
    questions.set(key, { method, params });
  }
  return questions;
}

const EMPTY: WrittenJson = { value: {}, json: '{}' };

const METHODS: readonly ServerQuestion['method'][] = ['elicitation/create', 'sampling/createMessage', 'roots/list'];

const isQuestion = (method: unknown): method is ServerQuestion['method'] => METHODS.some((known) => known === method);
