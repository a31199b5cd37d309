import { type ConfigProblem, type ServerConfig, serverConfigSchema } from '@shared/contract/index.ts';
import { placeIn, plainValueOf, readJsonc } from '@shared/jsonc-text.ts';
import { serverNameSchema } from '@shared/words.ts';
import { applyEdits, createScanner, type FormattingOptions, modify, type Node, parseTree } from 'jsonc-parser';
import { configFlaw } from './launch-identity.ts';

/** What a text of servers.json says. Pure; nothing here touches the disk. */
export type ServersFile =
  /** The text is no servers.json: nothing of it counts. */
  | { readonly kind: 'broken'; readonly problem: ConfigProblem }
  /** The text was read. `problems` are entries that do not count while the rest does; `rejected` are their names. */
  | {
      readonly kind: 'read';
      readonly servers: ReadonlyMap<string, ServerConfig>;
      readonly problems: readonly ConfigProblem[];
      readonly rejected: ReadonlySet<string>;
    };

/**
 * Reads the text of servers.json: `{ "mcpServers": { name: {…} } }`, with comments and trailing commas allowed.
 * One bad entry does not take the others down. An empty text is an empty file.
 */
export function parseServersFile(text: string, file: string): ServersFile {
  const at = (offset: number, message: string): ConfigProblem => ({ file, message, ...placeIn(text, offset) });
  const read = readJsonc(text);
  if (!read.ok) {
    return { kind: 'broken', problem: at(read.offset, `${read.message} The last good state stays in use.`) };
  }
  const { root } = read;
  if (!root) return { kind: 'read', servers: new Map(), problems: [], rejected: new Set() };
  if (root.type !== 'object') {
    return { kind: 'broken', problem: at(root.offset, 'The file must hold one object: { "mcpServers": { … } }.') };
  }
  const sections = (root.children ?? []).filter((property) => property.children?.[0]?.value === 'mcpServers');
  const second = sections[1];
  if (second) return { kind: 'broken', problem: at(second.offset, '"mcpServers" is there twice. Keep one of them.') };
  const section = sections[0]?.children?.[1];
  if (!section) return { kind: 'read', servers: new Map(), problems: [], rejected: new Set() };
  if (section.type !== 'object') {
    return { kind: 'broken', problem: at(section.offset, '"mcpServers" must be an object: { "name": { … } }.') };
  }

  const servers = new Map<string, ServerConfig>();
  const rejected = new Set<string>();
  const problems: ConfigProblem[] = [];
  const seen = new Set<string>();
  for (const property of section.children ?? []) {
    const [key, value] = property.children ?? [];
    if (!key || !value) continue;
    const name = String(key.value);
    const flaw = seen.has(name)
      ? { offset: key.offset, message: `The server ${name} is there twice. Keep one of them.` }
      : entryFlaw(name, key, value);
    seen.add(name);
    if (flaw) {
      problems.push(at(flaw.offset, flaw.message));
      rejected.add(name);
      // Which of two entries of one name was meant is not for us to guess.
      servers.delete(name);
    } else {
      servers.set(name, serverConfigSchema.parse(plainValueOf(value)));
    }
  }
  return { kind: 'read', servers, problems, rejected };
}

function entryFlaw(name: string, key: Node, value: Node): { offset: number; message: string } | undefined {
  const named = serverNameSchema.safeParse(name);
  if (!named.success) {
    return { offset: key.offset, message: `${JSON.stringify(name)}: ${named.error.issues[0]?.message ?? ''}` };
  }
  const parsed = serverConfigSchema.safeParse(plainValueOf(value));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = (issue?.path ?? []).map(String);
    return {
      offset: nodeAt(value, path).offset,
      message: `The server ${name} is left out: ${[path.join('.'), issue?.message].filter(Boolean).join(': ')}.`,
    };
  }
  const flaw = configFlaw(parsed.data);
  return flaw === null ? undefined : { offset: value.offset, message: `The server ${name} is left out. ${flaw}` };
}

/** The deepest node that exists along a path. */
function nodeAt(node: Node, path: readonly string[]): Node {
  const [head, ...rest] = path;
  if (head === undefined) return node;
  const next =
    node.type === 'array'
      ? node.children?.[Number(head)]
      : node.children?.find((property) => property.children?.[0]?.value === head)?.children?.[1];
  return next ? nodeAt(next, rest) : node;
}

