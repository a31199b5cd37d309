/** Reads what a source file imports. */
import { parseSync } from 'vite';

export interface Import {
  /** The module as written, e.g. `../policy/index.ts`, `@shared/words.ts` or `electron`. */
  readonly specifier: string;
  /** Erased at run time. */
  readonly isType: boolean;
  readonly line: number;
}

/**
 * Every import of a module: static, re-exported, dynamic with a literal, `import('…')` types. Type-only ones are included
 * and marked, because a boundary that types may cross is no boundary for the reader.
 * @throws Error when the file does not parse
 */
export function importsOf(file: string, code: string): Import[] {
  const parsed = parseSync(file, code);
  const [error] = parsed.errors;
  if (error) throw new Error(`${file} does not parse: ${error.message}`);
  const lineAt = (offset: number) => code.slice(0, offset).split('\n').length;
  const found: Import[] = [];
  for (const { moduleRequest, entries, start } of parsed.module.staticImports) {
    const isType = entries.length > 0 && entries.every((entry) => entry.isType);
    found.push({ specifier: moduleRequest.value, isType, line: lineAt(start) });
  }
  for (const { entries, start } of parsed.module.staticExports) {
    const specifier = entries.find((entry) => entry.moduleRequest)?.moduleRequest?.value;
    if (specifier === undefined) continue;
    found.push({ specifier, isType: entries.every((entry) => entry.isType), line: lineAt(start) });
  }
  for (const { moduleRequest, start } of parsed.module.dynamicImports) {
    const specifier = literal(code.slice(moduleRequest.start, moduleRequest.end));
    if (specifier !== undefined) found.push({ specifier, isType: false, line: lineAt(start) });
  }
  for (const { specifier, start } of importTypesIn(parsed.program)) {
    found.push({ specifier, isType: true, line: lineAt(start) });
  }
  return found;
}

function literal(source: string): string | undefined {
  return /^(['"`])([^'"`$]+)\1$/.exec(source.trim())?.[2];
}

/** `import('…').Thing` in a type position, which is not part of the module record. */
function importTypesIn(node: unknown): { specifier: string; start: number }[] {
  if (Array.isArray(node)) return node.flatMap(importTypesIn);
  if (typeof node !== 'object' || node === null) return [];
  const children = Object.values(node).flatMap((value) => (typeof value === 'object' ? importTypesIn(value) : []));
  if (!('type' in node) || node.type !== 'TSImportType' || !('start' in node)) return children;
  const source = 'source' in node ? node.source : 'argument' in node ? node.argument : undefined;
  const value = typeof source === 'object' && source !== null && 'value' in source ? source.value : undefined;
  if (typeof value !== 'string' || typeof node.start !== 'number') return children;
  return [{ specifier: value, start: node.start }, ...children];
}
