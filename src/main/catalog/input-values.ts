/** Checks what a person filled in for a catalog entry. Messages name the input and never repeat a secret. Pure. */
import { isAbsolute } from 'node:path';
import type { CatalogEntry, CatalogInput } from '../../shared/contract/catalog.ts';
import { assertNever } from '../../shared/words.ts';

/** A required input is missing or a value does not fit; the message is one sentence for a person. */
export class CatalogInputError extends Error {
  override readonly name = 'CatalogInputError';
  /** The input's key; null when it is about the entry or the server's name. */
  readonly input: string | null;

  constructor(input: string | null, message: string) {
    super(message);
    this.input = input;
  }
}

/** Values by input key; an input that was left empty has an empty list. */
export type CheckedValues = ReadonlyMap<string, readonly string[]>;

const longestValue = 20_000;
const mostValues = 100;
const controlCharacter = /\p{Cc}/u;

/**
 * The checked values of all inputs of an entry, defaults filled in.
 * @throws CatalogInputError for the first input that does not fit.
 */
export function checkValues(
  entry: CatalogEntry,
  given: Readonly<Record<string, string | readonly string[]>>,
): CheckedValues {
  for (const key of Object.keys(given)) {
    if (!entry.inputs.some((input) => input.key === key)) {
      const known = entry.inputs.map((input) => input.key).join(', ') || 'none';
      throw new CatalogInputError(key, `${entry.title} has no input "${key}"; its inputs are: ${known}.`);
    }
  }
  return new Map(entry.inputs.map((input) => [input.key, valuesOf(input, given)]));
}

function valuesOf(input: CatalogInput, given: Readonly<Record<string, string | readonly string[]>>): readonly string[] {
  const raw = Object.hasOwn(given, input.key) ? given[input.key] : input.default;
  const list = (typeof raw === 'string' ? [raw] : (raw ?? [])).filter((value) => value !== '');
  if (list.length === 0 && input.required) throw fault(input, 'is needed');
  if (list.length > 1 && !input.multiple) throw fault(input, 'takes one value');
  if (list.length > mostValues) throw fault(input, `takes at most ${mostValues} values`);
  for (const value of list) {
    const wrong = whatIsWrong(input, value);
    if (wrong !== undefined) throw fault(input, wrong);
  }
  return list;
}

function fault(input: CatalogInput, what: string): CatalogInputError {
  return new CatalogInputError(input.key, `${input.label} (${input.key}) ${what}.`);
}

/** The rest of the sentence "<label> …", or undefined when the value fits. */
function whatIsWrong(input: CatalogInput, value: string): string | undefined {
  if (value.length > longestValue) return `is longer than ${longestValue} characters`;
  // Line breaks would end a header, NUL would end an argument.
  if (controlCharacter.test(value)) return 'must be one line without control characters';
  // A reference typed in would hand this server a secret that was given to another one.
  if (value.includes('${secret:')) return 'must not refer to a secret of the vault; enter the value itself';
  return whatIsWrongForType(input, value);
}

function whatIsWrongForType({ type, choices }: CatalogInput, value: string): string | undefined {
  switch (type) {
    case 'secret':
      return undefined;
    case 'text':
      // It may become an argument of its own and would then be read as a switch of the program.
      return value.startsWith('-') ? 'must not begin with a dash' : undefined;
    case 'number':
      return /^-?\d{1,15}(\.\d{1,15})?$/.test(value) ? undefined : 'must be a number';
    case 'boolean':
      return value === 'true' || value === 'false' ? undefined : 'must be true or false';
    case 'choice':
      return choices?.includes(value) ? undefined : `must be one of: ${choices?.join(', ') ?? 'nothing'}`;
    case 'file':
    case 'directory':
      return isAbsolute(value) ? undefined : 'must be a full path, from the root of the disk';
    case 'url':
      return isWebAddress(value) ? undefined : 'must be an address beginning with https:// or http://';
    default:
      return assertNever(type);
  }
}

function isWebAddress(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  // A password in an address would end up in servers.json.
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
}
