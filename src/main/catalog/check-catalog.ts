/** The rules a catalog must keep before it ships. Pure: gives the list of what is wrong. */
import type { CatalogEntry } from '../../shared/contract/catalog.ts';
import { catalogFileSchema } from './catalog-file.ts';
import { holesIn } from './templates.ts';

export interface CatalogFacts {
  /** Names of the icons the interface can draw. */
  readonly icons: ReadonlySet<string>;
}

const exactVersion = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;
const idPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** One sentence per problem; empty when the catalog is fine. */
export function problemsOfCatalog(content: unknown, facts: CatalogFacts): string[] {
  const checked = catalogFileSchema.safeParse(content);
  if (!checked.success) {
    return checked.error.issues.map((issue) => `${issue.path.join('.') || 'catalog.json'}: ${issue.message}.`);
  }
  const { entries } = checked.data;
  return [
    ...repeatedIn(entries.map(({ id }) => id)).map((id) => `${id}: the id is used twice.`),
    ...repeatedIn(entries.map(({ name }) => name)).map((name) => `${name}: the name is used twice.`),
    ...entries.flatMap((entry) => problemsOfEntry(entry, facts).map((problem) => `${entry.id}: ${problem}`)),
  ];
}

function problemsOfEntry(entry: CatalogEntry, { icons }: CatalogFacts): string[] {
  const problems: string[] = [];
  if (!idPattern.test(entry.id)) problems.push('the id is not lower-case words joined by dashes.');
  if (!icons.has(entry.icon)) problems.push(`there is no icon "${entry.icon}".`);
  if (!isHttps(entry.homepage)) problems.push('the homepage is not https.');
  if (!/^[A-Z].*[^.]\.$/s.test(entry.description) || /\.\s/.test(entry.description)) {
    problems.push('the description is not one sentence.');
  }
  if (entry.risks.length === 0) problems.push('it says nothing about risks.');
  if (entry.tools.length === 0) problems.push('it names no tools.');
  return [...problems, ...problemsOfLaunch(entry), ...problemsOfInputs(entry)];
}

function problemsOfLaunch(entry: CatalogEntry): string[] {
  const { package: source, launch } = entry;
  if (source.kind === 'remote') {
    const problems = launch.url === source.identifier ? [] : ['the address is not the package identifier.'];
    if (launch.url === undefined || !isHttps(launch.url)) problems.push('the address is not https.');
    if (launch.command !== undefined || launch.args.length > 0) problems.push('it has both an address and a command.');
    return problems;
  }
  const problems: string[] = [];
  if (source.version === null || !exactVersion.test(source.version)) problems.push('the version is not exact.');
  if (launch.command !== 'npx' || launch.args[0] !== '-y') problems.push('it is not started with npx -y.');
  if (!launch.args.slice(1, 3).includes(`${source.identifier}@${source.version}`)) {
    problems.push('what is started is not the pinned package.');
  }
  if (launch.url !== undefined) problems.push('it has both an address and a command.');
  return problems;
}

function problemsOfInputs(entry: CatalogEntry): string[] {
  const { launch, inputs } = entry;
  const problems = repeatedIn(inputs.map(({ key }) => key)).map((key) => `the input ${key} is declared twice.`);
  const keys = new Set(inputs.map(({ key }) => key));
  const texts = [...launch.args, ...Object.values(launch.env), ...Object.values(launch.headers), launch.url ?? ''];
  const used = new Set(texts.flatMap((text) => holesIn(text, keys)));
  const everything = { has: () => true };
  for (const key of texts.flatMap((text) => holesIn(text, everything))) {
    if (!keys.has(key)) problems.push(`{${key}} is not an input.`);
  }
  for (const { key, type, choices, multiple } of inputs) {
    if (!used.has(key)) problems.push(`the input ${key} is never used.`);
    if (type === 'choice' && !choices?.length) problems.push(`the input ${key} has no choices.`);
    if (type === 'secret' && multiple) problems.push(`the secret ${key} takes several values.`);
    const visible = [...launch.args, launch.url ?? ''];
    // Command lines and addresses are seen by other programs and end up in logs.
    if (type === 'secret' && visible.some((text) => holesIn(text, keys).includes(key))) {
      problems.push(`the secret ${key} would stand in the command line or the address.`);
    }
  }
  for (const text of launch.args) {
    const repeatable = inputs.filter(({ key, multiple }) => multiple && holesIn(text, keys).includes(key));
    if (repeatable.length > 1) problems.push(`"${text}" repeats for more than one input.`);
  }
  return problems;
}

function isHttps(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === 'https:';
}

function repeatedIn(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, at) => values.indexOf(value) !== at))];
}
