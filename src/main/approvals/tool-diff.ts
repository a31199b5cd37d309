import type { FieldChange, ToolDefinition, ToolDiff } from '@shared/contract/index.ts';
import type { Effect, OfferKind } from '@shared/words.ts';
import { canonicalJson } from './canonical-json.ts';
import { fieldChanges, isObject } from './field-changes.ts';
import { isRiskier, suggestEffect } from './suggest-effect.ts';
import { diffWords } from './text-diff.ts';

type Line = ToolDiff['inShort'][number];

const MOST_LINES = 24;
/** Only the description is shown word by word; everything else by field. */
const WORD_BY_WORD = 'description';

/**
 * What changed between the definition a person approved and what the server says now: the description word by word,
 * everything else by field, and plain sentences, most important first.
 * @param id see `offerIdOf`
 */
export function diffTool(
  id: string,
  approved: ToolDefinition,
  now: ToolDefinition,
  kind: OfferKind = 'tool',
): ToolDiff {
  const fields = fieldChanges(approved, now).filter((change) => change.path !== `/${WORD_BY_WORD}`);
  return {
    id,
    description: diffWords(approved.description ?? '', now.description ?? ''),
    fields,
    inShort: inShort(kind, approved, now, fields),
  };
}

function inShort(
  kind: OfferKind,
  approved: ToolDefinition,
  now: ToolDefinition,
  fields: readonly FieldChange[],
): Line[] {
  const lines = kind === 'tool' ? effectLines(approved, now) : [];
  if (kind === 'tool' || kind === 'prompt') lines.push(...inputLines(approved, now, kind));
  lines.push(...textLines(approved, now, fields, kind));
  const order = { brick: 0, brass: 1, moss: 2 } as const;
  lines.sort((a, b) => order[a.tone] - order[b.tone]);
  if (lines.length <= MOST_LINES) return lines;
  const rest = lines.length - MOST_LINES + 1;
  return [...lines.slice(0, MOST_LINES - 1), { tone: 'brass', text: `And ${rest} more changes.` }];
}

const DOES: Readonly<Record<Effect, string>> = {
  read: 'only reads',
  write: 'changes things',
  destructive: 'changes or deletes data for good',
};

function effectLines(approved: ToolDefinition, now: ToolDefinition): Line[] {
  const lines: Line[] = [];
  const before = approved.annotations ?? {};
  const after = now.annotations ?? {};
  const [wasEffect, isEffect] = [suggestEffect(approved).effect, suggestEffect(now).effect];
  if (isRiskier(isEffect, wasEffect)) {
    lines.push({
      tone: 'brick',
      text: `It now looks as if it ${DOES[isEffect]}. Before, it looked as if it ${DOES[wasEffect]}.`,
    });
  }
  if (before.readOnlyHint === true && after.readOnlyHint !== true) {
    lines.push({ tone: 'brick', text: 'It no longer says it only reads.' });
  }
  if (before.readOnlyHint !== true && after.readOnlyHint === true) {
    lines.push({ tone: 'brass', text: 'It now says it only reads.' });
  }
  if (before.destructiveHint !== true && after.destructiveHint === true) {
    lines.push({ tone: 'brick', text: 'It now says it can change or delete data for good.' });
  }
  if (before.destructiveHint === true && after.destructiveHint !== true) {
    lines.push({ tone: 'brass', text: 'It no longer says it can change or delete data for good.' });
  }
  if (before.openWorldHint === false && after.openWorldHint !== false) {
    lines.push({ tone: 'brick', text: 'It no longer says it stays within its own data.' });
  }
  if (before.idempotentHint === true && after.idempotentHint !== true) {
    lines.push({ tone: 'brass', text: 'It no longer says it can be repeated without harm.' });
  }
  if (before.destructiveHint === false && after.destructiveHint === undefined) {
    lines.push({ tone: 'brick', text: 'It no longer says it leaves existing data as it is.' });
  }
  if (lines.length === 0 && canonicalJson(before) !== canonicalJson(after)) {
    lines.push({ tone: 'brass', text: 'What it says about its effects changed.' });
  } else if (canonicalJson(otherHints(before)) !== canonicalJson(otherHints(after))) {
    lines.push({ tone: 'brass', text: 'Other notes on what it does changed.' });
  }
  if (lines.length === 0) {
    lines.push({ tone: 'moss', text: 'What it says it does to the world did not change.' });
  }
  return lines;
}

/** What is said in the annotations beside the four hints: a title, or a field Gatehouse does not know. */
function otherHints(annotations: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { readOnlyHint, destructiveHint, openWorldHint, idempotentHint, ...others } = annotations;
  return others;
}

interface Input {
  readonly schema: unknown;
  readonly required: boolean;
}

function inputLines(approved: ToolDefinition, now: ToolDefinition, kind: 'tool' | 'prompt'): Line[] {
  const lines: Line[] = [];
  const inputs = kind === 'tool' ? inputsOf : argumentsOf;
  const [before, after] = [inputs(approved), inputs(now)];
  for (const [name, input] of after) {
    const known = before.get(name);
    if (!known) lines.push(newInput(name, input));
    else lines.push(...changedInput(name, known, input));
  }
  for (const name of before.keys()) {
    if (!after.has(name)) lines.push({ tone: 'brass', text: `The input ${shortName(name)} is gone.` });
  }
  const field = kind === 'tool' ? 'inputSchema' : 'arguments';
  const sameSchema = canonicalJson(approved[field] ?? null) === canonicalJson(now[field] ?? null);
  if (sameSchema) lines.push({ tone: 'moss', text: 'Its inputs did not change.' });
  else if (lines.length === 0 || rulesOfTheWhole(approved, kind) !== rulesOfTheWhole(now, kind)) {
    lines.push({ tone: 'brass', text: 'The rules for its input changed.' });
  }
  return lines;
}

