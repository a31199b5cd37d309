import type { ToolDefinition } from '@shared/contract/index.ts';
import { assertNever, type Effect, type OfferKind } from '@shared/words.ts';
import type { Contradiction } from '../scanner/index.ts';

export interface EffectSuggestion {
  readonly effect: Effect;
  /** One sentence for the person: what the suggestion rests on. */
  readonly reason: string;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const DESTRUCTIVE = words(
  'delete remove drop kill purge overwrite execute exec eval erase destroy wipe truncate terminate uninstall format reset revoke cancel clear clean shutdown reboot prune discard unlink rm rmdir del trash empty flush nuke',
);
const WRITE = words(
  'write create update edit insert add set put post send move rename copy upload save append patch modify change replace merge push commit publish deploy start stop restart run call invoke trigger enable disable assign unassign close reopen open submit apply install import approve reject reply comment fork star tag label schedule book order buy pay transfer click type fill press drag navigate select uncheck upsert sync make mkdir touch archive restore lock unlock subscribe unsubscribe invite share unshare generate store record remember',
);
const READ = words(
  'get list search read find fetch show describe view lookup query count check status inspect browse retrieve explain summarize summarise compare diff download export analyze analyse resolve validate verify preview help ping echo stat tree head tail grep peek print info snapshot screenshot lint whoami',
);
/** Also common nouns: after a word that reads (`get_order`, `list_by_label`) they name what is read. */
const NOUNS_TOO = words(
  'format trash empty order book label tag comment share store record type call run start open close set post press schedule fork star invite archive lock import select edit',
);
/** Two words that mean more together than apart. */
const DESTRUCTIVE_PAIRS = words(
  'run_command run_shell run_script run_code run_sql shell_command force_push hard_reset',
);
/** Inputs that can carry a whole program. */
const PROGRAM_INPUTS = words('sql statement statements command cmd script code shell');

const RISK: Readonly<Record<Effect, number>> = { read: 0, write: 1, destructive: 2 };
const riskier = (a: Effect, b: Effect): Effect => (RISK[a] >= RISK[b] ? a : b);
/** True when `a` does more to the world than `b`. */
export const isRiskier = (a: Effect, b: Effect): boolean => RISK[a] > RISK[b];

/** What an offer does: only tools can do more than read. */
export function suggestOfferEffect(kind: OfferKind, definition: ToolDefinition): EffectSuggestion {
  switch (kind) {
    case 'tool':
      return suggestEffect(definition);
    case 'prompt':
      return { effect: 'read', reason: 'A prompt is text to read; it does nothing by itself.' };
    case 'resource':
    case 'template':
      return { effect: 'read', reason: 'A resource can only be read.' };
    default:
      return assertNever(kind);
  }
}

/**
 * What a tool seems to do, from its name, the verbs that begin the sentences of its description, and its annotations.
 * Annotations are claims: they can raise what the words say, never lower it. When nothing speaks, it is a write.
 */
export function suggestEffect(definition: ToolDefinition): EffectSuggestion {
  const named = effectOfName(definition.name);
  const described = effectOfDescription(definition.description ?? '');
  const { readOnlyHint, destructiveHint } = definition.annotations ?? {};
  const said =
    named && described ? (isRiskier(described.effect, named.effect) ? described : named) : (named ?? described);

  if (destructiveHint === true && said?.effect !== 'destructive' && readOnlyHint !== true) {
    return { effect: 'destructive', reason: 'The server says that it can change or delete data for good.' };
  }
  if (said?.effect === 'destructive') {
    return { effect: 'destructive', reason: contradiction(readOnlyHint, said.reason) };
  }
  if (destructiveHint === true) {
    return { effect: 'destructive', reason: 'The server says both that it only reads and that it destroys.' };
  }
  if (said?.effect === 'read' && readOnlyHint !== false) {
    const program = programInput(definition);
    if (program !== null && readOnlyHint !== true) {
      return { effect: 'write', reason: `${said.reason} But its input ${program} can carry a whole program.` };
    }
    const claim = readOnlyHint === true ? ' The server says so too.' : '';
    return { effect: 'read', reason: said.reason + claim };
  }
  if (said?.effect === 'read') {
    return { effect: 'write', reason: `${said.reason} But the server says that it does more than read.` };
  }
  if (said) return { effect: riskier(said.effect, 'write'), reason: contradiction(readOnlyHint, said.reason) };
  if (readOnlyHint === true) {
    return {
      effect: 'write',
      reason: 'The server says that it only reads, but neither its name nor its description says so.',
    };
  }
  return { effect: 'write', reason: 'Neither its name nor its description says what it does to the world.' };
}

/** A hint that the tool's own name or description speaks against; null when none does. */
export function contradictionOf(definition: ToolDefinition): Contradiction | null {
  const { readOnlyHint, destructiveHint } = definition.annotations ?? {};
  if (readOnlyHint !== true && destructiveHint !== false) return null;
  const named = effectOfName(definition.name);
  const described = effectOfDescription(definition.description ?? '');
  const said =
    named && described ? (isRiskier(described.effect, named.effect) ? described : named) : (named ?? described);
  if (!said || said.effect === 'read') return null;
  // What its name says weighs more than a sentence that begins with such a verb.
  const effect = named?.effect === 'destructive' ? 'destructive' : 'write';
  if (readOnlyHint === true) return { hint: 'readOnlyHint', effect, reason: said.reason };
  return effect === 'destructive' ? { hint: 'destructiveHint', effect, reason: said.reason } : null;
}

interface Said {
  readonly effect: Effect;
  readonly reason: string;
}

function contradiction(readOnlyHint: boolean | undefined, reason: string): string {
  return readOnlyHint === true ? `The server says that it only reads, but: ${reason}` : reason;
}

/** Every word of the name counts, the riskiest wins: `get_or_create_user` writes. */
function effectOfName(name: string): Said | null {
  const parts = wordsOfIdentifier(name);
  const pair = parts.find((part, index) => DESTRUCTIVE_PAIRS.has(`${part}_${parts[index + 1] ?? ''}`));
  if (pair !== undefined) return { effect: 'destructive', reason: 'Its name says that it runs commands or code.' };
  const reads = READ.has(parts[0] ?? '');
  const telling = parts.filter((part, index) => index === 0 || !reads || !NOUNS_TOO.has(part));
  return firstOf(telling, (word) => `Its name says "${word}".`);
}

/** Only the verb that begins a sentence counts: "use this instead of delete_file" deletes nothing. */
function effectOfDescription(description: string): Said | null {
  const verbs = description
    .slice(0, 4000)
    .split(/[.!?\n]+/)
    .map((sentence) => /^[\s*#>-]*([A-Za-z]+)/.exec(sentence)?.[1]?.toLowerCase() ?? '')
    .filter((word) => word !== '')
    .map(baseForm);
  return firstOf(verbs, (word) => `Its description begins a sentence with "${word}".`);
}

function firstOf(candidates: readonly string[], reason: (word: string) => string): Said | null {
  for (const [effect, known] of [
    ['destructive', DESTRUCTIVE],
    ['write', WRITE],
    ['read', READ],
  ] as const) {
    const word = candidates.find((candidate) => known.has(candidate));
    if (word !== undefined) return { effect, reason: reason(word) };
  }
  return null;
}

/** `readTextFile`, `read_text-file` → read, text, file. */
export function wordsOfIdentifier(name: string): string[] {
  return name
    .slice(0, 200)
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** "Deletes" → delete, "Fetches" → fetch, "Copies" → copy. */
function baseForm(verb: string): string {
  const known = (word: string): boolean => DESTRUCTIVE.has(word) || WRITE.has(word) || READ.has(word);
  const forms = [verb, verb.replace(/ies$/, 'y'), verb.replace(/es$/, ''), verb.replace(/s$/, '')];
  return forms.find(known) ?? verb;
}

function programInput(definition: ToolDefinition): string | null {
  const properties = definition.inputSchema?.properties;
  if (typeof properties !== 'object' || properties === null) return null;
  return Object.keys(properties).find((name) => PROGRAM_INPUTS.has(name.toLowerCase())) ?? null;
}
