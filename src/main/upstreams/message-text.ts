import { elementsOf } from '@shared/json-text.ts';
import { isJsonObject, type JsonObject } from './json-rpc.ts';

export type Delivery = 'delivered' | 'not-json' | 'not-a-message';

/**
 * Reads what a server sent and hands over each message in it, with its text on one line, so that the text can be passed
 * on where a line break ends a message.
 */
export function deliver(sent: string, give: (message: JsonObject, text: string) => void): Delivery {
  let parsed: unknown;
  try {
    parsed = JSON.parse(sent);
  } catch {
    return 'not-json';
  }
  const text = onOneLine(sent);
  if (!Array.isArray(parsed)) {
    if (!isMessage(parsed)) return 'not-a-message';
    give(parsed, text);
    return 'delivered';
  }
  // 2025-03-26 allowed batches; a server may answer with one.
  const texts = elementsOf(text);
  for (const [index, message] of parsed.entries()) {
    if (!isMessage(message)) return 'not-a-message';
    give(message, texts[index] ?? '');
  }
  return 'delivered';
}

/** JSON text without line breaks, meaning the same: within strings JSON has none that are not escaped. */
export function onOneLine(json: string): string {
  return json.includes('\n') || json.includes('\r') ? json.replace(/[\n\r]+/g, ' ') : json;
}

function isMessage(value: unknown): value is JsonObject {
  return isJsonObject(value) && value.jsonrpc === '2.0';
}
