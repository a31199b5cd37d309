import { ORPCError } from '@orpc/server';
import { noSuchOffer } from '../approvals/index.ts';
import { approveWaiting } from './approve-waiting.ts';
import type { ContractImplementer } from './base.ts';
import type { Services } from './services.ts';

const SEARCH_LIMIT = 10;

const noOffer = (id: string) => new ORPCError('NOT_FOUND', { message: noSuchOffer(id) });

export function toolProcedures(base: ContractImplementer, services: Services) {
  const { approvals, discovery } = services;
  return {
    list: base.tools.list.handler(async ({ input }) => {
      await approvals.scanned(input?.server === undefined ? {} : { server: input.server });
      return approvals.summaries(input ?? {});
    }),
    get: base.tools.get.handler(({ input }) => {
      const detail = approvals.detail(input.id);
      if (!detail) throw noOffer(input.id);
      return detail;
    }),
    diff: base.tools.diff.handler(({ input }) => {
      const detail = approvals.detail(input.id);
      if (!detail) throw noOffer(input.id);
      return detail.diff ?? { id: input.id, description: [], fields: [], inShort: [] };
    }),
    approve: base.tools.approve.handler(({ input, context }) =>
      approvals.approve(input.ids, context.actor, {
        ...(input.effect && { effect: input.effect }),
        ...(input.labels && { labels: input.labels }),
        ...(input.fingerprints && { fingerprints: input.fingerprints }),
      }),
    ),
    approveAll: base.tools.approveAll.handler(async ({ input, context }) => {
      await approvals.scanned({ server: input.server });
      return approveWaiting(approvals, context.actor, input);
    }),
    block: base.tools.block.handler(({ input, context }) => approvals.block(input.ids, context.actor)),
    search: base.tools.search.handler(async ({ input }) => {
      const hits = await discovery.search({
        query: input.query,
        limit: input.limit ?? SEARCH_LIMIT,
        servers: null,
        effects: null,
      });
      const summaries = new Map(
        approvals.summaries({ state: 'approved', kind: 'tool' }).map((tool) => [tool.id, tool]),
      );
      return hits.flatMap((hit) => {
        const tool = summaries.get(hit.id);
        return tool ? [{ tool, score: hit.score }] : [];
      });
    }),
  };
}
