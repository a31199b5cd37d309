import { hash } from 'node:crypto';
import { type ToolDefinition, toolDefinitionSchema } from '@shared/contract/index.ts';
import { hidesText } from '@shared/suspicious-characters.ts';
import { canonicalJson, DEEPEST, TooDeepError } from './canonical-json.ts';
import type { ListingRemark } from './index.ts';

/** Tools one server may offer, characters one definition may have, and characters all of them together. */
const MOST_TOOLS = 10_000;
const LARGEST_DEFINITION = 1024 * 1024;
const LARGEST_LISTING = 64 * 1024 * 1024;
const LONGEST_NAME = 128;
/** Remarks a person can still read. */
const MOST_REMARKS = 100;

/** A tool of a listing that can be shown to a person. */
export interface ListedTool {
  readonly name: string;
  readonly definition: ToolDefinition;
  /** JSON text of the definition, keys in the server's order. */
  readonly text: string;
  /** SHA-256 (hex) of the text: equal texts need no second look. */
  readonly textHash: string;
  /** True when the server lists another tool of this name. */
  readonly ambiguous: boolean;
}

/**
 * Takes apart what a server listed. Whatever cannot be named, shown or stored is left out with a remark; whatever is
 * merely strange is kept with a remark.
 */
export function readListedTools(raw: readonly unknown[]): { tools: ListedTool[]; remarks: ListingRemark[] } {
  const remarks = new Remarks();
  if (raw.length > MOST_TOOLS) {
    remarks.add('tools', `The server lists ${raw.length} tools. Only the first ${MOST_TOOLS} are taken in.`);
  }
  const found = new Map<string, ListedTool>();
  let size = 0;
  for (const [index, item] of raw.slice(0, MOST_TOOLS).entries()) {
    const tool = readTool(item, index, remarks);
    if (!tool) continue;
    const first = found.get(tool.name);
    if (first) {
      if (!first.ambiguous) remarks.add(tool.name, 'The server lists two tools with this name. The tool is held.');
      found.set(tool.name, { ...first, ambiguous: true });
      continue;
    }
    size += tool.text.length;
    if (size > LARGEST_LISTING) {
      remarks.add('tools', 'The definitions of this server are too large together. The rest is left out.');
      break;
    }
    found.set(tool.name, tool);
  }
  return { tools: [...found.values()], remarks: remarks.all() };
}

function readTool(item: unknown, index: number, remarks: Remarks): ListedTool | null {
  const place = `tool ${index + 1}`;
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    remarks.add(place, 'It is not a definition and was left out.');
    return null;
  }
  const name: unknown = Object.hasOwn(item, 'name') && 'name' in item ? item.name : undefined;
  const fault = faultOfName(name);
  if (typeof name !== 'string' || fault !== null) {
    remarks.add(place, fault ?? 'It has no name and was left out.');
    return null;
  }
  const text = textOf(item);
  if (text === null) {
    remarks.add(name, 'Its definition is nested too deeply and was left out.');
    return null;
  }
  if (text.length > LARGEST_DEFINITION) {
    remarks.add(name, 'Its definition is larger than 1 MiB and was left out.');
    return null;
  }
  const checked = toolDefinitionSchema.safeParse(item);
  if (!checked.success) {
    const field = checked.error.issues[0]?.path.join('.') ?? 'definition';
    remarks.add(name, `Its ${field} is not of the kind MCP asks for, so the tool was left out.`);
    return null;
  }
  for (const remark of schemaRemarks(checked.data)) remarks.add(name, remark);
  if (!/^[A-Za-z0-9_.-]{1,128}$/.test(name)) {
    remarks.add(name, 'Its name has characters that MCP does not allow. Some AI apps may not take it.');
  }
  // The object itself, not zod's copy: nothing of what the server sent may be lost or reordered.
  return { name, definition: item as ToolDefinition, text, textHash: hash('sha256', text), ambiguous: false };
}

/** Null when the definition is nested so deeply that it cannot be written or fingerprinted. */
function textOf(item: object): string | null {
  try {
    const text = JSON.stringify(item);
    // A brace opens every level, so most definitions are shown to be shallow without a walk.
    if (isDeep(text)) canonicalJson(item);
    return text;
  } catch (error) {
    if (error instanceof TooDeepError || error instanceof RangeError) return null;
    throw error;
  }
}

function isDeep(text: string): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > DEEPEST) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return false;
}

/** Null when a person can read the name and tell it from another. */
function faultOfName(name: unknown): string | null {
  if (typeof name !== 'string' || name.trim() === '') return 'It has no name and was left out.';
  if (name.length > LONGEST_NAME) return `Its name is longer than ${LONGEST_NAME} characters, so it was left out.`;
  // Control, format (invisible, direction) and surrogate characters, separators other than the space; then what draws
  // nothing though it counts as a letter or mark (fillers, variation selectors): two names must not look the same.
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(name) || hidesText(name)) {
    return 'Its name has invisible or control characters, so it was left out.';
  }
  return null;
}

function schemaRemarks(definition: ToolDefinition): string[] {
  const schema = definition.inputSchema;
  if (schema === undefined) return ['It does not say what input it takes.'];
  const remarks: string[] = [];
  if (schema.type !== 'object') remarks.push('Its input schema is not of type object, as MCP asks for.');
  const { properties, required } = schema;
  if (
    properties !== undefined &&
    (typeof properties !== 'object' || properties === null || Array.isArray(properties))
  ) {
    remarks.push('The properties of its input schema are not an object. Calls will be refused.');
  }
  const isList = Array.isArray(required) && required.every((item) => typeof item === 'string');
  if (required !== undefined && !isList) {
    remarks.push('What its input schema requires is not a list of names. Calls will be refused.');
  }
  return remarks;
}

class Remarks {
  readonly #found: ListingRemark[] = [];
  #more = 0;

  add(subject: string, message: string): void {
    if (this.#found.length < MOST_REMARKS) this.#found.push({ subject, message });
    else this.#more += 1;
  }

  all(): ListingRemark[] {
    if (this.#more === 0) return this.#found;
    return [...this.#found, { subject: 'tools', message: `There are ${this.#more} more remarks of this kind.` }];
  }
}
