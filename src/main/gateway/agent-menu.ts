/** Gatehouse's own tools, as agents read them in discover mode. The whole menu stays under 1,200 tokens. */
import type { Effect } from '@shared/words.ts';

export type OwnTool = 'retrieve_tools' | 'describe_tools' | 'read_result';

/** The three call tools; apps can auto-allow reads by tool name. */
export const CALL_TOOLS: ReadonlyMap<string, Effect> = new Map([
  ['call_tool_read', 'read'],
  ['call_tool_write', 'write'],
  ['call_tool_destructive', 'destructive'],
]);

export const INSTRUCTIONS = {
  discover:
    'Gatehouse gives you the tools the person approved, from all their servers. Find tools with retrieve_tools, then call one with the call tool of its effect. Tools are named server:tool.',
  direct:
    'Gatehouse gives you the tools the person approved, named server__tool. Long results are read on with read_result.',
  hybrid:
    'Gatehouse gives you the tools the person approved, from all their servers. The most important ones are here directly, named server__tool. Find the others with retrieve_tools, where they are named server:tool, and call one with the call tool of its effect.',
} as const;

const text = (description: string) => ({ type: 'string', description });

function callTool(effect: Effect, title: string, does: string) {
  return {
    name: `call_tool_${effect}`,
    title,
    description: `Calls a tool whose effect is ${effect}: ${does} Take the name and arguments from retrieve_tools.`,
    inputSchema: {
      type: 'object',
      properties: {
        name: text('server:tool'),
        arguments: { type: 'object', description: "The tool's own arguments.", additionalProperties: true },
      },
      required: ['name'],
    },
    annotations: {
      title,
      readOnlyHint: effect === 'read',
      destructiveHint: effect === 'destructive',
      openWorldHint: true,
    },
  };
}

const readOnly = { readOnlyHint: true, openWorldHint: false };

export const READ_RESULT = {
  name: 'read_result',
  title: 'Read a long result',
  description:
    'Reads on in a result that was too long for one answer. Give offset for the next part, or search to find words in it.',
  inputSchema: {
    type: 'object',
    properties: {
      handle: text('The handle from the shortened result.'),
      offset: { type: 'integer', minimum: 0, description: 'Character to start at; default 0.' },
      limit: { type: 'integer', minimum: 1, description: 'Characters to read.' },
      search: text('Words to find, ignoring case.'),
    },
    required: ['handle'],
  },
  annotations: { title: 'Read a long result', ...readOnly },
};

export const DISCOVER_MENU = [
  {
    name: 'retrieve_tools',
    title: 'Find tools',
    description:
      'Finds tools for a task among all approved ones. Say what you want to do in a few words. Each answer line gives the name, effect, signature and purpose; call it with call_tool_<effect>.',
    inputSchema: {
      type: 'object',
      properties: {
        query: text('The task, e.g. "create a GitHub issue".'),
        limit: { type: 'integer', minimum: 1, maximum: 50, description: 'Most tools to return; default 10.' },
        server: text('Only tools of this server.'),
      },
      required: ['query'],
    },
    annotations: { title: 'Find tools', ...readOnly },
  },
  {
    name: 'describe_tools',
    title: 'Describe tools',
    description: 'Gives the full description and input schema of tools, when a signature is not enough.',
    inputSchema: {
      type: 'object',
      properties: { names: { type: 'array', items: text('server:tool'), minItems: 1, maxItems: 20 } },
      required: ['names'],
    },
    annotations: { title: 'Describe tools', ...readOnly },
  },
  callTool('read', 'Call a reading tool', 'it only looks.'),
  callTool('write', 'Call a writing tool', 'it adds or changes something.'),
  callTool('destructive', 'Call a destructive tool', 'it may delete or overwrite, or cannot be undone.'),
  READ_RESULT,
];
