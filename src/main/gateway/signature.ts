/** A tool in one line: `create_issue(repo: string, title: string, labels?: string[])`, and what it does in one sentence. */
import { isObject, type JsonObject } from './protocol.ts';

const MOST_CHOICES = 5;
const LONGEST_TYPE = 60;
const LONGEST_PARAMETER = 40;
const DEEPEST = 3;

/** The signature, at most `longest` characters: optional parameters that do not fit become `…`. */
export function signatureOf(name: string, schema: JsonObject | null | undefined, longest: number): string {
  const properties = isObject(schema?.properties) ? schema.properties : {};
  const required = new Set(Array.isArray(schema?.required) ? schema.required : []);
  const root = schema ?? {};
  const parameters = Object.entries(properties)
    .map(([key, value]) => ({ key, value, optional: !required.has(key) }))
    .sort((a, b) => Number(a.optional) - Number(b.optional));
  let text = `${name}(`;
  let first = true;
  for (const { key, value, optional } of parameters) {
    const separator = first ? '' : ', ';
    const part = `${separator}${parameterName(key)}${optional ? '?' : ''}: ${typeText(value, root, 0)}`;
    if (text.length + part.length + 4 > longest) return `${text}${separator}…)`;
    text += part;
    first = false;
  }
  return `${text})`;
}

/** The first sentence of a description in one line, at most `longest` characters. */
export function firstSentence(description: string, longest: number): string {
  const paragraph = description.trim().split(/\n\s*\n/, 1)[0] ?? '';
  const line = paragraph.slice(0, 2000).replace(/\s+/g, ' ').trim();
  const end = /[.!?](?=\s|$)/.exec(line);
  const sentence = end ? line.slice(0, end.index + 1) : line;
  if (sentence.length <= longest) return sentence;
  return `${sentence
    .slice(0, longest - 1)
    .toWellFormed()
    .trimEnd()}…`;
}

function parameterName(key: string): string {
  const shown = key.length > LONGEST_PARAMETER ? `${key.slice(0, LONGEST_PARAMETER)}…` : key;
  return /^[\p{L}\p{N}_.$-]+$/u.test(shown) ? shown : JSON.stringify(shown.toWellFormed());
}

function typeText(schema: unknown, root: JsonObject, depth: number): string {
  const text = typeOf(schema, root, depth);
  return text.length > LONGEST_TYPE ? `${text.slice(0, LONGEST_TYPE - 1).toWellFormed()}…` : text;
}

function typeOf(schema: unknown, root: JsonObject, depth: number): string {
  if (!isObject(schema) || depth > DEEPEST) return 'any';
  if (typeof schema.$ref === 'string') return typeOf(localReference(schema.$ref, root), root, depth + 1);
  if ('const' in schema) return literal(schema.const);
  if (Array.isArray(schema.enum)) return choices(schema.enum.map(literal));
  const variants = [schema.anyOf, schema.oneOf].find((list) => Array.isArray(list));
  if (Array.isArray(variants))
    return choices([...new Set(variants.map((variant) => typeOf(variant, root, depth + 1)))]);
  const { type } = schema;
  if (Array.isArray(type)) return choices(type.filter((one) => typeof one === 'string'));
  if (type === 'array') {
    const item = typeOf(schema.items, root, depth + 1);
    return item.includes('|') ? `(${item})[]` : `${item}[]`;
  }
  if (typeof type === 'string') return type.slice(0, LONGEST_TYPE);
  return isObject(schema.properties) ? 'object' : 'any';
}

function choices(types: readonly string[]): string {
  if (types.length === 0) return 'any';
  const shown = types.slice(0, MOST_CHOICES).join('|');
  return types.length > MOST_CHOICES ? `${shown}|…` : shown;
}

function literal(value: unknown): string {
  return (JSON.stringify(value) ?? 'any').slice(0, LONGEST_TYPE);
}

function localReference(reference: string, root: JsonObject): unknown {
  if (!reference.startsWith('#/')) return undefined;
  let node: unknown = root;
  for (const step of reference.slice(2).split('/')) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    node = isObject(node) && Object.hasOwn(node, key) ? node[key] : undefined;
  }
  return node;
}
