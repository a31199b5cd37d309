/**
 * What the index reads of a tool: a few plain texts with hard bounds, taken from a definition nobody has to trust.
 * A server may send megabytes of description or a schema that never ends; past these bounds nothing is read.
 */
import type { Effect } from '../../shared/words.ts';
import type { IndexedTool } from './index.ts';

/** Characters read per text and items read per tool. */
export const textBounds = {
  id: 1_024,
  server: 128,
  name: 256,
  title: 256,
  description: 8_000,
  parameters: 96,
  parameterName: 128,
  parameterDescription: 400,
  parameterText: 4_000,
  /** How deep nested object and array schemas are followed. */
  schemaDepth: 4,
  /** Schema nodes looked at, whatever they hold. */
  schemaNodes: 400,
} as const;

/** One tool as the index knows it. Ids longer than the bound are not indexable. */
export interface ToolText {
  readonly id: string;
  readonly server: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly parameterNames: readonly string[];
  /** Parameter descriptions and choices, joined. */
  readonly parameterText: string;
  readonly effect: Effect;
}

/** The bounded texts of a tool; undefined when its id is too long to be handed out. */
export function toolTextOf(tool: IndexedTool): ToolText | undefined {
  if (tool.id.length > textBounds.id) return undefined;
  const parameters = parametersOf(tool.inputSchema);
  return {
    id: tool.id,
    server: tool.server.slice(0, textBounds.server),
    name: tool.name.slice(0, textBounds.name),
    title: (tool.title ?? '').slice(0, textBounds.title),
    description: tool.description.slice(0, textBounds.description),
    parameterNames: parameters.names,
    parameterText: parameters.texts.join(' ').slice(0, textBounds.parameterText),
    effect: tool.effect,
  };
}

interface Parameters {
  readonly names: string[];
  readonly texts: string[];
}

/** Property names and their descriptions, breadth first, so that the outer parameters win when a bound is reached. */
function parametersOf(schema: IndexedTool['inputSchema']): Parameters {
  const found: Parameters = { names: [], texts: [] };
  let textLength = 0;
  let nodes = 0;
  const queue: { node: unknown; depth: number }[] = [{ node: schema, depth: 0 }];
  for (const { node, depth } of queue) {
    if (!isRecord(node)) continue;
    for (const branch of branchesOf(node)) {
      if (nodes++ >= textBounds.schemaNodes || found.names.length >= textBounds.parameters) return found;
      if (branch.name !== undefined) {
        found.names.push(branch.name.slice(0, textBounds.parameterName));
        for (const text of textsOf(branch.node)) {
          if (textLength >= textBounds.parameterText) break;
          found.texts.push(text);
          textLength += text.length + 1;
        }
      }
      if (depth < textBounds.schemaDepth) queue.push({ node: branch.node, depth: depth + 1 });
    }
  }
  return found;
}

/** Named properties, then unnamed parts (array items, alternatives) of one schema node. */
function* branchesOf(node: Record<string, unknown>): Generator<{ name: string | undefined; node: unknown }> {
  if (isRecord(node.properties)) {
    for (const name in node.properties) {
      if (Object.hasOwn(node.properties, name)) yield { name, node: node.properties[name] };
    }
  }
  if (isRecord(node.items)) yield { name: undefined, node: node.items };
  for (const keyword of ['anyOf', 'oneOf', 'allOf'] as const) {
    const alternatives = node[keyword];
    if (!Array.isArray(alternatives)) continue;
    for (const alternative of alternatives) yield { name: undefined, node: alternative };
  }
}

function* textsOf(node: unknown): Generator<string> {
  if (!isRecord(node)) return;
  if (typeof node.description === 'string') yield node.description.slice(0, textBounds.parameterDescription);
  if (Array.isArray(node.enum)) {
    for (const choice of node.enum.slice(0, 32)) if (typeof choice === 'string') yield choice.slice(0, 64);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
