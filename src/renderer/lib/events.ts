import type { GatehouseEvent, ServerSummary } from '@shared/contract/index.ts';
import { assertNever } from '@shared/words.ts';
import { callFeed } from './call-feed.ts';
import { api, client, queryClient } from './client.ts';
import { connection } from './connection.ts';
import { throttled } from './throttle.ts';

/** Counts and charts of the log follow the calls, but not 200 times a second. */
const refreshLogFigures = throttled(1000, () => {
  void queryClient.invalidateQueries({ queryKey: api.system.status.key() });
  void queryClient.invalidateQueries({ queryKey: api.calls.counts.key() });
  void queryClient.invalidateQueries({ queryKey: api.calls.histogram.key() });
  void queryClient.invalidateQueries({ queryKey: api.apps.key() });
  void queryClient.invalidateQueries({ queryKey: api.servers.list.key() });
});

function withServer(list: ServerSummary[] | undefined, server: ServerSummary): ServerSummary[] | undefined {
  if (!list) return undefined;
  const at = list.findIndex((known) => known.name === server.name);
  return at === -1 ? [...list, server] : list.with(at, server);
}

function apply(event: GatehouseEvent): void {
  switch (event.type) {
    case 'status':
      queryClient.setQueryData(api.system.status.queryKey(), event.status);
      queryClient.setQueryData(api.gate.get.queryKey(), event.status.gate);
      void queryClient.invalidateQueries({ queryKey: api.policy.key() });
      return;
    case 'gate':
      queryClient.setQueryData(api.gate.get.queryKey(), event.gate);
      queryClient.setQueryData(api.system.status.queryKey(), (status) => status && { ...status, gate: event.gate });
      return;
    case 'server':
      queryClient.setQueryData(api.servers.list.queryKey(), (list) => withServer(list, event.server));
      void queryClient.invalidateQueries({ queryKey: api.servers.get.key({ input: { name: event.server.name } }) });
      return;
    case 'server-removed':
      queryClient.setQueryData(api.servers.list.queryKey(), (list) => list?.filter((it) => it.name !== event.name));
      void queryClient.invalidateQueries({ queryKey: api.tools.key() });
      void queryClient.invalidateQueries({ queryKey: api.catalog.key() });
      return;
    case 'tools':
      void queryClient.invalidateQueries({ queryKey: api.tools.key() });
      void queryClient.invalidateQueries({ queryKey: api.servers.get.key({ input: { name: event.server } }) });
      return;
    case 'apps':
      void queryClient.invalidateQueries({ queryKey: api.apps.key() });
      return;
    case 'asks':
      void queryClient.invalidateQueries({ queryKey: api.asks.key() });
      return;
    case 'calls':
      callFeed.push(event.calls);
      refreshLogFigures();
      return;
    case 'settings':
      queryClient.setQueryData(api.settings.get.queryKey(), event.settings);
      return;
    case 'confirmation':
      void queryClient.invalidateQueries({ queryKey: api.confirmations.key() });
      return;
    case 'server-log':
      void queryClient.invalidateQueries({ queryKey: api.servers.logs.key({ input: { name: event.name } }) });
      return;
    default:
      assertNever(event);
  }
}

async function follow(): Promise<void> {
  for (;;) {
    try {
      const events = await client.system.events();
      // What happened while nobody listened is not replayed.
      await queryClient.invalidateQueries();
      for await (const event of events) apply(event);
    } catch {
      // The connection store shows the loss; this loop only has to come back.
    }
    await reconnected();
  }
}

function reconnected(): Promise<void> {
  return new Promise((resolve) => {
    const retry = setTimeout(done, 1000);
    const stop = connection.subscribe(() => connection.get() === 'connected' && done());
    function done() {
      clearTimeout(retry);
      stop();
      resolve();
    }
  });
}

/** The one subscription of this page: applies what the main process pushes to the query cache. */
export function followEvents(): void {
  void follow();
}
