/** A tool in terms, ready for the index: what is left of its texts after splitting, dropping filler and stemming. */
import type { Effect } from '../../shared/words.ts';
import { identifierTermsOf, spacedWordsOf, termsOf } from './terms.ts';
import type { ToolText } from './tool-text.ts';

/** The fields of a tool, each with its own weight and length when scored. */
export const fieldNames = ['server', 'name', 'lead', 'rest', 'parameters', 'parameterText'] as const;
export type FieldName = (typeof fieldNames)[number];

/** Terms read per field: enough for every honest tool, and a ceiling for the others. */
const termLimits: Readonly<Record<FieldName, number>> = {
  server: 16,
  name: 48,
  lead: 64,
  rest: 320,
  parameters: 160,
  parameterText: 240,
};

/** Characters of a description's first sentence at most. */
const longestLead = 300;

export interface PreparedTool {
  readonly id: string;
  readonly server: string;
  readonly effect: Effect;
  readonly terms: Readonly<Record<FieldName, readonly string[]>>;
  /** The tool's name and `server name`, in the spaced form exact queries are compared in. */
  readonly exact: {
    readonly id: string;
    readonly name: string;
    readonly spacedName: string;
    readonly spacedId: string;
  };
}

export function prepareTool(tool: ToolText): PreparedTool {
  const { lead, rest } = splitLead(tool.description);
  return {
    id: tool.id,
    server: tool.server,
    effect: tool.effect,
    terms: {
      server: identifierTermsOf(tool.server, termLimits.server),
      name: nameTermsOf(tool),
      lead: termsOf(lead, termLimits.lead),
      rest: termsOf(rest, termLimits.rest),
      parameters: parameterTermsOf(tool.parameterNames),
      parameterText: termsOf(tool.parameterText, termLimits.parameterText),
    },
    exact: {
      id: tool.id.toLowerCase(),
      name: tool.name.toLowerCase(),
      spacedName: spacedWordsOf(tool.name),
      spacedId: spacedWordsOf(`${tool.server} ${tool.name}`),
    },
  };
}

/** The name's terms, and those of the title that the name does not say already. */
function nameTermsOf(tool: ToolText): string[] {
  const terms = identifierTermsOf(tool.name, termLimits.name);
  for (const term of termsOf(tool.title, termLimits.name)) if (!terms.includes(term)) terms.push(term);
  return terms.slice(0, termLimits.name);
}

function parameterTermsOf(names: readonly string[]): string[] {
  const terms: string[] = [];
  for (const name of names) {
    if (terms.length >= termLimits.parameters) break;
    terms.push(...identifierTermsOf(name, 16));
  }
  return terms.slice(0, termLimits.parameters);
}

/** The first sentence says what a tool does; what follows is usage, limits and examples. */
function splitLead(description: string): { lead: string; rest: string } {
  const end = /[.!?。！？](?=\s|$)|[。！？]|\n\s*\n/u.exec(description.slice(0, longestLead));
  const at = end === null ? Math.min(description.length, longestLead) : end.index + end[0].length;
  return { lead: description.slice(0, at), rest: description.slice(at) };
}
