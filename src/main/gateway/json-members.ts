/** Members of a JSON object as text, so that an object can be put together anew without rewriting what is in it. */
import { membersOf, objectText } from '@shared/json-text.ts';

/** Value texts by key, in the order written; of a repeated key the last value, as `JSON.parse` has it. */
export function membersByKey(text: string): Map<string, string> {
  const members = new Map<string, string>();
  for (const { key, start, end } of membersOf(text)) members.set(key, text.slice(start, end));
  return members;
}

/** Text of the object with these members. */
export const objectOf = (members: Iterable<readonly [key: string, valueText: string]>): string =>
  objectText([...members]);
