/** How a tool stands to the tools of other servers. */
import type { Finding } from '@shared/contract/findings.ts';
import { skeletonOf } from './confusables.ts';
import { findingAt } from './finding.ts';
import type { DefinitionScan } from './index.ts';
import { checkRule } from './rule-data.ts';
import type { ScannedText } from './texts-of.ts';

/** A word in a text that may be the name of a tool. */
export interface Mention {
  readonly text: ScannedText;
  readonly start: number;
  readonly end: number;
  readonly word: string;
  /** The sentence around it tells somebody what to do. */
  readonly isOrder: boolean;
}

interface NamedTool {
  readonly server: string;
  readonly name: string;
}

/** The names of all tools, by how they look. */
export class Neighbours {
  readonly #byName = new Map<string, Set<string>>();
  readonly #bySkeleton = new Map<string, NamedTool[]>();

  constructor(tools: Iterable<NamedTool>) {
    for (const { server, name } of tools) {
      const servers = this.#byName.get(name);
      if (servers) servers.add(server);
      else this.#byName.set(name, new Set([server]));
      const skeleton = skeletonOf(name);
      const alike = this.#bySkeleton.get(skeleton);
      if (alike) alike.push({ server, name });
      else this.#bySkeleton.set(skeleton, [{ server, name }]);
    }
  }

  /** Another server that has a tool of this name; undefined when `own` has one too, since then its own is meant. */
  otherWith(name: string, own: string): string | undefined {
    const servers = this.#byName.get(name);
    if (!servers || servers.has(own)) return undefined;
    return servers.values().next().value;
  }

  /** The first tool of another server that looks like this name. */
  lookingLike(name: string, own: string): NamedTool | undefined {
    return this.#bySkeleton.get(skeletonOf(name))?.find(({ server }) => server !== own);
  }
}

/** What of a scan depends on which other tools there are. */
export function neighbourFindings(scan: DefinitionScan, server: string, neighbours: Neighbours): Finding[] {
  const found: Finding[] = [];
  if (scan.toolName !== null) {
    const text = { pointer: '/name', inKey: false, text: scan.toolName };
    const span = { start: 0, end: scan.toolName.length };
    const other = neighbours.lookingLike(scan.toolName, server);
    if (other) {
      const isSame = bare(other.name) === bare(scan.toolName);
      const rule = checkRule(isSame ? 'shadowing.same-name' : 'shadowing.look-alike-name');
      const explanation = `${rule.explanation} The server ${other.server} has ${other.name}.`;
      found.push(findingAt(rule, text, span, { explanation }));
    }
  }
  const named = new Set<string>();
  for (const mention of scan.mentions) {
    if (mention.word === scan.toolName || named.has(mention.word)) continue;
    const other = neighbours.otherWith(mention.word, server);
    if (other === undefined) continue;
    named.add(mention.word);
    const rule = checkRule(mention.isOrder ? 'shadowing.directs-tool' : 'shadowing.speaks-of-tool');
    const explanation = `${rule.explanation} ${mention.word} is a tool of the server ${other}.`;
    found.push(findingAt(rule, mention.text, mention, { explanation }));
  }
  return found;
}

const bare = (name: string): string => name.toLowerCase().replaceAll(/[-_.\s]/g, '');

const MOST_MENTIONS = 200;
/** Units on each side in which a sentence around a mention is looked for. */
const SENTENCE = 200;

/** Words of prose that are written like names of tools: `read_file`, `readFile`, `read-file`. */
export function mentionsIn(texts: readonly ScannedText[]): Mention[] {
  const orders = checkRule('shadowing.directs-tool').words ?? [];
  const mentions: Mention[] = [];
  for (const text of texts) {
    if (text.place !== 'text' && text.place !== 'value') continue;
    for (const { 0: word, index } of text.text.matchAll(/[A-Za-z0-9_-]+/g)) {
      if (mentions.length >= MOST_MENTIONS) return mentions;
      if (word.length < 6 || word.length > 128 || !/[A-Za-z0-9]_[A-Za-z0-9]|[a-z]-[a-z]|[a-z][A-Z]/.test(word))
        continue;
      const end = index + word.length;
      const sentence = sentenceAround(text.text, index, end);
      const isOrder = orders.some((order) => hasWord(sentence, order));
      mentions.push({ text, start: index, end, word, isOrder });
    }
  }
  return mentions;
}

function sentenceAround(text: string, start: number, end: number): string {
  const before = text.slice(Math.max(0, start - SENTENCE), start);
  const after = text.slice(end, end + SENTENCE);
  const from = Math.max(before.lastIndexOf('. '), before.lastIndexOf('\n'), before.lastIndexOf('! '));
  const to = after.search(/[.!?](?:\s|$)|\n/);
  return `${before.slice(from + 1)} ${to === -1 ? after : after.slice(0, to)}`.toLowerCase();
}

function hasWord(sentence: string, word: string): boolean {
  for (let at = sentence.indexOf(word); at !== -1; at = sentence.indexOf(word, at + 1)) {
    const isApart = !/[a-z]/.test(sentence.charAt(at - 1)) && !/[a-z]/.test(sentence.charAt(at + word.length));
    if (isApart) return true;
  }
  return false;
}
