/** Whose resource a URI is: for reading, following and completing it. */
import { offerIdOf } from '@shared/words.ts';
import type { Approvals, ToolRecord } from '../approvals/index.ts';
import type { GivenLinks } from './given-links.ts';
import type { KnownTemplate, OfferView } from './offer-view.ts';
import { isOpenTo } from './own-answers.ts';
import type { Relayed } from './pipeline.ts';
import { type Budget, covers, TEMPLATE_BUDGET } from './uri-template.ts';
import { unwrapUri, wrapUri } from './wrapped-uri.ts';

export interface FoundResource {
  readonly server: string;
  /** The URI as the server knows it. */
  readonly uri: string;
  readonly isWrapped: boolean;
  readonly offer: NonNullable<Relayed['offer']>;
}

export interface ResourceFinder {
  readonly approvals: Pick<Approvals, 'tool'>;
  readonly links: Pick<GivenLinks, 'find'>;
}

const LONGEST_URI = 8 * 1024;

/**
 * Finds the owner of a URI as an app of this view uses it: who lists it, else whose template covers it, else who gave it to
 * this app in a result, else whose tool shows it as its page; in each step the first server by name. A resource that is held
 * is found last, so that the refusal can say so. Undefined: it means nothing here.
 */
export function findResource(
  { approvals, links }: ResourceFinder,
  view: OfferView,
  app: string,
  asked: string,
): FoundResource | undefined {
  if (asked.length > LONGEST_URI) return undefined;
  const wrapped = view.target.kind === 'profile' ? unwrapUri(asked) : undefined;
  const uri = wrapped?.uri ?? asked;
  const isMeant = ({ server }: { readonly server: string }): boolean =>
    (wrapped === undefined || wrapped.server === server) &&
    (view.target.kind === 'profile' || view.target.server === server);
  const found = (server: string, offer: FoundResource['offer']): FoundResource => ({
    server,
    uri,
    isWrapped: wrapped !== undefined,
    offer,
  });
  const approved = (record: ToolRecord): FoundResource => found(record.server, { kind: 'approved', id: record.id });
  const covered = (server: string, by: string): FoundResource => found(server, { kind: 'covered', server, by });

  const listed = view.resources(uri).find(isMeant);
  if (listed) return approved(listed);

  const budgets = new Map<string, Budget>();
  const budgetOf = (server: string): Budget => {
    const budget = budgets.get(server) ?? { left: TEMPLATE_BUDGET };
    budgets.set(server, budget);
    return budget;
  };
  const coveringOne = (templates: readonly KnownTemplate[]): KnownTemplate | undefined =>
    templates.find(
      ({ record, template }) => isMeant(record) && template && covers(template, uri, budgetOf(record.server)),
    );
  const covering = coveringOne(view.templates());
  if (covering) return approved(covering.record);

  const given = links
    .find(app, uri)
    .filter((link) => isMeant(link) && isOpenTo(view.profile, approvals.tool(link.by)))
    .sort((a, b) => (a.server < b.server ? -1 : 1))[0];
  if (given) return covered(given.server, given.by);

  const shown = view.toolsShowing(uri).find(isMeant);
  if (shown) return covered(shown.server, shown.id);

  for (const server of view.servers()) {
    const id = offerIdOf(server, 'resource', uri);
    if (isMeant({ server }) && approvals.tool(id)) return found(server, { kind: 'approved', id });
  }
  const held = coveringOne(view.heldTemplates());
  return held && approved(held.record);
}

/** A URI of a server as the app knows it that asked with a wrapped one. */
export function asAsked({ server, isWrapped }: Pick<FoundResource, 'server' | 'isWrapped'>, uri: string): string {
  return isWrapped ? wrapUri(server, uri) : uri;
}
