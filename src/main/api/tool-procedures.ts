import { ORPCError } from '@orpc/server';
import type { ContractImplementer } from './base.ts';
import type { Services } from './services.ts';

const SEARCH_LIMIT = 10;

const notLookedAt = 'It was not among the tools you looked at.';
const hidden = 'It holds characters that cannot be seen. Open it, then approve it by itself.';

const noTool = (id: string) =>
  new ORPCError('NOT_FOUND', { message: `There is no tool ${id}. "gatehouse tool list" shows all.` });

export function toolProcedures(base: ContractImplementer, services: Services) {
  const { approvals, discovery } = services;
  return {
    list: base.tools.list.handler(({ input }) => approvals.summaries(input ?? {})),
    get: base.tools.get.handler(({ input }) => {
      const detail = approvals.detail(input.id);
      if (!detail) throw noTool(input.id);
      return detail;
    }),
    diff: base.tools.diff.handler(({ input }) => {
      const detail = approvals.detail(input.id);
      if (!detail) throw noTool(input.id);
      return detail.diff ?? { id: input.id, description: [], fields: [], inShort: [] };
    }),
    approve: base.tools.approve.handler(({ input, context }) =>
      approvals.approve(input.ids, context.actor, {
        ...(input.effect && { effect: input.effect }),
        ...(input.fingerprints && { fingerprints: input.fingerprints }),
      }),
    ),
    approveAll: base.tools.approveAll.handler(async ({ input, context }) => {
      const record = approvals.server(input.server);
      if (!record) {
        throw new ORPCError('NOT_FOUND', {
          message: `There is no server named ${input.server}. "gatehouse server list" shows all.`,
        });
      }
      if (record.state !== 'approved') {
        throw new ORPCError('REFUSED', {
          message: `What ${input.server} runs is held. Look at it and approve it first: "gatehouse server approve ${input.server}".`,
        });
      }
      const { fingerprints } = input;
      const ids: string[] = [];
      const skipped: { id: string; reason: string }[] = [];
      for (const tool of approvals.summaries({ server: input.server })) {
        if (tool.state !== 'pending' && tool.state !== 'changed') continue;
        // Whoever says what was looked at approves nothing else, and nobody has seen what cannot be seen.
        if (fingerprints && !Object.hasOwn(fingerprints, tool.id)) skipped.push({ id: tool.id, reason: notLookedAt });
        else if (tool.hidesText) skipped.push({ id: tool.id, reason: hidden });
        else ids.push(tool.id);
      }
      if (ids.length === 0) return { changed: [], skipped };
      const decided = approvals.approve(ids, context.actor, {
        ...(input.effect && { effect: input.effect }),
        ...(fingerprints && { fingerprints }),
      });
      return { changed: decided.changed, skipped: [...decided.skipped, ...skipped] };
    }),
    block: base.tools.block.handler(({ input, context }) => approvals.block(input.ids, context.actor)),
    search: base.tools.search.handler(async ({ input }) => {
      const hits = await discovery.search({
        query: input.query,
        limit: input.limit ?? SEARCH_LIMIT,
        servers: null,
        effects: null,
      });
      const summaries = new Map(approvals.summaries({ state: 'approved' }).map((tool) => [tool.id, tool]));
      return hits.flatMap((hit) => {
        const tool = summaries.get(hit.id);
        return tool ? [{ tool, score: hit.score }] : [];
      });
    }),
  };
}
