import type { ServerSummary, ToolSummary } from '@shared/contract/index.ts';
import type { OfferKind } from '@shared/words.ts';
import type { IconName } from '../components/icon/icon.tsx';
import { listed, plural } from './format.ts';

/** What a server offers, in words; in the order they are listed everywhere. */
export const offerWords: Record<OfferKind, { one: string; many: string; icon: IconName }> = {
  tool: { one: 'tool', many: 'tools', icon: 'terminal' },
  prompt: { one: 'prompt', many: 'prompts', icon: 'message' },
  resource: { one: 'resource', many: 'resources', icon: 'file' },
  template: { one: 'resource template', many: 'resource templates', icon: 'layers' },
};

const kinds: readonly OfferKind[] = ['tool', 'prompt', 'resource', 'template'];

/** A server's instructions are new: agents do not see them until a person has read them. */
export const hasNewInstructions = (server: Pick<ServerSummary, 'approval' | 'instructionsState'>): boolean =>
  server.approval === 'approved' && server.instructionsState === 'pending';

/** Tools before prompts before resources before templates. */
export const byKind = (a: Pick<ToolSummary, 'kind'>, b: Pick<ToolSummary, 'kind'>): number =>
  kinds.indexOf(a.kind) - kinds.indexOf(b.kind);

/** "3 tools", "2 tools, 1 prompt and 4 resources", "nothing". */
export function countOffers(offers: readonly Pick<ToolSummary, 'kind'>[]): string {
  const parts = kinds.flatMap((kind) => {
    const n = offers.filter((offer) => offer.kind === kind).length;
    return n === 0 ? [] : [plural(n, offerWords[kind].one, offerWords[kind].many)];
  });
  return parts.length === 0 ? 'nothing' : listed(parts);
}

/** "3 tools" when nothing else waits, else "7 things": what waits of a server may be prompts, resources and text too. */
export function countWaiting(server: Pick<ServerSummary, 'tools' | 'waiting'>): string {
  const tools = server.tools.pending + server.tools.changed;
  return tools === server.waiting ? plural(tools, 'tool') : plural(server.waiting, 'thing');
}

/** The name in a sentence or a list: `server › tool`, `server › prompt name`. */
export function offerTitle({ kind, server, name }: Pick<ToolSummary, 'kind' | 'server' | 'name'>): string {
  return kind === 'tool' ? `${server} › ${name}` : `${server} › ${offerWords[kind].one} ${name}`;
}