/**
 * The text with one server set. Comments, order, indentation and keys that Gatehouse does not know survive; only what
 * differs is touched.
 * @param text a text that `parseServersFile` read.
 */
export function withServer(text: string, name: string, config: ServerConfig): string {
  const root = parseTree(text, [], { allowTrailingComma: true });
  const entry = root && nodeAt(root, ['mcpServers', name]);
  const present = root && entry && isAt(root, ['mcpServers', name]) ? plainValueOf(entry) : undefined;
  return applyChange(text, ['mcpServers', name], present, { ...config });
}

/** The text without one server; the text itself when it is not there. */
export function withoutServer(text: string, name: string): string {
  const root = parseTree(text, [], { allowTrailingComma: true });
  return root && isAt(root, ['mcpServers', name]) ? removeAt(text, ['mcpServers', name]) : text;
}

function isAt(root: Node, path: readonly string[]): boolean {
  let node: Node | undefined = root;
  for (const part of path) {
    node = node?.children?.find((property) => property.children?.[0]?.value === part)?.children?.[1];
  }
  return node !== undefined;
}

/** Keys of an entry that Gatehouse owns: absent in the new config means removed. Other keys are left alone. */
const KNOWN_KEYS = new Set(Object.keys(serverConfigSchema.shape));

function applyChange(text: string, path: string[], present: unknown, wanted: Record<string, unknown>): string {
  if (!isPlainObject(present)) return setAt(text, path, withoutUndefined(wanted));
  let result = text;
  const isEntry = path.length === 2;
  for (const key of Object.keys(present)) {
    if (wanted[key] === undefined && (!isEntry || KNOWN_KEYS.has(key))) result = removeAt(result, [...path, key]);
  }
  for (const [key, value] of Object.entries(wanted)) {
    if (value === undefined || isSame(present[key], value)) continue;
    const before = present[key];
    result =
      isPlainObject(before) && isPlainObject(value)
        ? applyChange(result, [...path, key], before, value)
        : setAt(result, [...path, key], value);
  }
  return result;
}

function setAt(text: string, path: string[], value: unknown): string {
  const base = text.trim() === '' ? '{}' : text;
  return applyEdits(base, modify(base, path, value, { formattingOptions: formattingOf(base) }));
}

/**
 * The text without one property. jsonc-parser's own removal breaks objects with a trailing comma and takes comments of
 * the neighbours along.
 */
function removeAt(text: string, path: readonly string[]): string {
  const root = parseTree(text, [], { allowTrailingComma: true });
  const owner = root && nodeAt(root, path.slice(0, -1));
  const properties = owner?.children ?? [];
  const index = properties.findIndex((property) => property.children?.[0]?.value === path.at(-1));
  const property = properties[index];
  if (!property) return text;
  const before = properties[index - 1];
  const endOf = (node: Node) => node.offset + node.length;
  const comma = commaAfter(text, endOf(property));
  const commaBefore = comma === undefined && before ? commaAfter(text, endOf(before)) : undefined;

  // With the line it stands on, when nothing else stands there.
  let start = property.offset;
  let end = comma === undefined ? endOf(property) : comma + 1;
  const lead = /(?:\r\n|\n|\r)?[ \t]*$/.exec(text.slice(0, start))?.[0] ?? '';
  if (/^[ \t]*(?:[\r\n}]|$)/.test(text.slice(end))) start -= lead.length;
  else end += /^[ \t]*/.exec(text.slice(end))?.[0].length ?? 0;
  const head = text.slice(0, start);
  return (
    (commaBefore === undefined ? head : head.slice(0, commaBefore) + head.slice(commaBefore + 1)) + text.slice(end)
  );
}

/** The offset of the comma that is the next token after `offset`, comments aside. */
function commaAfter(text: string, offset: number): number | undefined {
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  scanner.scan();
  const next = scanner.getTokenOffset();
  return text[next] === ',' ? next : undefined;
}

/** The indentation and line ends the file already uses. */
function formattingOf(text: string): FormattingOptions {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1];
  return {
    insertSpaces: !indent?.startsWith('\t'),
    tabSize: indent && !indent.startsWith('\t') ? indent.length : 2,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutUndefined(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined));
}

/** Equality of two JSON values, whatever the order of keys. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  if (!isPlainObject(a) || !isPlainObject(b)) return false;
  const keysOf = (value: Record<string, unknown>) => Object.keys(value).filter((key) => value[key] !== undefined);
  const keys = keysOf(a);
  return keys.length === keysOf(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
}
