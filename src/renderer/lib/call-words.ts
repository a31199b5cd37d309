import type { CallSummary } from '@shared/contract/index.ts';
import type { OfferKind } from '@shared/words.ts';

interface MethodWords {
  kind: Exclude<OfferKind, 'tool'>;
  /** In a list, beside the name. */
  short: string;
  /** Under the name, as a sentence. */
  sentence: string;
}

const methods: Readonly<Record<string, MethodWords>> = {
  'resources/read': { kind: 'resource', short: 'Read', sentence: 'It asked to read a resource.' },
  'resources/subscribe': { kind: 'resource', short: 'Watch', sentence: 'It asked to hear of changes to a resource.' },
  'resources/unsubscribe': {
    kind: 'resource',
    short: 'Stop watching',
    sentence: 'It asked to hear no more of changes to a resource.',
  },
  'prompts/get': { kind: 'prompt', short: 'Fetch', sentence: 'It asked for a prompt.' },
};

type Call = Pick<CallSummary, 'method' | 'tool' | 'onWhat'>;

const ofReference = /(?:^|, )ref\/(resource|prompt)$/;

/** What kind of thing a call was about. */
export function kindOfCall({ method, onWhat }: Pick<Call, 'method' | 'onWhat'>): OfferKind {
  if (method !== 'completion/complete') return methods[method]?.kind ?? 'tool';
  return ofReference.exec(onWhat)?.[1] === 'resource' ? 'template' : 'prompt';
}

/** Nothing for calls of tools: there the name says it. */
export function callSentence({ method }: Pick<Call, 'method'>): string | null {
  if (method === 'completion/complete') return 'It asked what an input could be.';
  return methods[method]?.sentence ?? null;
}

/** The arguments in short, without the name that stands beside them: "Read", "Fetch, Bonn", a tool's as they are. */
export function onWhatOf({ method, tool, onWhat }: Call): string {
  const isCompletion = method === 'completion/complete';
  const words = isCompletion ? 'Suggestions' : methods[method]?.short;
  if (words === undefined) return onWhat;
  const name = tool ?? '';
  const rest = isCompletion ? onWhat.replace(ofReference, '') : onWhat;
  const isOnlyName = rest.endsWith('…') && name.startsWith(rest.slice(0, -1));
  const others = isOnlyName ? '' : rest.startsWith(name) ? rest.slice(name.length).replace(/^, /, '') : rest;
  if (others === '') return words;
  return isCompletion ? `${words} for ${others}` : `${words}, ${others}`;
}
