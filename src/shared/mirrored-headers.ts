/**
 * Headers that repeat what is in a message (revision 2026-07-28, SEP-2243): its name, and the arguments that a tool's input
 * schema marks with `x-mcp-header`. Encoded as the TypeScript SDK 2.4 does, for both ends and for the bridge.
 */

/** Which parameter `Mcp-Name` repeats. The rows for tasks are those of the tasks extension (SEP-2663). */
const NAMED_BY: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/** The parameter that the `Mcp-Name` header of a request repeats; undefined for methods without one. */
export function namingParameter(method: string): string | undefined {
  return NAMED_BY.get(method);
}

const PLAIN_VALUE = /^[\t\x20-\x7E]+$/;

/** Text as a header can carry it: what is not plain visible ASCII goes as base64 in the specification's wrapping. */
export function headerValue(text: string): string {
  const isPlain =
    PLAIN_VALUE.test(text) && text === text.trim() && !(text.startsWith('=?base64?') && text.endsWith('?='));
  return isPlain ? text : `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}

const WRAPPED = /^=\?base64\?((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)\?=$/;

/** The text a header value stands for; undefined when its wrapping holds no valid text. */
export function decodedHeader(value: string): string | undefined {
  if (!value.startsWith('=?base64?') || !value.endsWith('?=')) return value;
  const encoded = WRAPPED.exec(value)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
}

/** An argument that a header repeats. */
export interface MarkedArgument {
  /** In lower case: header names do not differ by case (RFC 9110). */
  readonly header: string;
  /** Keys from the arguments down to the value. */
  readonly path: readonly string[];
}

const MARK = 'x-mcp-header';
/** A field name (RFC 9110, 5.1). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TYPES: ReadonlySet<unknown> = new Set(['string', 'integer', 'boolean']);
/** A schema nested deeper is not searched, and more marks are a flaw: nobody writes one, and a server could. */
const DEEPEST = 64;
const MOST_MARKS = 64;

/** Keywords that hold schemas no fixed path of properties leads to. Those of the second list hold them by name. */
const SCHEMAS = [
  'items',
  'prefixItems',
  'contains',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'propertyNames',
  'oneOf',
  'anyOf',
  'allOf',
  'not',
  'if',
  'then',
  'else',
];
const NAMED_SCHEMAS = ['patternProperties', 'dependentSchemas', '$defs', 'definitions'];

class Flaw extends Error {}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The marked arguments of an input schema, or in a sentence what is wrong with its marks: then none counts. */
export function markedArguments(schema: unknown): readonly MarkedArgument[] | string {
  const found = new Map<string, MarkedArgument>();
  const visit = (node: unknown, path: readonly string[] | null, depth: number): void => {
    if (!isObject(node)) return;
    if (depth > DEEPEST) throw new Flaw(`it is nested deeper than ${DEEPEST} levels`);
    if (Object.hasOwn(node, MARK)) {
      const marked = markOf(node, path);
      if (found.has(marked.header)) throw new Flaw(`${marked.header} is named twice`);
      if (found.size === MOST_MARKS) throw new Flaw(`it has more than ${MOST_MARKS} marks`);
      found.set(marked.header, marked);
    }
    if (isObject(node.properties)) {
      for (const [key, child] of Object.entries(node.properties)) visit(child, path && [...path, key], depth + 1);
    }
    for (const keyword of SCHEMAS) {
      const inner = node[keyword];
      for (const one of Array.isArray(inner) ? inner : [inner]) visit(one, null, depth + 1);
    }
    for (const keyword of NAMED_SCHEMAS) {
      const inner = node[keyword];
      if (isObject(inner)) for (const one of Object.values(inner)) visit(one, null, depth + 1);
    }
  };
  try {
    visit(schema, [], 0);
    return [...found.values()];
  } catch (error) {
    if (error instanceof Flaw) return error.message;
    throw error;
  }
}

function markOf(node: JsonObject, path: readonly string[] | null): MarkedArgument {
  if (path === null || path.length === 0) throw new Flaw('a mark stands where no fixed path of properties leads');
  const name = node[MARK];
  if (typeof name !== 'string' || !TOKEN.test(name)) throw new Flaw('a mark is no header name');
  if (!TYPES.has(node.type)) throw new Flaw('a marked property is no string, integer or boolean');
  return { header: `mcp-param-${name.toLowerCase()}`, path };
}

/** A marked argument's value. */
export function markedValue(args: unknown, { path }: MarkedArgument): unknown {
  let value = args;
  for (const key of path) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** A value as a header repeats it; undefined for what is not repeated: nothing, lists, objects, what has no exact text. */
export function repeatedText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : String(value);
}

/** Tools of one server whose marks are remembered. */
const MOST_TOOLS = 10_000;

/** A client's side: which arguments of which tools go into headers, as the server's listings say. */
export class ParamHeaders {
  readonly #byTool = new Map<string, readonly MarkedArgument[]>();

  /** Learns from entries of a listing; what was known of the same tools before counts no more. */
  learn(tools: readonly unknown[]): void {
    for (const tool of tools) {
      if (!isObject(tool) || typeof tool.name !== 'string') continue;
      this.#byTool.delete(tool.name);
      const found = markedArguments(tool.inputSchema);
      if (typeof found === 'string' || found.length === 0 || this.#byTool.size >= MOST_TOOLS) continue;
      this.#byTool.set(tool.name, found);
    }
  }

  /** True when nothing was learnt. */
  get isEmpty(): boolean {
    return this.#byTool.size === 0;
  }

  forget(): void {
    this.#byTool.clear();
  }

  /** Headers of one `tools/call`, by its parameters; undefined for a tool without marks. */
  headersFor(params: JsonObject | undefined): Readonly<Record<string, string>> | undefined {
    const marked = typeof params?.name === 'string' ? this.#byTool.get(params.name) : undefined;
    if (!marked) return undefined;
    const headers: Record<string, string> = {};
    for (const mark of marked) {
      const text = repeatedText(markedValue(params?.arguments, mark));
      if (text !== undefined) headers[mark.header] = headerValue(text);
    }
    return headers;
  }
}
