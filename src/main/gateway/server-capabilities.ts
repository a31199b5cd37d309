/** What the endpoint declares it can do, under each path. */
import type { ServerRecord } from '../approvals/index.ts';
import { isObject, type JsonObject } from './protocol.ts';

/** The one extension Gatehouse carries whole: MCP Apps. */
const APPS_EXTENSION = 'io.modelcontextprotocol/ui';

/** What `/mcp` can do, whichever servers are behind it now: a client keeps what it heard first. */
export const ALL_CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  completions: {},
  logging: {},
};

/**
 * What a server declared, as far as Gatehouse carries it. Lists can change whatever the server says of them, because a
 * person's decision changes them. A server that was not listed yet may turn out to have everything.
 */
export function capabilitiesOf(server: ServerRecord | undefined): JsonObject {
  const declared = server?.capabilities;
  if (!server || !declared || server.listedAt === null) return ALL_CAPABILITIES;
  const has = (name: string): boolean => isObject(declared[name]);
  const follows = isObject(declared.resources) && declared.resources.subscribe === true;
  const extension = isObject(declared.extensions) ? declared.extensions[APPS_EXTENSION] : undefined;
  return {
    ...(has('tools') && { tools: { listChanged: true } }),
    ...(has('prompts') && { prompts: { listChanged: true } }),
    ...(has('resources') && { resources: { ...(follows && { subscribe: true }), listChanged: true } }),
    ...(has('completions') && { completions: {} }),
    ...(has('logging') && { logging: {} }),
    ...(isObject(extension) && { extensions: { [APPS_EXTENSION]: extension } }),
  };
}
