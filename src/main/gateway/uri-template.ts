/**
 * Tells whether a URI is one that a template (RFC 6570) expands to. Templates and URIs come from strangers, so matching
 * never goes back: each part of the template looks once at each place it can begin, and a budget bounds the whole.
 */

export type UriTemplate = readonly Part[];

type Part =
  | { readonly kind: 'literal'; readonly text: string }
  /** One or more characters of a value, with or without the reserved ones; optional when it brings its own first character. */
  | { readonly kind: 'value'; readonly lead: string; readonly allowsReserved: boolean }
  /** `?a=1&b=2`; null: any names. */
  | {
      readonly kind: 'pairs';
      readonly lead: string;
      readonly joint: string;
      readonly names: ReadonlySet<string> | null;
    };

/** Steps one look through a server's templates may take: about a millisecond. An ordinary template takes some hundred. */
export const TEMPLATE_BUDGET = 250_000;

const LONGEST = 8 * 1024;
const MOST_PARTS = 64;

/** Reads a template; undefined when it is not well-formed, or too long to be matched. */
export function readUriTemplate(template: string): UriTemplate | undefined {
  if (template.length > LONGEST) return undefined;
  const parts: Part[] = [];
  for (let at = 0; at < template.length; ) {
    if (parts.length >= MOST_PARTS) return undefined;
    const open = template.indexOf('{', at);
    const text = template.slice(at, open === -1 ? template.length : open);
    if (text.includes('}')) return undefined;
    if (text !== '') parts.push({ kind: 'literal', text });
    if (open === -1) break;
    const close = template.indexOf('}', open);
    const part = close === -1 ? undefined : expressionOf(template.slice(open + 1, close));
    if (!part) return undefined;
    parts.push(part);
    at = close + 1;
  }
  return parts;
}

const VARIABLES = /^[A-Za-z0-9_.%-]+(?::\d{1,4}|\*)?(?:,[A-Za-z0-9_.%-]+(?::\d{1,4}|\*)?)*$/;

function expressionOf(expression: string): Part | undefined {
  const operator = /^[+#./;?&]/.exec(expression)?.[0] ?? '';
  const variables = expression.slice(operator.length);
  if (!VARIABLES.test(variables)) return undefined;
  if (operator === '?' || operator === '&' || operator === ';') {
    const names = variables.split(',');
    // An exploded variable may be a map, whose keys are the names.
    const isOpen = names.some((name) => name.endsWith('*'));
    const known = new Set(names.map((name) => name.replace(/:\d+$/, '')));
    return { kind: 'pairs', lead: operator, joint: operator === ';' ? ';' : '&', names: isOpen ? null : known };
  }
  const isReserved = operator === '+' || operator === '#';
  return { kind: 'value', lead: operator === '+' ? '' : operator, allowsReserved: isReserved };
}

/** Steps that are left; shared by all templates of one server. */
export interface Budget {
  left: number;
}

/**
 * True when the template covers the whole URI. A value of `{name}` holds no `/`, `?`, `#` or `&`; one of `{+name}` may. A
 * URI with `.` or `..` among its path segments, encoded or not, is covered by no template: the server would resolve it to a
 * place the template does not name. False too when the budget is spent.
 */
export function covers(template: UriTemplate, uri: string, budget: Budget): boolean {
  if (budget.left < 0 || uri.length > LONGEST) return false;
  const [first] = template;
  if (first?.kind === 'literal' && !uri.startsWith(first.text)) return false;
  let from: readonly number[] = [0];
  for (const part of template) {
    from = endsOf(part, uri, from, budget);
    if (from.length === 0 || budget.left < 0) return false;
  }
  return from.at(-1) === uri.length && !HAS_DOT_SEGMENT.test(uri);
}

const HAS_DOT_SEGMENT = /(?:[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:[/\\?#]|%2f|%5c|$)/i;

/** Places, ascending, where a part can end when it begins at one of `starts` (ascending). */
function endsOf(part: Part, uri: string, starts: readonly number[], budget: Budget): readonly number[] {
  if (part.kind === 'literal') {
    budget.left -= starts.length;
    return starts.filter((start) => uri.startsWith(part.text, start)).map((start) => start + part.text.length);
  }
  budget.left -= uri.length + 1;
  const reached = new Uint8Array(uri.length + 1);
  if (part.kind === 'pairs') {
    for (const start of starts) if (budget.left >= 0) markPairs(part, uri, start, reached, budget);
  } else {
    // All places up to here were looked at from an earlier start, and those inside its run are marked.
    let seen = 0;
    for (const start of starts) {
      if (part.lead !== '') reached[start] = 1;
      if (!uri.startsWith(part.lead, start)) continue;
      let at = Math.max(start + part.lead.length, seen);
      for (; at < uri.length && isAllowed(uri.charCodeAt(at), part.allowsReserved); at += 1) reached[at + 1] = 1;
      seen = Math.max(seen, at);
    }
  }
  const ends: number[] = [];
  for (let at = 0; at < reached.length; at += 1) if (reached[at] === 1) ends.push(at);
  return ends;
}

/** `/`, `?`, `#` and `&` end a plain value; a client that follows the standard has encoded them. */
function isAllowed(code: number, allowsReserved: boolean): boolean {
  return allowsReserved || (code !== 47 && code !== 63 && code !== 35 && code !== 38);
}

/** Marks the start itself, as all pairs may be left out, and the end of each pair that follows. */
function markPairs(
  { lead, joint, names }: Extract<Part, { kind: 'pairs' }>,
  uri: string,
  start: number,
  reached: Uint8Array,
  budget: Budget,
): void {
  reached[start] = 1;
  if (uri[start] !== lead) return;
  const limit = lead === ';' ? /[;/?#]/g : /[&#]/g;
  for (let at = start + 1; budget.left >= 0; ) {
    limit.lastIndex = at;
    const end = limit.exec(uri)?.index ?? uri.length;
    const [name = ''] = uri.slice(at, end).split('=', 1);
    budget.left -= end - at + 1;
    if (name === '' || (names && !names.has(name))) return;
    reached[end] = 1;
    if (uri[end] !== joint) return;
    at = end + 1;
  }
}
