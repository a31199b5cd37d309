/** How a refusal reaches an agent: as a tool result with one plain sentence and the facts beside it (DESIGN §2). */
import type { Refusal } from '../policy/index.ts';

const REFUSAL_KEY = 'gatehouse/refusal';

/** Characters of the agent's own words that are repeated to it. */
const LONGEST_NAME = 256;

/** The facts of a refusal under Gatehouse's own key. `name` is what the agent used or meant. */
export function refusalData(refusal: Refusal, name: string, callId: string) {
  const { code, retryable, retryAfterMs, whoCanFix } = refusal;
  return {
    [REFUSAL_KEY]: {
      code,
      tool: name.slice(0, LONGEST_NAME).toWellFormed(),
      retryable,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      whoCanFix,
      callId,
    },
  };
}

/** JSON text of the tool result that carries a refusal. `tool` is the name the agent used or meant. */
export function refusalResult(refusal: Refusal, tool: string, callId: string): string {
  return JSON.stringify({
    content: [{ type: 'text', text: refusal.message }],
    isError: true,
    _meta: refusalData(refusal, tool, callId),
  });
}
