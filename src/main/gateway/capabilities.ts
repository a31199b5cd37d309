/** What a client said it can be asked, and what a question needs (revision 2026-07-28, MissingRequiredClientCapability). */
import type { ServerQuestion } from '../upstreams/index.ts';
import { isObject, type JsonObject } from './protocol.ts';

/** Characters of JSON a client's declaration may have; it is kept for a session and sent on with calls. */
export const LONGEST_CAPABILITIES = 64 * 1024;

/** True when the client can be asked anything at all. */
export function canBeAsked(declared: JsonObject): boolean {
  return isObject(declared.elicitation) || isObject(declared.sampling) || isObject(declared.roots);
}

/** True when the client declared what this question needs. */
export function covers(declared: JsonObject, { method, params }: ServerQuestion): boolean {
  switch (method) {
    case 'roots/list':
      return isObject(declared.roots);
    case 'sampling/createMessage': {
      const usesTools = params.value.tools !== undefined || params.value.toolChoice !== undefined;
      return isObject(declared.sampling) && (!usesTools || isObject(declared.sampling.tools));
    }
    case 'elicitation/create': {
      const { elicitation } = declared;
      if (!isObject(elicitation)) return false;
      if (params.value.mode === 'url') return isObject(elicitation.url);
      // Before there were modes, an empty declaration meant forms.
      return isObject(elicitation.form) || !isObject(elicitation.url);
    }
  }
}
