import type { CatalogInput } from '@shared/contract/index.ts';
import { assertNever } from '@shared/words.ts';

/** What the form holds: one text per input, a list for repeated ones. */
export type InputValues = Readonly<Record<string, string | string[]>>;

export function startValues(inputs: readonly CatalogInput[]): InputValues {
  return Object.fromEntries(
    inputs.map((input) => {
      const start = input.default ?? (input.type === 'boolean' ? 'false' : '');
      return [input.key, input.multiple ? [start] : start];
    }),
  );
}

const isAbsolutePath = (path: string) => /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(path);

function problemOfOne(input: CatalogInput, value: string): string | undefined {
  switch (input.type) {
    case 'number':
      return Number.isFinite(Number(value)) ? undefined : 'Give a number.';
    case 'url': {
      const url = URL.parse(value);
      return url && /^[a-z][a-z0-9+.-]*:$/.test(url.protocol) ? undefined : 'Give the whole address, with https://.';
    }
    case 'file':
    case 'directory':
      return isAbsolutePath(value) ? undefined : 'Give the whole path, from the root.';
    case 'choice':
      return input.choices === undefined || input.choices.includes(value) ? undefined : 'Choose one of the list.';
    case 'text':
      return value.startsWith('-') ? 'It must not begin with a dash.' : undefined;
    case 'boolean':
    case 'secret':
      return undefined;
    default:
      return assertNever(input.type);
  }
}

const listed = (value: string | string[] | undefined): string[] =>
  (Array.isArray(value) ? value : [value ?? '']).filter((it) => it.trim() !== '');

/** What has to be corrected, keyed by input; empty when a plan can be made. */
export function inputProblems(inputs: readonly CatalogInput[], values: InputValues): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const input of inputs) {
    const given = listed(values[input.key]);
    const problem =
      given.length === 0
        ? input.required
          ? `${input.label} is needed.`
          : undefined
        : given.map((value) => problemOfOne(input, value.trim())).find((it) => it !== undefined);
    if (problem) problems[input.key] = problem;
  }
  return problems;
}

/** What is sent: empty inputs are left out. Secrets can be left out of a plan, which never shows them. */
export function sentValues(
  inputs: readonly CatalogInput[],
  values: InputValues,
  secrets: 'with secrets' | 'masked',
): Record<string, string | string[]> {
  const sent: Record<string, string | string[]> = {};
  for (const input of inputs) {
    const given = listed(values[input.key]).map((value) => (input.type === 'secret' ? value : value.trim()));
    if (given.length === 0) continue;
    const shown = input.type === 'secret' && secrets === 'masked' ? given.map(() => '•') : given;
    sent[input.key] = input.multiple ? shown : (shown[0] ?? '');
  }
  return sent;
}
