/** Names of tools in direct mode: `<server>__<tool>`, at most 60 characters of what every model API accepts. */
import { createHash } from 'node:crypto';

const LONGEST = 60;
const SEPARATOR = '__';

/**
 * The direct name of a tool, the same on every computer and whatever other tools exist. When the plain form would be too
 * long, hold characters some APIs refuse, or could be read as another server's tool, it ends in a hash of the exact id.
 */
export function directNameOf(server: string, tool: string, hashLength = 8): string {
  const plain = `${server}${SEPARATOR}${tool}`;
  // Without these two, the first `__` is always the separator, so plain names cannot collide.
  const isUnambiguous = !server.includes(SEPARATOR) && !server.endsWith('_');
  if (isUnambiguous && plain.length <= LONGEST && /^[A-Za-z0-9_-]+$/.test(plain)) return plain;
  const hash = createHash('sha256').update(`${server}:${tool}`).digest('hex').slice(0, hashLength);
  const readable = plain.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, LONGEST - hashLength - 1);
  return `${readable}_${hash}`;
}

export interface NamedTool {
  readonly id: string;
  readonly server: string;
  readonly name: string;
}

/** Direct names to tool ids. Deterministic: in a clash, tools with plain names come first, then by id; the rest get longer hashes. */
export function directNames(tools: Iterable<NamedTool>): ReadonlyMap<string, string> {
  const named = [...tools].map((tool) => ({ ...tool, direct: directNameOf(tool.server, tool.name) }));
  const isPlain = (tool: (typeof named)[number]): boolean => tool.direct === `${tool.server}${SEPARATOR}${tool.name}`;
  named.sort((a, b) => Number(isPlain(b)) - Number(isPlain(a)) || (a.id < b.id ? -1 : 1));
  const ids = new Map<string, string>();
  for (const tool of named) {
    let name = tool.direct;
    for (let length = 16; ids.has(name) && length <= 40; length += 8)
      name = directNameOf(tool.server, tool.name, length);
    ids.set(name, tool.id);
  }
  return ids;
}
