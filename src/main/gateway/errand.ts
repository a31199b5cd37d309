/** What a call asks of a server and how its outcome looks to the app: the two kinds of request, in one shape. */
import { memberText, withMember } from '@shared/json-text.ts';
import { type Effect, type Era, type OfferKind, splitOfferId } from '@shared/words.ts';
import { canonicalJson } from '../approvals/index.ts';
import type { Refusal } from '../policy/index.ts';
import type { WrittenJson } from '../upstreams/index.ts';
import type { Relayed, ToolUse, Via } from './call.ts';
import { membersByKey } from './json-members.ts';
import type { Outcome, RpcFailure } from './outcome.ts';
import { inOneLine, isObject, RPC } from './protocol.ts';
import { mayRelayAddresses } from './question-addresses.ts';
import { refusalData, refusalResult } from './refusal.ts';

export interface Errand {
  readonly method: string;
  /** The name the agent used. */
  readonly name: string;
  /** One of Gatehouse's own tools; nothing of it goes to a server. */
  readonly isOwn: boolean;
  readonly kind: OfferKind;
  /** What is decided about and looked up: an offer's id, or the agent's own word for it when that means nothing. */
  readonly attemptId: string;
  /** The offer whose approval counts; null when there is none. */
  readonly offerId: string | null;
  /** The only server the offer may be of; null: any. */
  readonly ofServer: string | null;
  readonly claimedEffect: Effect | null;
  readonly arguments: unknown;
  readonly argumentsJson: string;
  /** Where the log files it. */
  readonly logged: { readonly server: string | null; readonly name: string };
  /** The params for the server, which knows the offer by `name`. */
  params(name: string): WrittenJson;
  /** What a retry has to repeat, in one text. */
  identity(): string;
  readonly retry: Retry | undefined;
  readonly mayShorten: boolean;
  /** Absent: the request is sent. */
  readonly via?: Via;
  /** True for what a client may keep for a while. */
  readonly isCacheable: boolean;
  refused(refusal: Refusal, callId: string, era: Era): Exclude<Outcome, null>;
  /** What a server's own error becomes for the app; null when it is told as a refusal. */
  errorFor(error: Omit<RpcFailure, 'kind'>, era: Era): Omit<RpcFailure, 'kind'> | null;
}

/** What makes a request a retry with answers (2026-07-28). */
export interface Retry {
  readonly state: unknown;
  readonly answers: ReadonlyMap<string, WrittenJson>;
  /** The answers are an object of objects. */
  readonly isSound: boolean;
}

export function toolErrand(use: ToolUse): Errand {
  const toolId = use.toolId ?? use.name;
  return {
    method: 'tools/call',
    name: use.name,
    isOwn: false,
    kind: 'tool',
    attemptId: toolId,
    offerId: use.toolId,
    ofServer: null,
    claimedEffect: use.claimedEffect,
    arguments: use.arguments,
    argumentsJson: use.argumentsJson ?? '{}',
    logged: partsOf(toolId),
    params: (name) => toolParams(name, use),
    identity: () => canonicalJson([toolId, use.arguments ?? {}]),
    retry: retryOf(use.others),
    mayShorten: use.mayShorten,
    isCacheable: false,
    refused: (refusal, callId) => {
      const resultJson = refusalResult(refusal, use.name, callId);
      return { kind: 'result', resultJson, result: {}, server: null };
    },
    errorFor(error, era) {
      if (error.code === RPC.missingCapability && era === 'modern') return error;
      if (error.code === RPC.urlElicitationRequired) {
        return era === 'legacy' && mayRelayAddresses(error.data) ? error : null;
      }
      return use.relaysErrors && !HOP_ERRORS.has(error.code) ? error : null;
    },
  };
}

/** Errors about the connection between Gatehouse and the server; to the app they would be about its own. */
const HOP_ERRORS: ReadonlySet<number> = new Set([
  RPC.headerMismatch,
  RPC.missingCapability,
  RPC.unsupportedVersion,
  RPC.urlElicitationRequired,
]);

/** `tools/call` as the server gets it: its own tool name, everything else as it was written. */
function toolParams(name: string, { arguments: args, argumentsJson, others }: ToolUse): WrittenJson {
  const rest = others.json === '{}' ? '' : `,${others.json.slice(1, -1)}`;
  const written = argumentsJson === undefined ? '' : `,"arguments":${argumentsJson}`;
  return {
    value: { name, ...(args !== undefined && { arguments: args }), ...others.value },
    json: inOneLine(`{"name":${JSON.stringify(name)}${written}${rest}}`),
  };
}

