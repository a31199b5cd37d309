/** `gatehouse catalog …` */
import type { CatalogItem } from '@shared/contract/index.ts';
import { type AdminOptions, printResult, type WideningOptions, widen, withInstance } from './admin.ts';
import { askConsent } from './consent.ts';
import { CliError } from './exit.ts';
import { keyValues } from './key-values.ts';
import { printFacts, printLine, printTable } from './output.ts';
import { printable } from './printable.ts';
import { readSecretValues } from './secret-values.ts';
import { printAdded } from './server.ts';

export async function searchCatalog(words: readonly string[], options: AdminOptions): Promise<void> {
  const search = words.join(' ');
  await withInstance(options, async (client) => {
    printResult(options, await client.catalog.list({ search }), (items) =>
      printTable<CatalogItem>(
        [
          { heading: 'ID', cell: (item) => item.id },
          { heading: 'TITLE', cell: (item) => item.title },
          { heading: 'BY', cell: (item) => (item.official ? `${item.vendor} (official)` : item.vendor) },
          { heading: 'ADDED', cell: (item) => (item.addedAs.length > 0 ? 'yes' : '') },
          { heading: 'WHAT IT DOES', cell: (item) => item.description },
        ],
        items,
        'Nothing in the catalog matches.',
      ),
    );
  });
}

export async function showCatalogItem(id: string, options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    printResult(options, await client.catalog.get({ id }), printItem);
  });
}

function printItem(item: CatalogItem): void {
  const { launch } = item;
  printFacts([
    ['Title', item.title],
    ['By', item.official ? `${item.vendor} (official)` : item.vendor],
    ['What it does', item.description],
    ['Runs', launch.url ?? [launch.command, ...launch.args].join(' ')],
    ['Package', `${item.package.identifier}${item.package.version ? `@${item.package.version}` : ''}`],
    ['License', item.license ?? 'not stated'],
    ['Homepage', item.homepage],
    ['Tools', item.tools.join(', ') || 'not known'],
    ['Hosts', item.hosts.join(', ') || 'not stated'],
    ['Added as', item.addedAs.join(', ') || '-'],
  ]);
  for (const risk of item.risks) printLine(`Careful: ${printable(risk)}`);
  for (const input of item.inputs) {
    const option = input.type === 'secret' ? `--secret ${input.key}` : `--input ${input.key}=${input.type}`;
    printLine(`${option}  ${printable(input.label)}${input.required ? ' (required)' : ''}`);
  }
}

export async function addFromCatalog(
  id: string,
  options: WideningOptions & {
    readonly input?: readonly string[];
    readonly secret?: readonly string[];
    readonly name?: string;
    readonly yes?: boolean;
  },
): Promise<void> {
  const given = keyValues('--input', options.input ?? []);
  await withInstance(options, async (client) => {
    const item = await client.catalog.get({ id });
    const inputs = inputsOf(item, given);
    // Read before the plan, because a required secret is part of what can be planned.
    for (const [key, value] of await readSecretValues(options.secret ?? [])) inputs[key] = value;
    const plan = await client.catalog.plan({ id, name: options.name, inputs });
    await askConsent(plan, options);
    const server = await widen(
      client,
      options,
      () => client.catalog.add({ id, name: options.name, inputs, consentHash: plan.consentHash }),
      async () => (await import('@shared/contract/servers.ts')).serverSummarySchema,
    );
    printResult(options, server, printAdded);
  });
}

/** Exported for its test: an input that may come several times takes all its values, any other the last. */
export function inputsOf(
  item: Pick<CatalogItem, 'inputs'>,
  given: readonly [key: string, value: string][],
): Record<string, string | string[]> {
  const inputs: Record<string, string | string[]> = {};
  for (const [key, value] of given) {
    const input = item.inputs.find((candidate) => candidate.key === key);
    if (input?.type === 'secret') {
      throw new CliError(
        'usage',
        `${key} is a secret, and other programs can read command lines. Use --secret ${key}.`,
      );
    }
    const before = inputs[key];
    inputs[key] = input?.multiple ? [...(Array.isArray(before) ? before : []), value] : value;
  }
  return inputs;
}
