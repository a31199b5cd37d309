import type { ToolDetail } from '@shared/contract/index.ts';
import { plural } from '../../lib/format.ts';
import { hiddenIn } from './hidden-text.ts';
import { parametersOf } from './parameters.ts';

export interface ShortFact {
  tone: 'brick' | 'brass' | 'moss';
  text: string;
}

function inputFact(detail: ToolDetail): ShortFact {
  const rows = parametersOf(detail.definition.inputSchema).rows.filter((row) => row.depth === 0);
  if (rows.length === 0) return { tone: 'moss', text: 'It takes no input.' };
  const required = rows.filter((row) => row.isRequired).map((row) => row.name);
  const needs = required.length === 0 ? 'none of them required' : `${required.slice(0, 4).join(', ')} required`;
  return { tone: 'moss', text: `It takes ${plural(rows.length, 'input')}, ${needs}.` };
}

function effectFact({ suggestedEffect, definition }: ToolDetail): ShortFact {
  const says = definition.annotations ?? {};
  if (suggestedEffect === 'destructive') return { tone: 'brick', text: 'It can probably delete or overwrite things.' };
  if (says.destructiveHint === true && says.readOnlyHint !== true) {
    return { tone: 'brick', text: 'It says itself that it may delete or overwrite things.' };
  }
  if (suggestedEffect === 'write') {
    return says.readOnlyHint === true
      ? { tone: 'brick', text: 'It says it only reads, but looks as if it changes things.' }
      : { tone: 'brass', text: 'It can probably change things.' };
  }
  return says.readOnlyHint === true
    ? { tone: 'moss', text: 'It says it only reads, and nothing speaks against it.' }
    : { tone: 'brass', text: 'It looks as if it only reads, but does not say so.' };
}

function readFact({ kind }: ToolDetail): ShortFact {
  return kind === 'prompt'
    ? { tone: 'brass', text: 'Its text goes to the model as if you had written it.' }
    : { tone: 'moss', text: 'Apps can only read it.' };
}

/** The few sentences beside a tool: the comparison when it changed, else what stands out in a new one. */
export function inShortOf(detail: ToolDetail): ShortFact[] {
  const hidden = hiddenIn(detail.definition);
  const first: ShortFact[] =
    hidden > 0
      ? [{ tone: 'brick', text: `It holds ${plural(hidden, 'character')} that no screen shows but a model reads.` }]
      : [];
  if (detail.diff) return [...first, ...detail.diff.inShort];
  if (detail.kind !== 'tool') return [...first, readFact(detail)];
  return [...first, effectFact(detail), inputFact(detail)];
}
