/** What an app sees under a path, and what the names it uses mean there. */
import { offerIdOf } from '@shared/words.ts';
import type { Approvals, ServerRecord } from '../approvals/index.ts';
import type { Profile } from '../policy/index.ts';
import { CALL_TOOLS, INSTRUCTIONS, type OwnTool } from './agent-menu.ts';
import type { Target } from './front-door.ts';
import type { ListKind, ListPage } from './list-pages.ts';
import { type DirectNames, directNamesOf, OfferView } from './offer-view.ts';
import type { ToolUse } from './pipeline.ts';
import { isObject, type JsonObject } from './protocol.ts';
import { ALL_CAPABILITIES, capabilitiesOf } from './server-capabilities.ts';
import { approvedInstructionsOf, withServerInstructions } from './server-instructions.ts';

/** What a tool name means on a surface. */
export type Meaning =
  | { readonly kind: 'own'; readonly tool: OwnTool }
  /** A call tool that does not say which tool it means. */
  | { readonly kind: 'incomplete'; readonly message: string }
  | ({ readonly kind: 'tool' } & Pick<ToolUse, 'toolId' | 'claimedEffect' | 'arguments' | 'mayShorten'>);

export interface Surfaces {
  /** A page of a list: approved offers only, always in the same order. Undefined for a cursor that is none of this list. */
  page(kind: ListKind, profile: Profile | null, target: Target, cursor?: unknown): ListPage | undefined;
  /** Differs when a list does. Cached until something changes. */
  mark(kind: ListKind, profile: Profile | null, target: Target): string;
  meaningOf(name: string, args: unknown, profile: Profile | null, target: Target): Meaning;
  /** The id of the prompt a name means; null when it means nothing here. */
  promptOf(name: string, target: Target): string | null;
  /** Undefined without a profile: then nothing is seen. */
  view(profile: Profile | null, target: Target): OfferView | undefined;
  instructions(profile: Profile | null, target: Target): string | undefined;
  capabilities(target: Target): JsonObject;
  /** False when the path names a server that is unknown or outside the profile. One that is held is there, and empty. */
  exists(profile: Profile | null, target: Target): boolean;
  /** Forgets what was cached; called when approvals or profiles change. */
  refresh(): void;
}

const EMPTY_PAGE: ListPage = { json: '[]', nextCursor: null };

export function createSurfaces(approvals: Pick<Approvals, 'tool' | 'tools' | 'server' | 'servers'>): Surfaces {
  const views = new Map<string, OfferView>();
  const names = new Map<'tool' | 'prompt', DirectNames>();

  const directNames = (kind: 'tool' | 'prompt'): DirectNames => {
    let known = names.get(kind);
    if (!known) {
      known = directNamesOf(approvals, kind);
      names.set(kind, known);
    }
    return known;
  };

  const view = (profile: Profile | null, target: Target): OfferView | undefined => {
    if (!profile) return undefined;
    const key = target.kind === 'server' ? `${profile.name}\n${target.server}` : profile.name;
    let found = views.get(key);
    if (!found) {
      found = new OfferView(approvals, directNames, profile, target);
      views.set(key, found);
    }
    return found;
  };

  const directUse = (toolId: string | null, args: unknown): Meaning => {
    // A client that knows an output schema rejects an answer without structured content.
    const mayShorten = toolId === null || approvals.tool(toolId)?.definition.outputSchema === undefined;
    return { kind: 'tool', toolId, claimedEffect: null, arguments: args, mayShorten };
  };

  return {
    view,
    page(kind, profile, target, cursor) {
      const pages = view(profile, target)?.pages(kind);
      if (!pages) return cursor === undefined ? EMPTY_PAGE : undefined;
      return pages.page(cursor);
    },
    mark: (kind, profile, target) => view(profile, target)?.pages(kind).mark() ?? '',
    meaningOf(name, args, profile, target) {
      if (target.kind === 'server') {
        const toolId = offerIdOf(target.server, 'tool', name);
        return { kind: 'tool', toolId, claimedEffect: null, arguments: args, mayShorten: false };
      }
      if (name === 'read_result') return { kind: 'own', tool: name };
      if (profile?.surface === 'direct') return directUse(directNames('tool').idOf.get(name) ?? null, args);
      if (name === 'retrieve_tools' || name === 'describe_tools') return { kind: 'own', tool: name };
      const claimedEffect = CALL_TOOLS.get(name);
      if (claimedEffect === undefined) {
        const toolId = profile?.surface === 'hybrid' ? directNames('tool').idOf.get(name) : undefined;
        return directUse(toolId !== undefined && profile?.pinned.includes(toolId) ? toolId : null, args);
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
    promptOf(name, target) {
      if (target.kind === 'server') return offerIdOf(target.server, 'prompt', name);
      return directNames('prompt').idOf.get(name) ?? null;
    },
    instructions(profile, target) {
      if (!profile) return undefined;
      if (target.kind === 'server') return approvedInstructionsOf(approvals.server(target.server));
      const own = INSTRUCTIONS[profile.surface];
      const seen = view(profile, target);
      if (profile.surface === 'discover' || !seen) return own;
      // Those whose tools an agent sees without looking for them.
      const shown = new Set(profile.surface === 'direct' ? seen.servers() : seen.direct().map(({ server }) => server));
      return withServerInstructions(own, [...shown].map((name) => approvals.server(name)).filter(isKnown));
    },
    capabilities: (target) =>
      target.kind === 'server' ? capabilitiesOf(approvals.server(target.server)) : ALL_CAPABILITIES,
    exists(profile, target) {
      if (target.kind === 'profile') return true;
      return (
        approvals.server(target.server) !== undefined && (profile?.servers?.includes(target.server) ?? profile !== null)
      );
    },
    refresh() {
      views.clear();
      names.clear();
    },
  };
}

const isKnown = (server: ServerRecord | undefined): server is ServerRecord => server !== undefined;

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
