import { useEffect, useState } from 'react';
import { callFeed } from '../../lib/call-feed.ts';

const liveForMs = 10_000;

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item));
}

/** Apps and servers that took part in a call within the last 10 seconds. */
export function useLiveParties(): { apps: ReadonlySet<string>; servers: ReadonlySet<string> } {
  const [live, setLive] = useState({ apps: new Set<string>(), servers: new Set<string>() });
  useEffect(() => {
    const apps = new Map<string, number>();
    const servers = new Map<string, number>();
    const stop = callFeed.subscribe((calls) => {
      for (const call of calls) {
        if (call.app) apps.set(call.app, Date.now());
        if (call.server && call.status !== 'refused') servers.set(call.server, Date.now());
      }
    });
    const names = (seen: Map<string, number>) => {
      const from = Date.now() - liveForMs;
      return new Set([...seen].filter(([, at]) => at >= from).map(([name]) => name));
    };
    const timer = setInterval(() => {
      setLive((before) => {
        const next = { apps: names(apps), servers: names(servers) };
        const isSame = isSameSet(next.apps, before.apps) && isSameSet(next.servers, before.servers);
        return isSame ? before : next;
      });
    }, 500);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, []);
  return live;
}
