/** Turns a catalog entry and a person's values into a server config, secrets apart. Pure. */
import type { CatalogEntry, CatalogInput } from '../../shared/contract/catalog.ts';
import type { ServerConfig } from '../../shared/contract/servers.ts';
import { serverNameSchema } from '../../shared/words.ts';
import { CatalogInputError, type CheckedValues, checkValues } from './input-values.ts';
import { fill, holesIn, wholeHoleOf } from './templates.ts';

export interface ResolvedEntry {
  readonly name: string;
  readonly config: ServerConfig;
  /** Values for the vault by secret name: `<server>.<input key>`. */
  readonly secrets: Record<string, string>;
}

/** @throws CatalogInputError with one sentence when a required input is missing or a value does not fit. */
export function resolveEntry(
  entry: CatalogEntry,
  given: Readonly<Record<string, string | readonly string[]>>,
  name: string = entry.name,
): ResolvedEntry {
  const checkedName = serverNameSchema.safeParse(name);
  if (!checkedName.success) {
    throw new CatalogInputError(null, checkedName.error.issues[0]?.message ?? 'The server name is not valid.');
  }
  const values = checkValues(entry, given);
  const secrets: Record<string, string> = {};
  const texts = new Map<string, readonly string[]>();
  for (const input of entry.inputs) {
    const [first] = values.get(input.key) ?? [];
    if (input.type !== 'secret') {
      texts.set(input.key, values.get(input.key) ?? []);
    } else if (first === undefined) {
      texts.set(input.key, []);
    } else {
      const secretName = `${name}.${input.key}`;
      secrets[secretName] = first;
      texts.set(input.key, [`\${secret:${secretName}}`]);
    }
  }
  return { name, config: configOf(entry, texts), secrets };
}

function configOf(entry: CatalogEntry, values: CheckedValues): ServerConfig {
  const { command, args, env, url, headers } = entry.launch;
  const gatehouse = { catalogId: entry.id };
  if (url !== undefined) {
    const filled = fillEach(headers, values);
    return { type: 'http', url: fillUrl(url, values), ...(hasKeys(filled) && { headers: filled }), gatehouse };
  }
  const filled = fillEach(env, values);
  return { command, args: fillArguments(entry, args, values), ...(hasKeys(filled) && { env: filled }), gatehouse };
}

/**
 * Fills every argument in. A repeated input repeats its argument; an argument whose input was left empty goes, together
 * with a flag right before it. `--flag {input}` with a yes/no input is the flag alone, or nothing.
 */
function fillArguments(entry: CatalogEntry, templates: readonly string[], values: CheckedValues): string[] {
  const filled: string[] = [];
  let flagBefore = false;
  for (const template of templates) {
    const holes = holesIn(template, values);
    const whole = wholeHoleOf(template, values);
    const input = entry.inputs.find(({ key }) => key === whole);
    const keptFlagOnly = input?.type === 'boolean' && values.get(input.key)?.[0] === 'true';
    const dropped = holes.some((key) => isLeftEmpty(inputOf(entry, key), values, key === whole));
    if (dropped && flagBefore) filled.pop();
    if (!dropped && !keptFlagOnly) filled.push(...repeated(template, holes, values));
    flagBefore = holes.length === 0 && /^--?[A-Za-z]/.test(template) && !template.includes('=');
  }
  return filled;
}

function inputOf(entry: CatalogEntry, key: string): CatalogInput | undefined {
  return entry.inputs.find((input) => input.key === key);
}

function isLeftEmpty(input: CatalogInput | undefined, values: CheckedValues, isWhole: boolean): boolean {
  const list = input === undefined ? [] : (values.get(input.key) ?? []);
  return list.length === 0 || (isWhole && input?.type === 'boolean' && list[0] === 'false');
}

/** The template once per value of its repeated input, or once. */
function repeated(template: string, holes: readonly string[], values: CheckedValues): string[] {
  const times = Math.max(1, ...holes.map((key) => values.get(key)?.length ?? 0));
  return Array.from({ length: times }, (_, at) =>
    fill(template, values, (key) => {
      const list = values.get(key) ?? [];
      return list[at] ?? list[0] ?? '';
    }),
  );
}

/** Names (of variables or headers) whose input was left empty are not set at all. */
function fillEach(templates: Readonly<Record<string, string>>, values: CheckedValues): Record<string, string> {
  const filled: Record<string, string> = {};
  for (const [name, template] of Object.entries(templates)) {
    if (holesIn(template, values).some((key) => values.get(key)?.length === 0)) continue;
    filled[name] = fill(template, values, (key) => values.get(key)?.join(',') ?? '');
  }
  return filled;
}

/** A value stays inside its path segment or parameter: it cannot change the host or add parameters. */
function fillUrl(template: string, values: CheckedValues): string {
  return fill(template, values, (key) => encodeURIComponent(values.get(key)?.[0] ?? ''));
}

function hasKeys(record: Readonly<Record<string, string>>): boolean {
  return Object.keys(record).length > 0;
}
