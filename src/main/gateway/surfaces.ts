/** What an app sees under a path, and what the names it uses mean there. */
import type { Approvals, ToolRecord } from '../approvals/index.ts';
import type { Profile } from '../policy/index.ts';
import { CALL_TOOLS, DISCOVER_MENU, INSTRUCTIONS, type OwnTool, READ_RESULT } from './agent-menu.ts';
import { directNames } from './direct-names.ts';
import type { Target } from './front-door.ts';
import { isOpenTo } from './own-answers.ts';
import type { ToolUse } from './pipeline.ts';
import { isObject } from './protocol.ts';

/** What a tool name means on a surface. */
export type Meaning =
  | { readonly kind: 'own'; readonly tool: OwnTool }
  /** A call tool that does not say which tool it means. */
  | { readonly kind: 'incomplete'; readonly message: string }
  | ({ readonly kind: 'tool' } & Pick<ToolUse, 'toolId' | 'claimedEffect' | 'arguments' | 'mayShorten'>);

export interface Surfaces {
  /** JSON text of the `tools` array: approved tools only, always in the same order. Cached until something changes. */
  list(profile: Profile | null, target: Target): string;
  meaningOf(name: string, args: unknown, profile: Profile | null, target: Target): Meaning;
  instructions(profile: Profile | null, target: Target): string | undefined;
  /** False when the path names a server that is unknown or outside the profile. */
  exists(profile: Profile | null, target: Target): boolean;
  /** Forgets what was cached; called when approvals or profiles change. */
  refresh(): void;
}

export function createSurfaces(approvals: Pick<Approvals, 'tool' | 'tools' | 'server'>): Surfaces {
  const lists = new Map<string, string>();
  let names: { readonly idOf: ReadonlyMap<string, string>; readonly nameOf: ReadonlyMap<string, string> } | undefined;

  // Over all tools whatever their state, so that an approval never renames another tool.
  const directTools = () => {
    if (!names) {
      const idOf = directNames(approvals.tools());
      names = { idOf, nameOf: new Map([...idOf].map(([name, id]) => [id, name])) };
    }
    return names;
  };

  const openTools = (profile: Profile, server?: string): ToolRecord[] =>
    approvals
      .tools({ state: 'approved', ...(server !== undefined && { server }) })
      .filter((tool) => isOpenTo(profile, tool))
      .sort((a, b) => (a.id < b.id ? -1 : 1));

  const build = (profile: Profile, target: Target): string => {
    if (target.kind === 'server')
      return JSON.stringify(openTools(profile, target.server).map((tool) => tool.definition));
    if (surfaceOf(profile) === 'discover') return MENU;
    const { nameOf } = directTools();
    const tools = openTools(profile).map((tool) => ({ ...tool.definition, name: nameOf.get(tool.id) ?? tool.name }));
    return JSON.stringify([...tools, READ_RESULT]);
  };

  return {
    list(profile, target) {
      if (!profile) return '[]';
      const key = target.kind === 'server' ? `${profile.name}\n${target.server}` : profile.name;
      let list = lists.get(key);
      if (list === undefined) {
        list = build(profile, target);
        lists.set(key, list);
      }
      return list;
    },
    meaningOf(name, args, profile, target) {
      if (target.kind === 'server') {
        const toolId = `${target.server}:${name}`;
        return { kind: 'tool', toolId, claimedEffect: null, arguments: args, mayShorten: false };
      }
      if (profile && surfaceOf(profile) === 'direct') {
        if (name === 'read_result') return { kind: 'own', tool: 'read_result' };
        const toolId = directTools().idOf.get(name) ?? null;
        // A client that knows an output schema rejects an answer without structured content.
        const mayShorten = toolId === null || approvals.tool(toolId)?.definition.outputSchema === undefined;
        return { kind: 'tool', toolId, claimedEffect: null, arguments: args, mayShorten };
      }
      if (name === 'retrieve_tools' || name === 'describe_tools' || name === 'read_result')
        return { kind: 'own', tool: name };
      const claimedEffect = CALL_TOOLS.get(name);
      if (claimedEffect === undefined) {
        return { kind: 'tool', toolId: null, claimedEffect: null, arguments: args, mayShorten: true };
      }
      const inner = isObject(args) ? args : {};
      if (typeof inner.name !== 'string')
        return { kind: 'incomplete', message: `${name} needs the name of a tool, as server:tool.` };
      return {
        kind: 'tool',
        toolId: inner.name,
        claimedEffect,
        arguments: objectOf(inner.arguments),
        mayShorten: true,
      };
    },
    instructions(profile, target) {
      if (target.kind === 'server' || !profile) return undefined;
      if (profile.surface === 'hybrid')
        return `${INSTRUCTIONS.discover} This profile asks for hybrid, which is served as discover.`;
      return INSTRUCTIONS[surfaceOf(profile)];
    },
    exists(profile, target) {
      if (target.kind === 'profile') return true;
      return (
        approvals.server(target.server) !== undefined && (profile?.servers?.includes(target.server) ?? profile !== null)
      );
    },
    refresh() {
      lists.clear();
      names = undefined;
    },
  };
}

const MENU = JSON.stringify(DISCOVER_MENU);

function surfaceOf(profile: Profile): 'discover' | 'direct' {
  return profile.surface === 'direct' ? 'direct' : 'discover';
}

/** Models often send the inner arguments as JSON text; an object in that text is what they meant. */
function objectOf(args: unknown): unknown {
  if (typeof args !== 'string') return args;
  try {
    const parsed: unknown = JSON.parse(args);
    return isObject(parsed) ? parsed : args;
  } catch {
    return args;
  }
}