export function ownErrand(name: string, args: WrittenJson | undefined): Errand {
  const others = { value: {}, json: '{}' };
  const use = { name, toolId: null, claimedEffect: null, others, mayShorten: true, relaysErrors: false };
  const written = args && { argumentsJson: args.json };
  return { ...toolErrand({ ...use, arguments: args?.value, ...written }), isOwn: true, logged: { server: null, name } };
}

export function relayErrand(request: Relayed): Errand {
  const { method, name, offer, params } = request;
  const id = offer?.kind === 'approved' ? offer.id : null;
  const kind =
    (id === null ? undefined : splitOfferId(id)?.kind) ?? (method.startsWith('resources/') ? 'resource' : 'prompt');
  return {
    method,
    name,
    isOwn: false,
    kind,
    attemptId: id ?? name,
    offerId: offer?.kind === 'covered' ? offer.by : id,
    ofServer: offer?.kind === 'covered' ? offer.server : null,
    claimedEffect: null,
    arguments: params,
    argumentsJson: request.paramsJson,
    logged: { server: offer?.kind === 'covered' ? offer.server : ((id && splitOfferId(id)?.server) ?? null), name },
    params: () => ({ value: params, json: inOneLine(request.paramsJson) }),
    identity: () => {
      const { _meta, inputResponses: _answers, requestState: _state, ...asked } = params;
      return canonicalJson([name, asked]);
    },
    retry: retryOf({ value: params, json: request.paramsJson }),
    mayShorten: false,
    ...(request.via && { via: request.via }),
    isCacheable: method === 'resources/read',
    refused: (refusal, callId, era) => {
      const isUnknown = refusal.code === 'not_in_profile';
      const isResource = method.startsWith('resources/');
      const code = isUnknown ? unknownCode(isResource, era) : RPC.refused;
      const data = { ...(isResource && isUnknown && { uri: name }), ...refusalData(refusal, name, callId) };
      return { kind: 'error', code, message: refusal.message, data };
    },
    errorFor(error, era) {
      if (error.code === RPC.resourceNotFound && era === 'modern') {
        const { json: _asWritten, ...rest } = error;
        return { ...rest, code: RPC.invalidParams };
      }
      if (error.code === RPC.missingCapability && era === 'modern') return error;
      if (error.code === RPC.urlElicitationRequired && era === 'legacy') {
        return mayRelayAddresses(error.data) ? error : null;
      }
      return HOP_ERRORS.has(error.code) ? null : error;
    },
  };
}

const unknownCode = (isResource: boolean, era: Era): number =>
  isResource && era === 'legacy' ? RPC.resourceNotFound : RPC.invalidParams;

function partsOf(id: string): { server: string | null; name: string } {
  const parts = splitOfferId(id);
  return parts ? { server: parts.server, name: parts.name } : { server: null, name: id };
}

function retryOf({ value, json }: WrittenJson): Retry | undefined {
  const { requestState, inputResponses } = value;
  if (requestState === undefined && inputResponses === undefined) return undefined;
  const answers = new Map<string, WrittenJson>();
  const responses = isObject(inputResponses) ? inputResponses : {};
  let isSound = inputResponses === undefined || isObject(inputResponses);
  for (const [key, text] of membersByKey(memberText(json, 'inputResponses') ?? '{}')) {
    const answer = responses[key];
    if (isObject(answer)) answers.set(key, { value: answer, json: text });
    else isSound = false;
  }
  return { state: requestState, answers, isSound };
}

/** The params of a retry after `input_required`: the same, with the answers and the server's own state, byte for byte. */
export function answeredParams(
  { value, json }: WrittenJson,
  answers: ReadonlyMap<string, WrittenJson>,
  state: WrittenState | undefined,
): WrittenJson {
  const responses = `{${[...answers].map(([key, answer]) => `${JSON.stringify(key)}:${answer.json}`).join(',')}}`;
  const { requestState: _old, ...same } = value;
  const answered = Object.fromEntries([...answers].map(([key, answer]) => [key, answer.value]));
  return {
    value: { ...same, inputResponses: answered, ...(state && { requestState: state.value }) },
    json: withMember(withMember(json, 'inputResponses', responses), 'requestState', state ? state.json : null),
  };
}

export interface WrittenState {
  readonly value: unknown;
  readonly json: string;
}
