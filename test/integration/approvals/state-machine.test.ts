import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/main/approvals/index.ts';
import { type OfferKind, offerIdOf, offerKindSchema } from '../../../src/shared/words.ts';
import { launchOf, listingOf, openApprovals } from '../../fixtures/approvals.ts';
import { openDatabase } from '../../fixtures/open-database.ts';

const kinds = offerKindSchema.options;
const names = ['a', 'b'] as const;
type Name = (typeof names)[number];

/** What may happen to one server with two offers of each kind, in any order. */
type Step =
  | { do: 'launch'; version: number }
  | {
      do: 'list';
      kind: OfferKind;
      a: number | null;
      b: number | null;
      twice: boolean;
      partial: boolean;
      words: number | null;
    }
  | { do: 'approve' | 'block'; kind: OfferKind; name: Name }
  | { do: 'approve-server' | 'block-server' | 'restart' };

const version = fc.integer({ min: 1, max: 2 });
const kind = fc.constantFrom(...kinds);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant('launch' as const), version }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('list' as const),
      kind,
      a: fc.option(version),
      b: fc.option(version),
      twice: fc.boolean(),
      partial: fc.boolean(),
      words: fc.option(version),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('approve' as const, 'approve' as const, 'block' as const),
      kind,
      name: fc.constantFrom(...names),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('approve-server' as const, 'block-server' as const, 'restart' as const),
    }),
  },
);

const keyOf = (of: OfferKind, name: string): string =>
  of === 'resource' ? `file:///${name}` : of === 'template' ? `file:///${name}/{path}` : name;

/** Only what a person approves; of a resource also what is no promise, different each time. */
const definition = (of: OfferKind, name: string, number: number, size?: number) => ({
  name,
  description: `Version ${number}.`,
  ...(of === 'tool' && { inputSchema: { type: 'object' } }),
  ...(of === 'resource' && { uri: keyOf(of, name), ...(size !== undefined && { size }) }),
  ...(of === 'template' && { uriTemplate: keyOf(of, name) }),
});

interface Model {
  version: number | null;
  twice: boolean;
  approved: number | null;
  blocked: boolean;
}

describe('whatever happens in whatever order', () => {
  it('only exactly what a person approved can be used, on a server they approved as it is', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        using database = openDatabase();
        let approvals = openApprovals(database);
        // The model: what the person said last, as plain facts.
        let launch = 1;
        let approvedLaunch: number | null = null;
        let words: number | null = null;
        let approvedWords: number | null = null;
        const offers = new Map<string, Model>();
        // A listing is of everything: what the last one said about each kind.
        const lists: Record<OfferKind, { of: Name; version: number }[]> = {
          ...{ tool: [], prompt: [], resource: [], template: [] },
        };
        approvals.observeServer('s', launchOf(`v${launch}`));

        const serverOpen = (): boolean =>
          approvedLaunch === launch && (approvedWords === null || words === null || words === approvedWords);

        for (const [index, next] of steps.entries()) {
          switch (next.do) {
            case 'launch':
              launch = next.version;
              approvals.observeServer('s', launchOf(`v${launch}`));
              break;
            case 'list': {
              const listed = names.flatMap((of) => {
                const number = next[of];
                return number === null ? [] : [{ of, version: number }];
              });
              const first = listed[0];
              lists[next.kind] = listed;
              const rawOf = (of: OfferKind) => {
                const raw: object[] = lists[of].map((one) => definition(of, one.of, one.version, index));
                const twin = of === next.kind && next.twice ? raw[0] : undefined;
                return twin ? [...raw, { ...twin, title: 'Twin' }] : raw;
              };
              approvals.observeListing(
                's',
                listingOf(rawOf('tool'), {
                  prompts: rawOf('prompt'),
                  resources: rawOf('resource'),
                  resourceTemplates: rawOf('template'),
                  instructions: next.words === null ? null : `Words ${next.words}`,
                }),
                { partial: next.partial },
              );
              words = next.words ?? (next.partial ? words : null);
              for (const of of kinds) {
                for (const name of names) {
                  const id = offerIdOf('s', of, keyOf(of, name));
                  const known = offers.get(id);
                  const number = lists[of].find((one) => one.of === name)?.version ?? null;
                  if (number === null) {
                    if (next.partial || !known) continue;
                    if (known.approved === null && !known.blocked) offers.delete(id);
                    else offers.set(id, { ...known, version: null });
                    continue;
                  }
                  const doubled = next.twice && of === next.kind && first?.of === name;
                  const stillDoubled = next.partial && known?.version != null && known.twice;
                  offers.set(id, {
                    approved: known?.approved ?? null,
                    blocked: known?.blocked ?? false,
                    version: number,
                    twice: doubled || stillDoubled,
                  });
                }
              }
              break;
            }
            case 'approve': {
              const id = offerIdOf('s', next.kind, keyOf(next.kind, next.name));
              approvals.approve([id], 'window');
              const known = offers.get(id);
              if (known?.version != null && serverOpen() && !known.twice) {
                offers.set(id, { ...known, approved: known.version, blocked: false });
              }
              break;
            }
            case 'block': {
              const id = offerIdOf('s', next.kind, keyOf(next.kind, next.name));
              approvals.block([id], 'window');
              const known = offers.get(id);
              if (known?.version != null) offers.set(id, { ...known, approved: null, blocked: true });
              break;
            }
            case 'approve-server':
              approvals.approveServer('s', 'window');
              approvedLaunch = launch;
              approvedWords = words;
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
          const server = approvals.server('s');
          expect(server?.state === 'approved').toBe(serverOpen());
          expect(server?.instructionsState === 'approved').toBe(
            serverOpen() && words !== null && words === approvedWords,
          );
          if (server?.instructionsState === 'approved') expect(server.approvedInstructions).toBe(`Words ${words}`);
          for (const of of kinds) {
            for (const name of names) {
              const id = offerIdOf('s', of, keyOf(of, name));
              const known = offers.get(id);
              const offer = approvals.tool(id);
              expect(offer !== undefined, id).toBe(known?.version != null);
              const open =
                serverOpen() &&
                known?.version != null &&
                known.approved === known.version &&
                !known.blocked &&
                !known.twice;
              expect(offer?.state === 'approved', id).toBe(open);
              if (open && offer) {
                const { size: _noPromise, ...promised } = offer.definition;
                expect(canonicalJson(promised)).toBe(canonicalJson(definition(of, name, known?.approved ?? 0)));
                expect(JSON.parse(offer.definitionJson)).toEqual(offer.definition);
                expect(offer.effect).not.toBeNull();
              }
            }
          }
        }
        approvals[Symbol.dispose]();
      }),
      { numRuns: 60 },
    );
  });
});
