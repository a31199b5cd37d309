/** What can be scanned in a file: listings as MCP gives them, and single definitions. */
import type { OfferKind } from '@shared/words.ts';

/** One thing of a file that can be scanned by itself. */
export interface ScanSubject {
  readonly kind: OfferKind;
  /** What names it. */
  readonly name: string;
  readonly definition: Readonly<Record<string, unknown>>;
  /** JSON Pointer of the definition in the file. */
  readonly pointer: string;
}

export interface ListingToScan {
  readonly subjects: readonly ScanSubject[];
  readonly instructions: { readonly text: string; readonly pointer: string } | null;
}

/** The file is not what can be scanned. The message says what can. */
export class ScanFileError extends Error {
  override readonly name = 'ScanFileError';
}

type Members = Readonly<Record<string, unknown>>;
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const lists = [
  ['tools', 'tool', 'name'],
  ['prompts', 'prompt', 'name'],
  ['resources', 'resource', 'uri'],
  ['resourceTemplates', 'template', 'uriTemplate'],
] as const;

/**
 * Takes the JSON of a `tools/list` result (also of prompts, resources, templates, or several in one object, bare or as a
 * JSON-RPC answer), of an `initialize` result, an array of definitions, or one definition. Throws ScanFileError.
 */
export function readScanFile(value: unknown): ListingToScan {
  if (isMembers(value) && isMembers(value.mcpServers)) {
    throw new ScanFileError(
      'This file says which servers to run, not what they say. Add a server, then scan it by its name: gatehouse scan NAME.',
    );
  }
  if (isMembers(value) && isMembers(value.result)) return listingIn(value.result, '/result');
  if (Array.isArray(value))
    return { subjects: value.flatMap((one, index) => subjectsIn(one, `/${index}`)), instructions: null };
  if (isMembers(value)) return listingIn(value, '');
  throw notScannable();
}

function listingIn(value: Members, pointer: string): ListingToScan {
  const subjects = lists.flatMap(([list, kind, key]) => {
    const entries = value[list];
    if (!Array.isArray(entries)) return [];
    return entries.flatMap((entry: unknown, index) => {
      const place = `${pointer}/${list}/${index}`;
      return isMembers(entry) ? [subjectOf(kind, key, entry, place)] : [];
    });
  });
  const { instructions } = value;
  if (typeof instructions === 'string') {
    return { subjects, instructions: { text: instructions, pointer: `${pointer}/instructions` } };
  }
  if (subjects.length > 0 || lists.some(([list]) => Array.isArray(value[list])))
    return { subjects, instructions: null };
  const [single] = subjectsIn(value, pointer);
  if (!single) throw notScannable();
  return { subjects: [single], instructions: null };
}

/** A definition by itself: what names it tells its kind. */
function subjectsIn(value: unknown, pointer: string): ScanSubject[] {
  if (!isMembers(value)) throw notScannable();
  if (typeof value.uriTemplate === 'string') return [subjectOf('template', 'uriTemplate', value, pointer)];
  if (typeof value.uri === 'string') return [subjectOf('resource', 'uri', value, pointer)];
  if (typeof value.name !== 'string') throw notScannable();
  return [subjectOf(Array.isArray(value.arguments) ? 'prompt' : 'tool', 'name', value, pointer)];
}

function subjectOf(kind: OfferKind, key: string, definition: Members, pointer: string): ScanSubject {
  const name = definition[key];
  return { kind, name: typeof name === 'string' ? name : '(no name)', definition, pointer };
}

const notScannable = (): ScanFileError =>
  new ScanFileError(
    'The file is no list of tools and no definition. It may be the result of tools/list, an array of tools, or one tool.',
  );
