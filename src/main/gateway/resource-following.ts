/**
 * Following resources for apps: `resources/subscribe` of a session, `resourceSubscriptions` of a listen stream. To begin to
 * follow is a call like any other: decided, limited and logged. Each update is looked at again, because a decision may have
 * changed by then.
 */
import { withMember } from '@shared/json-text.ts';
import type { Approvals } from '../approvals/index.ts';
import { type AppIdentity, type Gate, type Profile, pauseFor } from '../policy/index.ts';
import type { Upstreams, WrittenJson } from '../upstreams/index.ts';
import type { Caller, CallLine, Via } from './call.ts';
import { asAsked, type FoundResource, findResource, type ResourceFinder } from './find-resource.ts';
import type { Target } from './front-door.ts';
import type { Outcome } from './outcome.ts';
import { isOpenTo } from './own-answers.ts';
import type { Pipeline } from './pipeline.ts';
import { RPC } from './protocol.ts';
import type { Surfaces } from './surfaces.ts';

export interface ResourceFollowingOptions {
  readonly approvals: Pick<Approvals, 'tool'>;
  /** Milliseconds since epoch. */
  readonly clock: () => number;
  readonly finder: ResourceFinder;
  readonly gate: Pick<Gate, 'state' | 'onChange'>;
  /** Milliseconds on a clock that is never set back. */
  readonly monotonic: () => number;
  readonly pipeline: Pick<Pipeline, 'relay'>;
  /** The profile the app has at the time of asking. */
  readonly profileNow: (app: AppIdentity) => Profile | null;
  readonly surfaces: Pick<Surfaces, 'view'>;
  readonly upstreams: Pick<Upstreams, 'watchResource'>;
}

/** Who follows: a session, or a listen stream of the stateless revision. */
export interface FollowerOwner {
  readonly caller: Caller;
  readonly target: Target;
}

/** What one session or stream follows. Disposing ends all of it. */
export interface Follower extends Disposable {
  /** Gives a result once the server follows, or why it does not. Following twice is following once. */
  follow(uri: string, line: CallLine): Promise<Outcome>;
  unfollow(uri: string): void;
}

/** One resource that is followed, or is about to be. */
interface Following {
  readonly outcome: Promise<Outcome>;
  stop(): void;
}

const MOST_PER_FOLLOWER = 1_000;
const MOST_PER_APP = 4_000;

export class ResourceFollowing implements Disposable {
  readonly #options: ResourceFollowingOptions;
  /** Resources each app follows, over all its sessions and streams. */
  readonly #counts = new Map<string, number>();
  /** The last update of each followed resource that came while its app was paused, to be delivered when it goes on. */
  readonly #missed = new Map<AbortSignal, () => void>();
  readonly #resumed: Disposable;

