/** Where many servers stand behind one endpoint, a person must be able to see which of them asks (2025-11-25, Elicitation). */
import { memberText, withMember } from '@shared/json-text.ts';
import type { ServerQuestion } from '../upstreams/index.ts';
import { membersByKey, objectOf } from './json-members.ts';

/** The question with the server's name before its message; questions without one stay as they are. */
export function namedQuestion(question: ServerQuestion, server: string): ServerQuestion {
  const { method, params } = question;
  const { message } = params.value;
  if (method !== 'elicitation/create' || typeof message !== 'string') return question;
  const named = `${server} asks: ${message}`;
  const json = withMember(params.json, 'message', JSON.stringify(named));
  return { method, params: { value: { ...params.value, message: named }, json } };
}

/** The same in each elicitation of an `input_required` result, given and returned as JSON text. */
export function inEachElicitation(resultJson: string, server: string): string {
  const requests = memberText(resultJson, 'inputRequests');
  if (requests === undefined) return resultJson;
  const named = [...membersByKey(requests)].map(([key, entry]) => [key, namedEntry(entry, server)] as const);
  return withMember(resultJson, 'inputRequests', objectOf(named));
}

function namedEntry(entry: string, server: string): string {
  const params = memberText(entry, 'params');
  const message = params === undefined ? undefined : memberText(params, 'message');
  if (memberText(entry, 'method') !== '"elicitation/create"' || params === undefined || message === undefined)
    return entry;
  // A message that is no text is for the client to refuse.
  const said: unknown = JSON.parse(message);
  if (typeof said !== 'string') return entry;
  return withMember(entry, 'params', withMember(params, 'message', JSON.stringify(`${server} asks: ${said}`)));
}
