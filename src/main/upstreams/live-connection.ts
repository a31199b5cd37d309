import type { Connected } from './connect.ts';
import { isJsonObject } from './json-rpc.ts';
import { LegacySubscriptions } from './legacy-subscriptions.ts';
import { LevelSetting } from './level-setting.ts';
import { listFilterOf } from './list-changes.ts';
import { Listening } from './listening.ts';
import type { RpcOptions, RpcParams } from './pending-request.ts';
import type { UpdateChannel } from './resource-watches.ts';
import type { Timers } from './timers.ts';
import type { WrittenJson } from './types.ts';

/** For the small requests this room makes itself, in milliseconds. */
const SUBSCRIBE_MS = 30_000;
const SET_LEVEL_MS = 5_000;

/** A connection that serves, with what is agreed on it beside requests: what is followed and which logs are wanted. */
export interface LiveConnection extends Connected {
  /** Milliseconds since epoch; never the same for two of one server. */
  readonly startedAt: number;
  readonly channel: UpdateChannel;
  /** Null where the server has no level to set, or takes it with each request. */
  readonly logLevel: LevelSetting | null;
  /** Resolves when it serves no more. */
  readonly over: PromiseWithResolvers<void>;
}

export interface LiveOptions {
  readonly name: string;
  readonly startedAt: number;
  readonly timers: Timers;
  readonly note: (text: string) => void;
  /** Sends a request on it and takes the consequences when it turns out to be lost. @throws UpstreamError */
  readonly send: (live: LiveConnection, method: string, given: RpcParams, options: RpcOptions) => Promise<WrittenJson>;
  /** Announcements of changed lists may have been missed. */
  readonly onGap: () => void;
}

export function liveFrom(connected: Connected, options: LiveOptions): LiveConnection {
  const { era, capabilities } = connected.session;
  const live: LiveConnection = {
    ...connected,
    startedAt: options.startedAt,
    channel: era === 'modern' ? listening(connected, options) : legacySubscriptions(() => live, options),
    logLevel: era === 'legacy' && isJsonObject(capabilities.logging) ? levelSetting(connected, options) : null,
    over: Promise.withResolvers(),
  };
  return live;
}

function listening({ connection, session }: Connected, { name, timers, note, onGap }: LiveOptions): Listening {
  return new Listening({
    name,
    timers,
    note,
    onGap,
    lists: listFilterOf(session.capabilities),
    request: (notifications, signal) =>
      connection.request('subscriptions/listen', { params: { notifications } }, { signal, timeoutMs: null }),
  });
}

function legacySubscriptions(live: () => LiveConnection, { note, send }: LiveOptions): LegacySubscriptions {
  return new LegacySubscriptions({
    note,
    request: async (method, uri) => {
      await send(live(), method, { params: { uri } }, { timeoutMs: SUBSCRIBE_MS });
    },
  });
}

function levelSetting({ connection }: Connected, { timers, note }: LiveOptions): LevelSetting {
  return new LevelSetting({
    timers,
    set: async (level) => {
      await connection
        .request('logging/setLevel', { params: { level } }, { timeoutMs: SET_LEVEL_MS })
        .catch((error: unknown) => note(`It did not take the log level ${level}: ${String(error)}`));
    },
  });
}