  constructor(options: ResourceFollowingOptions) {
    this.#options = options;
    this.#resumed = options.gate.onChange(() => {
      const missed = [...this.#missed.values()];
      this.#missed.clear();
      for (const deliver of missed) deliver();
    });
  }

  [Symbol.dispose](): void {
    this.#resumed[Symbol.dispose]();
    this.#missed.clear();
  }

  /** `deliver` gets an update's params with the URI as the app knows it. */
  open(owner: FollowerOwner, deliver: (params: WrittenJson) => void): Follower {
    const followed = new Map<string, Following>();
    const unfollow = (uri: string): void => {
      followed.get(uri)?.stop();
      followed.delete(uri);
    };
    return {
      follow: async (uri, line) => {
        const known = followed.get(uri);
        if (known) return known.outcome;
        if (followed.size >= MOST_PER_FOLLOWER || this.#count(owner) >= MOST_PER_APP) return FULL;
        const following = this.#begin(owner, uri, line, deliver);
        followed.set(uri, following);
        const outcome = await following.outcome;
        if (outcome?.kind !== 'result' && followed.get(uri) === following) unfollow(uri);
        return outcome;
      },
      unfollow,
      [Symbol.dispose]: () => {
        for (const uri of [...followed.keys()]) unfollow(uri);
      },
    };
  }

  #begin(owner: FollowerOwner, uri: string, line: CallLine, deliver: (params: WrittenJson) => void): Following {
    const ending = new AbortController();
    this.#add(owner, 1);
    return {
      outcome: this.#follow(owner, uri, line, deliver, ending.signal),
      stop: () => {
        if (ending.signal.aborted) return;
        ending.abort();
        this.#missed.delete(ending.signal);
        this.#add(owner, -1);
      },
    };
  }

  /** `ended` aborts when the app no longer follows the resource. */
  async #follow(
    owner: FollowerOwner,
    uri: string,
    line: CallLine,
    deliver: (params: WrittenJson) => void,
    ended: AbortSignal,
  ): Promise<Outcome> {
    const { monotonic, pipeline, upstreams } = this.#options;
    const found = this.#find(owner, uri);
    const via: Via = async (server, { caller, instance, signal }) => {
      const before = monotonic();
      const onUpdated = (params: WrittenJson): void => this.#updated(owner, uri, server, params, deliver, ended);
      const watcher = { onUpdated, ...(caller && { caller }), ...(instance !== undefined && { instance }) };
      const wanted = AbortSignal.any([signal, ended]);
      const watch = await upstreams.watchResource(server, found?.uri ?? uri, watcher, wanted);
      if (wanted.aborted) watch[Symbol.dispose]();
      else ended.addEventListener('abort', () => watch[Symbol.dispose](), { once: true });
      return { result: {}, resultJson: '{}', startMs: 0, serverMs: monotonic() - before };
    };
    const params = { uri: found?.uri ?? uri };
    const paramsJson = JSON.stringify(params);
    const offer = found?.offer ?? null;
    return pipeline.relay(
      owner.caller,
      { method: 'resources/subscribe', name: uri, offer, params, paramsJson, via },
      line,
    );
  }

  #updated(
    owner: FollowerOwner,
    uri: string,
    server: string,
    params: WrittenJson,
    deliver: (params: WrittenJson) => void,
    ended: AbortSignal,
  ): void {
    const { clock, gate } = this.#options;
    const found = this.#find(owner, uri);
    if (ended.aborted || found?.server !== server || !this.#isOpen(owner, found)) return;
    if (pauseFor(gate.state(), owner.caller.app.id, clock())) {
      this.#missed.set(ended, () => this.#updated(owner, uri, server, params, deliver, ended));
    } else deliver(forApp(found, params));
  }

  #find({ caller, target }: FollowerOwner, uri: string): FoundResource | undefined {
    const { finder, profileNow, surfaces } = this.#options;
    const view = surfaces.view(profileNow(caller.app), target);
    return view && findResource(finder, view, caller.app.id, uri);
  }

  #isOpen({ caller }: FollowerOwner, { offer }: FoundResource): boolean {
    const { approvals, profileNow } = this.#options;
    const profile = profileNow(caller.app);
    return profile !== null && isOpenTo(profile, approvals.tool(offer.kind === 'approved' ? offer.id : offer.by));
  }

  #count({ caller }: FollowerOwner): number {
    return this.#counts.get(caller.app.id) ?? 0;
  }

  #add(owner: FollowerOwner, change: 1 | -1): void {
    const count = this.#count(owner) + change;
    if (count === 0) this.#counts.delete(owner.caller.app.id);
    else this.#counts.set(owner.caller.app.id, count);
  }
}

const FULL: Outcome = {
  kind: 'error',
  code: RPC.refused,
  message: `Too many resources are followed; ${MOST_PER_FOLLOWER} are the most. Unsubscribe from one first.`,
};

/** The update with its URI, which may be of a part of the followed resource, as the app knows it. */
function forApp(found: FoundResource, params: WrittenJson): WrittenJson {
  const { uri } = params.value;
  if (!found.isWrapped || typeof uri !== 'string') return params;
  const shown = asAsked(found, uri);
  return { value: { ...params.value, uri: shown }, json: withMember(params.json, 'uri', JSON.stringify(shown)) };
}
