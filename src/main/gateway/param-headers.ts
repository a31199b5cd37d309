/**
 * Checks the headers that repeat arguments (revision 2026-07-28, `x-mcp-header` in a tool's input schema): what stands
 * between app and server may decide by them, so they must say what the body says.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { ToolDefinition } from '@shared/contract/index.ts';
import {
  decodedHeader,
  type MarkedArgument,
  markedArguments,
  markedValue,
  repeatedText,
} from '@shared/mirrored-headers.ts';

export interface HeaderMismatch {
  readonly header: string;
  readonly problem: string;
}

const DECIMAL = /^-?\d+(\.\d+)?$/;

// Definitions never change in place, so what was found holds for as long as they live.
const known = new WeakMap<ToolDefinition, readonly MarkedArgument[]>();

/** The first header that does not repeat its argument as the tool's approved schema asks. */
export function mismatchedHeader(
  definition: ToolDefinition,
  args: unknown,
  headers: IncomingHttpHeaders,
): HeaderMismatch | undefined {
  for (const marked of marksOf(definition)) {
    const { header } = marked;
    const value = markedValue(args, marked);
    const text = repeatedText(value);
    if (text === undefined) continue;
    const given = headers[header];
    if (typeof given !== 'string') return { header, problem: 'is missing' };
    const decoded = decodedHeader(given.trim());
    if (decoded === undefined) return { header, problem: 'is not valid base64' };
    const isSame = typeof value === 'number' && DECIMAL.test(decoded) ? Number(decoded) === value : decoded === text;
    if (!isSame) return { header, problem: `does not say what the argument ${marked.path.join('.')} says` };
  }
  return undefined;
}

/** None for a schema whose marks are not valid: no client repeats anything of it. */
function marksOf(definition: ToolDefinition): readonly MarkedArgument[] {
  let found = known.get(definition);
  if (!found) {
    const marked = markedArguments(definition.inputSchema);
    found = typeof marked === 'string' ? [] : marked;
    known.set(definition, found);
  }
  return found;
}