/** What the inputs one by one do not show: additionalProperties, $defs, oneOf, required names without an input; a prompt's order. */
function rulesOfTheWhole(definition: ToolDefinition, kind: 'tool' | 'prompt'): string {
  if (kind === 'prompt') {
    const given: unknown = definition.arguments;
    return canonicalJson(Array.isArray(given) ? given.map((one) => (isObject(one) ? String(one.name) : one)) : null);
  }
  const { properties, required, ...rest } = definition.inputSchema ?? {};
  const names = new Set(inputsOf(definition).keys());
  const strays = Array.isArray(required) ? required.filter((name) => !names.has(name)) : (required ?? null);
  return canonicalJson({ rest, strays, properties: isObject(properties) ? null : (properties ?? null) });
}

function newInput(name: string, { schema, required }: Input): Line {
  if (required) return { tone: 'brick', text: `A new required input, ${shortName(name)}.` };
  const preset = isObject(schema) && Object.hasOwn(schema, 'default') ? JSON.stringify(schema.default) : undefined;
  const text = preset === undefined ? '' : `, ${shortName(preset)} unless given`;
  return { tone: 'brass', text: `A new input, ${shortName(name)}${text}.` };
}

function changedInput(name: string, before: Input, after: Input): Line[] {
  const lines: Line[] = [];
  const subject = `The input ${shortName(name)}`;
  if (after.required && !before.required) lines.push({ tone: 'brass', text: `${subject} is now required.` });
  if (!after.required && before.required) lines.push({ tone: 'brass', text: `${subject} is no longer required.` });
  const changed = new Set(fieldChanges(before.schema, after.schema).map((change) => change.path.split('/')[1]));
  if (changed.has('type')) lines.push({ tone: 'brass', text: `${subject} takes another kind of value.` });
  if (changed.has('enum') || changed.has('const')) {
    lines.push({ tone: 'brass', text: `${subject} takes other choices than before.` });
  }
  if (changed.has('default')) lines.push({ tone: 'brass', text: `${subject} has another value when it is not given.` });
  if (changed.has('description'))
    lines.push({ tone: 'brass', text: `The description of the input ${shortName(name)} changed.` });
  const named = ['type', 'enum', 'const', 'default', 'description'];
  if ([...changed].some((part) => part === undefined || !named.includes(part))) {
    lines.push({ tone: 'brass', text: `The rules for the input ${shortName(name)} changed.` });
  }
  return lines;
}

function textLines(
  approved: ToolDefinition,
  now: ToolDefinition,
  fields: readonly FieldChange[],
  kind: OfferKind,
): Line[] {
  const lines: Line[] = [];
  if ((approved.description ?? '') !== (now.description ?? '')) {
    lines.push({ tone: 'brass', text: 'Its description changed.' });
  } else lines.push({ tone: 'moss', text: 'Its description did not change.' });
  const top = new Set(fields.map((change) => change.path.split('/')[1] ?? ''));
  if (top.has('title')) lines.push({ tone: 'brass', text: 'Its title changed.' });
  if (top.has('outputSchema')) lines.push({ tone: 'brass', text: 'What it answers with changed.' });
  if (top.has('icons')) lines.push({ tone: 'brass', text: 'Its icons changed.' });
  if (top.has('name')) lines.push({ tone: 'brass', text: 'Its name changed.' });
  if (top.has('mimeType')) lines.push({ tone: 'brass', text: 'The kind of its content changed.' });
  const named = new Set(kind === 'tool' ? [...ownLines, 'annotations'] : ownLines);
  const others = [...top].filter((field) => !named.has(field)).map(shortName);
  if (others.length > 0) lines.push({ tone: 'brass', text: `Other parts changed: ${others.slice(0, 5).join(', ')}.` });
  return lines;
}

/** Fields that have a line of their own. */
const ownLines = ['title', 'outputSchema', 'icons', 'name', 'mimeType', 'inputSchema', 'arguments'];

/** A prompt's arguments, each with everything said about it. */
function argumentsOf(definition: ToolDefinition): Map<string, Input> {
  const given: unknown = definition.arguments;
  if (!Array.isArray(given)) return new Map();
  return new Map(
    given.filter(isObject).map((one) => {
      const { name, required, ...schema } = one;
      return [String(name), { schema, required: required === true }];
    }),
  );
}

function inputsOf(definition: ToolDefinition): Map<string, Input> {
  const { properties, required } = definition.inputSchema ?? {};
  if (!isObject(properties)) return new Map();
  const needed = new Set(Array.isArray(required) ? required : []);
  return new Map(Object.entries(properties).map(([name, schema]) => [name, { schema, required: needed.has(name) }]));
}

/** Names come from the server: one short line without invisible characters. */
function shortName(name: string): string {
  const line = name.replace(/\p{C}/gu, '').replace(/\s+/g, ' ');
  return line.length <= 48 ? line : `${line.slice(0, 47).toWellFormed()}…`;
}
