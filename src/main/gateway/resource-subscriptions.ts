/** `resources/subscribe` and `resources/unsubscribe` of a session: what is followed ends with the session. */
import type { Caller } from './call.ts';
import { sendOutcome } from './outcome.ts';
import { errorFrame, RPC, resultFrame } from './protocol.ts';
import { lineOf, type Request } from './request.ts';
import type { Follower, ResourceFollowing } from './resource-following.ts';
import type { Session } from './sessions.ts';
import { updatedFrame } from './streams.ts';

export interface ResourceSubscriptions {
  /** Answers on the request's reply; false for another method. */
  serve(request: Request, session: Session): Promise<boolean>;
}

export function createResourceSubscriptions(following: ResourceFollowing): ResourceSubscriptions {
  const followers = new WeakMap<Session, Follower>();

  const followerOf = (session: Session, caller: Caller): Follower => {
    const known = followers.get(session);
    if (known) return known;
    // A session without an open stream misses updates, as it would with the server itself.
    const follower = following.open({ caller, target: session.target }, (params) =>
      session.stream?.send(updatedFrame(params)),
    );
    session.ended.addEventListener('abort', () => follower[Symbol.dispose](), { once: true });
    followers.set(session, follower);
    return follower;
  };

  return {
    async serve(request, session) {
      const { id, method, params, caller, reply } = request;
      if (method !== 'resources/subscribe' && method !== 'resources/unsubscribe') return false;
      const { uri } = params;
      if (typeof uri !== 'string') {
        reply.send(errorFrame(id, RPC.invalidParams, `${method} needs the URI of a resource.`));
      } else if (method === 'resources/subscribe') {
        sendOutcome(request, await followerOf(session, caller).follow(uri, lineOf(request)));
      } else {
        followers.get(session)?.unfollow(uri);
        reply.send(resultFrame(id, '{}'));
      }
      return true;
    },
  };
}
