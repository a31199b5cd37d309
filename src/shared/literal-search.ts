/** Finds many literals in a text in one pass (Aho–Corasick, 1975). The time depends on the text's length only. Pure. */

/** Called for each occurrence, overlapping ones too: which literal, and the offset after its last character. */
export type OnLiteral = (literal: number, end: number) => void;

const ASCII = 128;
const EVERY_UNIT = 0x10000;

interface Node {
  readonly children: Map<number, Node>;
  readonly literals: number[];
  fail: Node | undefined;
  id: number;
}

export interface LiteralSearchOptions {
  /** ASCII letters match in either case. */
  readonly ignoreCase?: boolean;
}

/** The automaton as tables: one lookup for the character, one for the next state. */
export class LiteralSearch {
  /** Class of a UTF-16 unit; 0: occurs in no literal. */
  readonly #classOf: Uint16Array;
  readonly #classes: number;
  /** Row of the next state, by row of a state and class of a unit. */
  readonly #next: Uint16Array | Uint32Array;
  /** Rows from here on are of states in which a literal ends. */
  readonly #firstEnd: number;
  readonly #ends: readonly (readonly number[])[];

  /** @throws Error for an empty literal */
  constructor(literals: readonly string[], { ignoreCase = false }: LiteralSearchOptions = {}) {
    const folded = ignoreCase ? literals.map(lowerAscii) : literals;
    const { classOf, classes } = classesOf(folded, ignoreCase);
    this.#classOf = classOf;
    this.#classes = classes;
    const nodes = trieOf(folded, classOf);
    const plain = nodes.filter(({ literals: ended }) => ended.length === 0);
    const ends = nodes.filter(({ literals: ended }) => ended.length > 0);
    const ordered = [...plain, ...ends];
    for (const [id, node] of ordered.entries()) node.id = id;
    this.#firstEnd = plain.length * classes;
    this.#ends = ends.map((node) => node.literals);
    const cells = ordered.length * classes;
    // A small table stays in the processor's cache.
    this.#next = cells <= EVERY_UNIT ? new Uint16Array(cells) : new Uint32Array(cells);
    for (const node of nodes) {
      for (let unit = 0; unit < classes; unit += 1) {
        // Shorter states come first, so the row of the state to fall back to is complete.
        const child = node.children.get(unit)?.id;
        const back = node.fail === undefined ? 0 : (this.#next[node.fail.id * classes + unit] ?? 0);
        this.#next[node.id * classes + unit] = child === undefined ? back : child * classes;
      }
    }
  }

  /** Looks at `text` from `from` on. */
  scan(text: string, onLiteral: OnLiteral, from = 0): void {
    const next = this.#next;
    const classOf = this.#classOf;
    const firstEnd = this.#firstEnd;
    const known = classOf.length;
    let row = 0;
    for (let at = from; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      row = unit < known ? (next[row + (classOf[unit] ?? 0)] ?? 0) : 0;
      if (row >= firstEnd) {
        for (const literal of this.#ends[(row - firstEnd) / this.#classes] ?? []) onLiteral(literal, at + 1);
      }
    }
  }
}

function classesOf(literals: readonly string[], ignoreCase: boolean): { classOf: Uint16Array; classes: number } {
  const units = new Set<number>();
  for (const literal of literals) {
    if (literal === '') throw new Error('A literal must not be empty.');
    for (let at = 0; at < literal.length; at += 1) units.add(literal.charCodeAt(at));
  }
  const isAscii = [...units].every((unit) => unit < ASCII);
  const classOf = new Uint16Array(isAscii ? ASCII : EVERY_UNIT);
  let classes = 1;
  for (const unit of units) {
    classOf[unit] = classes;
    const upper = String.fromCharCode(unit).toUpperCase();
    if (ignoreCase && unit < ASCII && upper.length === 1) classOf[upper.charCodeAt(0)] = classes;
    classes += 1;
  }
  return { classOf, classes };
}

/** All states, each after the shorter ones. */
function trieOf(literals: readonly string[], classOf: Uint16Array): Node[] {
  const node = (fail: Node | undefined): Node => ({ children: new Map(), literals: [], fail, id: 0 });
  const root = node(undefined);
  for (const [index, literal] of literals.entries()) {
    let at = root;
    for (let unit = 0; unit < literal.length; unit += 1) {
      const key = classOf[literal.charCodeAt(unit)] ?? 0;
      let child = at.children.get(key);
      if (!child) {
        child = node(root);
        at.children.set(key, child);
      }
      at = child;
    }
    at.literals.push(index);
  }
  const nodes: Node[] = [root];
  for (const at of nodes) {
    for (const [key, child] of at.children) {
      let fail = at.fail;
      while (fail && !fail.children.has(key)) fail = fail.fail;
      child.fail = (at === root ? undefined : fail?.children.get(key)) ?? root;
      child.literals.push(...child.fail.literals);
      nodes.push(child);
    }
  }
  return nodes;
}

const lowerAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
