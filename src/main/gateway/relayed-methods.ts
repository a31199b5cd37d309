/** `prompts/get`, `resources/read` and `completion/complete` in both eras: what a name or URI means, and the way to the pipeline. */
import { elementsOf, memberText, withMember } from '@shared/json-text.ts';
import { splitOfferId } from '@shared/words.ts';
import type { AppIdentity, Profile } from '../policy/index.ts';
import type { WrittenJson } from '../upstreams/index.ts';
import { asAsked, type FoundResource, findResource, type ResourceFinder } from './find-resource.ts';
import type { GivenLinks } from './given-links.ts';
import { membersByKey, objectOf } from './json-members.ts';
import type { OfferView } from './offer-view.ts';
import { type Outcome, sendOutcome } from './outcome.ts';
import type { Pipeline, Relayed } from './pipeline.ts';
import { errorFrame, isObject, RPC } from './protocol.ts';
import { forwardedParams, lineOf, type Request } from './request.ts';
import type { Surfaces } from './surfaces.ts';
import { unwrapUri } from './wrapped-uri.ts';

export interface RelayedMethodsOptions {
  readonly finder: ResourceFinder;
  readonly links: Pick<GivenLinks, 'note'>;
  readonly pipeline: Pick<Pipeline, 'relay'>;
  readonly profileOf: (app: AppIdentity) => Profile | null;
  readonly surfaces: Surfaces;
}

/** A request as the server would get it, and how its result becomes the app's. */
interface Plan {
  readonly name: string;
  readonly offer: Relayed['offer'];
  /** The one parameter that the server gets with another value than the app wrote, as JSON text; null: none. */
  readonly changed: readonly [key: string, valueText: string] | null;
  readonly resource?: FoundResource;
}

export interface RelayedMethods {
  /** Answers on the request's reply; false for a method that is none of the three. */
  serve(request: Request): Promise<boolean>;
}

export function createRelayedMethods(options: RelayedMethodsOptions): RelayedMethods {
  const { finder, links, pipeline, profileOf, surfaces } = options;

  const planOf = (request: Request, view: OfferView | undefined): Plan | string => {
    const { params, caller, target } = request;
    switch (request.method) {
      case 'prompts/get': {
        const { name } = params;
        if (typeof name !== 'string') return 'prompts/get needs the name of a prompt.';
        return promptPlan(name, surfaces.promptOf(name, target), (own) => ['name', own]);
      }
      case 'resources/read': {
        const { uri } = params;
        if (typeof uri !== 'string') return 'resources/read needs the URI of a resource.';
        const found = view && findResource(finder, view, caller.app.id, uri);
        return resourcePlan(uri, found, (own) => ['uri', own]);
      }
      default:
        return completionPlan(request, view);
    }
  };

  const completionPlan = (request: Request, view: OfferView | undefined): Plan | string => {
    const { params, text, caller, target } = request;
    const { ref } = params;
    const withRef = (member: string) => (own: string) => {
      const members = membersByKey(memberText(memberText(text, 'params') ?? '{}', 'ref') ?? '{}');
      return ['ref', objectOf(members.set(member, own))] as const;
    };
    if (isObject(ref) && ref.type === 'ref/prompt' && typeof ref.name === 'string') {
      return promptPlan(ref.name, surfaces.promptOf(ref.name, target), withRef('name'));
    }
    if (isObject(ref) && ref.type === 'ref/resource' && typeof ref.uri === 'string') {
      const found = view && (findTemplate(view, ref.uri) ?? findResource(finder, view, caller.app.id, ref.uri));
      return resourcePlan(ref.uri, found, withRef('uri'));
    }
    return 'completion/complete needs a ref to a prompt or a resource.';
  };

  const serve = async (request: Request): Promise<boolean> => {
    if (!METHODS.has(request.method)) return false;
    const { caller, method, reply, id } = request;
    const plan = planOf(request, surfaces.view(profileOf(caller.app), request.target));
    if (typeof plan === 'string') {
      reply.send(errorFrame(id, RPC.invalidParams, plan));
      return true;
    }
    const { name, offer, changed, resource } = plan;
    const { value, json } = withChange(forwardedParams(request), changed);
    const relayed: Relayed = { method, name, offer, params: value, paramsJson: json };
    const outcome = await pipeline.relay(caller, relayed, lineOf(request));
    if (offer && outcome?.kind === 'result' && outcome.server !== null && method !== 'completion/complete') {
      const by = offer.kind === 'approved' ? offer.id : offer.by;
      links.note(caller.app.id, outcome.server, by, outcome.result);
    }
    sendOutcome(request, resource?.isWrapped ? withUrisAsAsked(resource, outcome) : outcome);
    return true;
  };

  return { serve };
}

const METHODS = new Set(['prompts/get', 'resources/read', 'completion/complete']);

/** Gives the parameter that says what is asked for, holding the server's own name for it. */
type Edit = (ownJson: string) => readonly [key: string, valueText: string];

function withChange(params: WrittenJson, changed: Plan['changed']): WrittenJson {
  if (!changed) return params;
  const [key, text] = changed;
  return { value: { ...params.value, [key]: JSON.parse(text) }, json: withMember(params.json, key, text) };
}

function promptPlan(name: string, id: string | null, edit: Edit): Plan {
  const own = id === null ? undefined : splitOfferId(id)?.name;
  if (id === null || own === undefined) return { name, offer: null, changed: null };
  return { name, offer: { kind: 'approved', id }, changed: edit(JSON.stringify(own)) };
}

function resourcePlan(uri: string, found: FoundResource | undefined, edit: Edit): Plan {
  if (!found) return { name: uri, offer: null, changed: null };
  return { name: uri, offer: found.offer, changed: edit(JSON.stringify(found.uri)), resource: found };
}

/** The approved template with exactly this text, which is how a client names it for completion. */
function findTemplate(view: OfferView, asked: string): FoundResource | undefined {
  const wrapped = view.target.kind === 'profile' ? unwrapUri(asked) : undefined;
  const uri = wrapped?.uri ?? asked;
  const record = view
    .open('template')
    .find(({ name, server }) => name === uri && server === (wrapped?.server ?? server));
  return (
    record && {
      server: record.server,
      uri,
      isWrapped: wrapped !== undefined,
      offer: { kind: 'approved', id: record.id },
    }
  );
}

/** URIs in `contents`, so that they match what was asked for. */
function withUrisAsAsked(resource: FoundResource, outcome: Outcome): Outcome {
  const contents = outcome?.kind === 'result' ? memberText(outcome.resultJson, 'contents') : undefined;
  if (outcome?.kind !== 'result' || contents === undefined) return outcome;
  const parts = elementsOf(contents).map((part) => {
    const uri: unknown = JSON.parse(memberText(part, 'uri') ?? 'null');
    return typeof uri === 'string' ? withMember(part, 'uri', JSON.stringify(asAsked(resource, uri))) : part;
  });
  return { ...outcome, resultJson: withMember(outcome.resultJson, 'contents', `[${parts.join(',')}]`) };
}
