/** The calls that wait, as the questions a person sees. Pure. */
import type { Ask } from '@shared/contract/index.ts';

/** Calls of the same app and tool, asked about for the same reasons: one question. */
export interface Question {
  readonly group: string;
  readonly asks: readonly [Ask, ...Ask[]];
  /** The first of its deadlines, in milliseconds since epoch. */
  readonly deadline: number;
  readonly isSerious: boolean;
}

/** Oldest first, so that a new question never pushes away what somebody is about to answer. */
export function questionsOf(waiting: readonly Ask[]): Question[] {
  const groups = new Map<string, [Ask, ...Ask[]]>();
  for (const ask of waiting) {
    const known = groups.get(ask.group);
    if (known) known.push(ask);
    else groups.set(ask.group, [ask]);
  }
  return [...groups].map(([group, asks]) => ({
    group,
    asks,
    deadline: Math.min(...asks.map(({ deadline }) => deadline)),
    isSerious: asks[0].reasons.some(({ serious }) => serious),
  }));
}

const wants: Readonly<Record<Ask['effect'], string>> = {
  read: 'wants to read',
  write: 'wants to change something',
  destructive: 'wants to delete or overwrite something',
};

/** "Cursor wants to delete or overwrite something, 6 times". */
export function headlineOf({ asks }: Question): string {
  const [{ app, effect }] = asks;
  return `${app.name} ${wants[effect]}${asks.length === 1 ? '' : `, ${asks.length} times`}`;
}

/** Arguments over several lines; what is no JSON (a beginning) stays as it is. Numbers are never written anew. */
export function shownArguments(json: string): string {
  let depth = 0;
  let inString = false;
  let shown = '';
  const newLine = (): string => `\n${'  '.repeat(Math.min(depth, 20))}`;
  for (let at = 0; at < json.length; at += 1) {
    const sign = json.charAt(at);
    if (inString) {
      shown += sign;
      if (sign === '\\') {
        at += 1;
        shown += json.charAt(at);
      } else if (sign === '"') inString = false;
    } else if (sign === '"') {
      inString = true;
      shown += sign;
    } else if (sign === '{' || sign === '[') {
      const isEmpty = /^\s*[}\]]/.test(json.slice(at + 1, at + 20));
      depth += 1;
      shown += isEmpty ? sign : sign + newLine();
    } else if (sign === '}' || sign === ']') {
      depth = Math.max(depth - 1, 0);
      shown += /[{[]$/.test(shown) ? sign : newLine() + sign;
    } else if (sign === ',') shown += sign + newLine();
    else if (sign === ':') shown += ': ';
    else if (sign.trim() !== '') shown += sign;
  }
  return shown;
}

/** Seconds left at which a screen reader is told. */
const SPOKEN = [5, 10, 30];

/** What is announced now; changes only at 30, 10 and 5 seconds. */
export function spokenTime(secondsLeft: number): string {
  const mark = SPOKEN.find((seconds) => secondsLeft <= seconds);
  return mark === undefined ? '' : `${mark} seconds left, then it is denied.`;
}
