/** Reading JSON with comments that a person or another program wrote, with places in it for messages. Pure. */
import { createScanner, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';

/** Values of jsonc-parser's `SyntaxKind`, a const enum that isolated modules cannot read. */
const OPENS: ReadonlySet<number> = new Set([1, 3]);
const CLOSES: ReadonlySet<number> = new Set([2, 4]);
const END = 17;

/** Levels of nesting a file may have: more than any honest one, too few to exhaust the stack of a recursive parser. */
const DEEPEST = 100;

export type JsoncReading =
  /** `root` is undefined for a text without a value. */
  | { readonly ok: true; readonly root: Node | undefined }
  | { readonly ok: false; readonly offset: number; readonly message: string };

const SYNTAX: Partial<Record<ReturnType<typeof printParseErrorCode>, string>> = {
  InvalidSymbol: 'There is a word that JSON does not know here.',
  InvalidNumberFormat: 'This number is not written the way JSON wants it.',
  PropertyNameExpected: 'A name in double quotes is missing here.',
  ValueExpected: 'A value is missing here.',
  ColonExpected: 'A colon is missing here.',
  CommaExpected: 'A comma is missing here.',
  CloseBraceExpected: 'A closing } is missing.',
  CloseBracketExpected: 'A closing ] is missing.',
  EndOfFileExpected: 'There is more text after the end.',
  UnexpectedEndOfComment: 'A comment is not closed.',
  UnexpectedEndOfString: 'A text is not closed with a double quote.',
};

/** Reads a text with comments and trailing commas allowed, or says what is wrong first and where (UTF-16 offset). */
export function readJsonc(text: string): JsoncReading {
  const deep = tooDeepAt(text);
  if (deep !== null) return { ok: false, offset: deep, message: `This is nested more than ${DEEPEST} levels deep.` };
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false, allowEmptyContent: true });
  const [error] = errors;
  if (!error) return { ok: true, root };
  const message = SYNTAX[printParseErrorCode(error.error)] ?? 'This is not JSON.';
  return { ok: false, offset: error.offset, message };
}

function tooDeepAt(text: string): number | null {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let token: number = scanner.scan(); token !== END; token = scanner.scan()) {
    if (OPENS.has(token)) depth += 1;
    else if (CLOSES.has(token)) depth -= 1;
    if (depth > DEEPEST) return scanner.getTokenOffset();
  }
  return null;
}

/** The value of a node; keys such as `__proto__` stay ordinary keys, which jsonc-parser's own conversion does not do. */
export function plainValueOf(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(plainValueOf);
  if (node.type !== 'object') return node.value;
  return Object.fromEntries(
    (node.children ?? []).flatMap((property) => {
      const [key, value] = property.children ?? [];
      return key && value ? [[String(key.value), plainValueOf(value)]] : [];
    }),
  );
}

/** The first key that one object of the tree holds twice; programs differ in which of the two counts. */
export function repeatedKeyIn(node: Node): Node | undefined {
  const seen = new Set<string>();
  for (const child of node.children ?? []) {
    const key = node.type === 'object' ? child.children?.[0] : undefined;
    if (key && seen.has(String(key.value))) return key;
    if (key) seen.add(String(key.value));
    const deeper = repeatedKeyIn(child);
    if (deeper) return deeper;
  }
  return undefined;
}

/** 1-based line and column of an offset, as editors count them. */
export function placeIn(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
