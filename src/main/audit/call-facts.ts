import { type CallDetail, type CallStatus, type CallSummary, trailStepSchema } from '@shared/contract/index.ts';
import { effectSchema, eraSchema, refusalCodeSchema } from '@shared/words.ts';
import { z } from 'zod';
import type { Entry } from './chain.ts';
import type { CallBegin, CallEnd } from './index.ts';
import { onWhatOf } from './on-what.ts';
import { type Redaction, type StoredText, storedText } from './stored-text.ts';

/** Body of a `begin` entry. */
const beginFactsSchema = z.object({
  app: z.string().nullable(),
  sessionId: z.string().nullable(),
  client: z.string().nullable(),
  era: eraSchema.nullable(),
  method: z.string(),
  server: z.string().nullable(),
  tool: z.string().nullable(),
  effect: effectSchema.nullable(),
  fingerprint: z.string().nullable(),
  onWhat: z.string(),
  asked: z.boolean(),
  argumentBytes: z.number(),
  argumentsTruncated: z.boolean(),
  argumentsSha256: z.string().nullable(),
});
export type BeginFacts = z.infer<typeof beginFactsSchema>;

/** Body of an `end` entry. */
const endFactsSchema = z.object({
  status: z.enum(['done', 'refused', 'failed', 'cancelled', 'interrupted']),
  code: refusalCodeSchema.nullable(),
  refusal: z.string().nullable(),
  durationMs: z.number().nullable(),
  asked: z.boolean(),
  resultBytes: z.number().nullable(),
  resultTruncated: z.boolean(),
  resultSha256: z.string().nullable(),
  timing: z.object({ decideMs: z.number(), startMs: z.number(), serverMs: z.number() }).nullable(),
});
export type EndFacts = z.infer<typeof endFactsSchema>;

/** Everything about a call that lists show, as begun and (when it has ended) ended. */
export interface CallFacts {
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  readonly begin: BeginFacts;
  readonly end: { readonly seq: number; readonly facts: EndFacts } | null;
}

export const parseBeginFacts = (body: string): BeginFacts => beginFactsSchema.parse(JSON.parse(body));
export const parseEndFacts = (body: string): EndFacts => endFactsSchema.parse(JSON.parse(body));

const wasAsked = (trail: CallBegin['trail']): boolean => trail.some((step) => step.verdict === 'ask');

/** SQLite has no lone surrogates: what the facts say must be what the list of calls can say. */
const storable = (text: string | null): string | null => text?.toWellFormed() ?? null;

/** Splits what the pipeline hands in into the facts and the stored argument text. */
export function beginFactsOf(
  call: CallBegin,
  home: string | undefined,
  redaction: Redaction,
): { facts: BeginFacts; text: StoredText } {
  const text = storedText(call.argumentsJson, redaction);
  const facts: BeginFacts = {
    app: storable(call.app),
    sessionId: storable(call.sessionId),
    client: storable(call.client),
    era: call.era,
    method: call.method.toWellFormed(),
    server: storable(call.server),
    // A URI may hold a password, and an agent may call anything by a secret.
    tool: call.tool === null ? null : redaction.text(call.tool).toWellFormed(),
    effect: call.effect,
    fingerprint: call.fingerprint,
    onWhat: onWhatOf(text.text, home),
    asked: wasAsked(call.trail),
    argumentBytes: text.bytes,
    argumentsTruncated: text.truncated,
    argumentsSha256: text.sha256,
  };
  return { facts, text };
}

export function endFactsOf(
  end: CallEnd,
  begun: { at: number; asked: boolean },
  redaction: Redaction,
): { facts: EndFacts; text: StoredText | null } {
  const text = end.resultJson === null ? null : storedText(end.resultJson, redaction);
  const facts: EndFacts = {
    status: end.status,
    code: end.code,
    refusal: end.refusal === null ? null : redaction.text(end.refusal).toWellFormed(),
    durationMs: Math.max(0, end.at - begun.at),
    asked: begun.asked || wasAsked(end.trail),
    resultBytes: end.resultBytes ?? text?.bytes ?? null,
    // The caller may have shortened the text before.
    resultTruncated: text !== null && (text.truncated || (end.resultBytes ?? 0) > text.bytes),
    resultSha256: text?.sha256 ?? null,
    timing: end.timing,
  };
  return { facts, text };
}

/** What is written for a call that was still running when Gatehouse ended. */
export function interruptedFacts(asked: boolean): EndFacts {
  return {
    status: 'interrupted',
    code: null,
    refusal: 'Gatehouse ended while this call was running. Whether the server did its work is not known.',
    durationMs: null,
    asked,
    resultBytes: null,
    resultTruncated: false,
    resultSha256: null,
    timing: null,
  };
}

export function statusOf(call: CallFacts): CallStatus {
  return call.end ? call.end.facts.status : 'running';
}

export function summaryOf(call: CallFacts): CallSummary {
  const { begin, end } = call;
  return {
    id: call.id,
    seq: call.seq,
    at: call.at,
    app: begin.app,
    sessionId: begin.sessionId,
    method: begin.method,
    server: begin.server,
    tool: begin.tool,
    effect: begin.effect,
    status: statusOf(call),
    code: end?.facts.code ?? null,
    durationMs: end?.facts.durationMs ?? null,
    argumentBytes: begin.argumentBytes,
    resultBytes: end?.facts.resultBytes ?? null,
    onWhat: begin.onWhat,
  };
}

/** First line the trail as JSON, then the text as it is. JSON text of a trail has no line break in it. */
export function payloadOf(trail: CallBegin['trail'], text: string): string {
  return `${JSON.stringify(trail)}\n${text}`;
}

export function splitPayload(payload: string): { trail: CallDetail['trail']; text: string } {
  const at = payload.indexOf('\n');
  const trail = z.array(trailStepSchema).parse(JSON.parse(payload.slice(0, at)));
  return { trail, text: payload.slice(at + 1) };
}

/** Everything about one call, read from its chained entries. Throws when they no longer hold a call. */
export function detailOf(begun: Entry, ended: Entry | undefined, id: string): CallDetail {
  const begin = parseBeginFacts(begun.body);
  const facts = ended ? parseEndFacts(ended.body) : null;
  const before = splitPayload(begun.payload);
  const after = ended ? splitPayload(ended.payload) : null;
  const call: CallFacts = {
    id,
    seq: begun.seq,
    at: begun.at,
    begin,
    end: ended && facts ? { seq: ended.seq, facts } : null,
  };
  return {
    ...summaryOf(call),
    era: begin.era,
    client: begin.client,
    trail: [...before.trail, ...(after?.trail ?? [])],
    argumentsJson: before.text,
    argumentsTruncated: begin.argumentsTruncated,
    // An empty text stands for no result: JSON text is never empty.
    resultJson: after && after.text !== '' ? after.text : null,
    resultTruncated: facts?.resultTruncated ?? false,
    refusal: facts?.refusal ?? null,
    timing: facts?.timing ?? null,
    fingerprint: begin.fingerprint,
    hash: begun.hash,
    previousHash: begun.prevHash,
  };
}
