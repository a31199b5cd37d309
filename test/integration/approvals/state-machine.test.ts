import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/main/approvals/index.ts';
import { launchOf, listingOf, openApprovals } from '../../fixtures/approvals.ts';
import { openDatabase } from '../../fixtures/open-database.ts';

/** What may happen to one server with two tools, in any order. */
type Step =
  | { do: 'launch'; version: number }
  | { do: 'list'; a: number | null; b: number | null; twice: boolean; instructions: number }
  | { do: 'approve' | 'block'; tool: 'a' | 'b' }
  | { do: 'approve-server' | 'block-server' | 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('launch' as const), version: fc.integer({ min: 1, max: 2 }) }),
  fc.record({
    do: fc.constant('list' as const),
    a: fc.option(fc.integer({ min: 1, max: 2 })),
    b: fc.option(fc.integer({ min: 1, max: 2 })),
    twice: fc.boolean(),
    instructions: fc.integer({ min: 1, max: 2 }),
  }),
  fc.record({
    do: fc.constantFrom('approve' as const, 'block' as const),
    tool: fc.constantFrom('a' as const, 'b' as const),
  }),
  fc.record({ do: fc.constantFrom('approve-server' as const, 'block-server' as const, 'restart' as const) }),
);

const definition = (name: string, version: number) => ({
  name,
  description: `Version ${version}.`,
  inputSchema: { type: 'object' },
});

describe('whatever happens in whatever order', () => {
  it('only exactly what a person approved can be called, on a server they approved as it is', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        using database = openDatabase();
        let approvals = openApprovals(database);
        // The model: what the person said last, as plain facts.
        let launch = 1;
        let approvedLaunch: number | null = null;
        let instructions: number | null = null;
        let baseline: number | null = null;
        const tools = new Map<
          string,
          { version: number | null; twice: boolean; approved: number | null; blocked: boolean }
        >();
        approvals.observeServer('s', launchOf(`v${launch}`));

        const serverOpen = (): boolean =>
          approvedLaunch === launch && (baseline === null || instructions === null || instructions === baseline);

        for (const next of steps) {
          switch (next.do) {
            case 'launch':
              launch = next.version;
              approvals.observeServer('s', launchOf(`v${launch}`));
              break;
            case 'list': {
              const listed = (['a', 'b'] as const).flatMap((name) => {
                const version = next[name];
                return version === null ? [] : [definition(name, version)];
              });
              const first = listed[0];
              approvals.observeListing(
                's',
                listingOf(next.twice && first ? [...listed, { ...first, title: 'Twin' }] : listed, {
                  instructions: `Instructions ${next.instructions}`,
                }),
              );
              instructions = next.instructions;
              if (approvedLaunch !== null) baseline ??= instructions;
              for (const name of ['a', 'b'] as const) {
                const known = tools.get(name);
                const version = next[name];
                if (version === null && (!known || (known.approved === null && !known.blocked))) tools.delete(name);
                else {
                  const twice = next.twice && first?.name === name;
                  tools.set(name, {
                    approved: known?.approved ?? null,
                    blocked: known?.blocked ?? false,
                    version,
                    twice,
                  });
                }
              }
              break;
            }
            case 'approve': {
              approvals.approve([`s:${next.tool}`], 'window');
              const known = tools.get(next.tool);
              if (known?.version != null && serverOpen() && !known.twice) {
                tools.set(next.tool, { ...known, approved: known.version, blocked: false });
              }
              break;
            }
            case 'block': {
              approvals.block([`s:${next.tool}`], 'window');
              const known = tools.get(next.tool);
              if (known?.version != null) tools.set(next.tool, { ...known, approved: null, blocked: true });
              break;
            }
            case 'approve-server':
              approvals.approveServer('s', 'window');
              approvedLaunch = launch;
              if (instructions !== null) baseline = instructions;
              break;
            case 'block-server':
              approvals.blockServer('s', 'window');
              approvedLaunch = null;
              break;
            case 'restart':
              approvals[Symbol.dispose]();
              database.reopen();
              approvals = openApprovals(database);
              break;
          }
          for (const name of ['a', 'b'] as const) {
            const known = tools.get(name);
            const tool = approvals.tool(`s:${name}`);
            expect(tool !== undefined).toBe(known?.version != null);
            const open =
              serverOpen() &&
              known?.version != null &&
              known.approved === known.version &&
              !known.blocked &&
              !known.twice;
            expect(tool?.state === 'approved').toBe(open);
            if (open && tool) {
              const approved = known?.approved ?? 0;
              expect(canonicalJson(tool.definition)).toBe(canonicalJson(definition(name, approved)));
              expect(tool.effect).not.toBeNull();
            }
          }
        }
        approvals[Symbol.dispose]();
      }),
      { numRuns: 40 },
    );
  });
});
