/** How a refusal reaches an agent: as a tool result with one plain sentence and the facts beside it (DESIGN §2). */
import type { Refusal } from '../policy/index.ts';

const REFUSAL_KEY = 'gatehouse/refusal';

/** Characters of the agent's own words that are repeated to it. */
const LONGEST_NAME = 256;

/** JSON text of the tool result that carries a refusal. `tool` is the name the agent used or meant. */
export function refusalResult(refusal: Refusal, tool: string, callId: string): string {
  const { code, message, retryable, retryAfterMs, whoCanFix } = refusal;
  const name = tool.slice(0, LONGEST_NAME).toWellFormed();
  return JSON.stringify({
    content: [{ type: 'text', text: message }],
    isError: true,
    _meta: {
      [REFUSAL_KEY]: {
        code,
        tool: name,
        retryable,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
        whoCanFix,
        callId,
      },
    },
  });
}
