/** What the inputs of a tool give away, and claims that do not fit it. */
import type { Finding } from '@shared/contract/findings.ts';
import { findingAt, findingOverall } from './finding.ts';
import { checkRule } from './rule-data.ts';
import type { ScannedText } from './texts-of.ts';

/** Units of a default or choice that is a text and not a value. */
const LONG_VALUE = 240;

/** A hint of a tool that its own name or description speaks against. */
export interface Contradiction {
  readonly hint: 'readOnlyHint' | 'destructiveHint';
  /** What it seems to do. */
  readonly effect: 'write' | 'destructive';
  /** One sentence: what that rests on. */
  readonly reason: string;
}

type Members = Readonly<Record<string, unknown>>;
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const wordsOfRule = (id: string): ReadonlySet<string> => new Set(checkRule(id).words);

/** `deleteAll`, `Delete-All` → delete_all */
const snake = (name: string): string =>
  name
    .slice(0, 100)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();

export function parameterFindings(texts: readonly ScannedText[]): Finding[] {
  const collects = wordsOfRule('schema.collects-context');
  const mayCollect = wordsOfRule('schema.may-collect-context');
  const found: Finding[] = [];
  for (const text of texts) {
    // What comes back may be called anything.
    if (text.pointer.startsWith('/outputSchema')) continue;
    const whole = { start: 0, end: text.text.length };
    if (text.place === 'parameter') {
      const name = snake(text.text);
      if (collects.has(name)) found.push(findingAt(checkRule('schema.collects-context'), text, whole));
      else if (mayCollect.has(name)) found.push(findingAt(checkRule('schema.may-collect-context'), text, whole));
    } else if (text.place === 'value' && text.text.length >= LONG_VALUE && /\s\S+\s/.test(text.text)) {
      found.push(findingAt(checkRule('schema.long-value'), text, whole));
    }
  }
  return found;
}

/** Inputs that switch a safeguard off unless the caller says otherwise. */
export function defaultFindings(definition: Members): Finding[] {
  const rule = checkRule('schema.risky-default');
  const risky = wordsOfRule(rule.id);
  return inputsOf(definition).flatMap(([name, schema]) => {
    if (!risky.has(snake(name)) || !isMembers(schema) || schema.default !== true) return [];
    const pointer = `/inputSchema/properties/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return [findingAt(rule, { pointer, inKey: true, text: name }, { start: 0, end: name.length })];
  });
}

export function claimFindings(definition: Members, contradiction: Contradiction | null): Finding[] {
  const found: Finding[] = [];
  const annotations = isMembers(definition.annotations) ? definition.annotations : {};
  if (contradiction) {
    const rule = checkRule(
      contradiction.effect === 'destructive' ? 'mismatch.read-only-claim' : 'mismatch.read-only-writes',
    );
    const text = `${contradiction.hint}: ${String(annotations[contradiction.hint])}`;
    const finding = findingOverall(rule, `${rule.explanation} ${contradiction.reason}`);
    found.push({ ...finding, pointer: `/annotations/${contradiction.hint}`, text });
  }
  found.push(...textClaims(definition));
  const readsOnly = annotations.readOnlyHint === true || READING.test(nameOf(definition));
  if (readsOnly) {
    const rule = checkRule('mismatch.parameter');
    const words = wordsOfRule(rule.id);
    const claimed = annotations.readOnlyHint === true;
    for (const [name, schema] of inputsOf(definition)) {
      if (!words.has(snake(name)) || (isMembers(schema) && isNarrow(schema))) continue;
      const pointer = `/inputSchema/properties/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const span = { start: 0, end: name.length };
      found.push(findingAt(rule, { pointer, inKey: true, text: name }, span, claimed ? {} : { severity: 'note' }));
    }
  }
  return found;
}

const READING = /^(?:get|list|read|show|find|search|fetch|view|lookup|describe|count|check)(?:[_-]|[A-Z]|$)/;
const DESTROYING =
  /(?:^|[_-])(?:delete|remove|drop|destroy|wipe|purge|erase|truncate|kill|terminate|overwrite|uninstall|format|exec|execute)(?:[_-]|[A-Z]|$)/;

const nameOf = (definition: Members): string => (typeof definition.name === 'string' ? definition.name : '');

/** A choice of words cannot carry a command. */
const isNarrow = (schema: Members): boolean =>
  Array.isArray(schema.enum) || schema.type === 'number' || schema.type === 'integer';

function textClaims(definition: Members): Finding[] {
  const { description } = definition;
  if (typeof description !== 'string' || !DESTROYING.test(snake(nameOf(definition)))) return [];
  const rule = checkRule('mismatch.read-only-text');
  const lower = description.slice(0, 4_000).toLowerCase();
  const claim = rule.words?.find((word) => lower.includes(word));
  if (claim === undefined) return [];
  const start = lower.indexOf(claim);
  const text = { pointer: '/description', inKey: false, text: description };
  return [findingAt(rule, text, { start, end: start + claim.length })];
}

function inputsOf(definition: Members): [string, unknown][] {
  const schema = definition.inputSchema;
  if (!isMembers(schema) || !isMembers(schema.properties)) return [];
  return Object.entries(schema.properties).slice(0, 500);
}
