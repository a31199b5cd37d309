import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import type { LaunchIdentity, ServerConfig } from '@shared/contract/index.ts';
import { secretNamesIn } from '../secrets/index.ts';

/**
 * What a config would run: shown on the consent sheet and covered by the server's fingerprint. Pure for a given `home`,
 * where a program without a folder of its own runs. Names of variables and headers are sorted, so that reordering them
 * in the file is not a new launch; their values are covered by a digest, because NODE_OPTIONS or PATH can make another
 * program of the same command.
 */
export function launchIdentityOf(config: ServerConfig, home: string = homedir()): LaunchIdentity {
  const env = config.env ?? {};
  const headers = config.headers ?? {};
  const args = config.args ?? [];
  const remote = config.command === undefined && config.url !== undefined;
  const { instances = 'shared', workingDirectory, oauth } = config.gatehouse ?? {};
  const texts = [
    ...args,
    ...Object.values(env),
    ...Object.values(headers),
    config.url ?? '',
    oauth?.clientSecret ?? '',
  ];
  return {
    kind: remote ? (config.type === 'sse' ? 'sse' : 'http') : 'stdio',
    command: remote ? null : (config.command ?? null),
    args: remote ? [] : [...args],
    cwd: remote ? null : (config.cwd ?? home),
    envNames: remote ? [] : Object.keys(env).sort(),
    url: remote ? (config.url ?? null) : null,
    headerNames: remote ? Object.keys(headers).sort() : [],
    secretNames: [...new Set(texts.flatMap(secretNamesIn))].sort(),
    valuesDigest: digestOf(remote ? headers : env),
    // Left out where they are not set, so that launches approved before these settings existed stay approved.
    ...(instances !== 'shared' && { instances }),
    ...(workingDirectory !== undefined && !remote && { workingDirectory }),
  };
}

/** References to secrets count as written; the secrets behind them may rotate. */
function digestOf(values: Readonly<Record<string, string>>): string | null {
  const entries = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? null : createHash('sha256').update(JSON.stringify(entries)).digest('hex');
}

/**
 * Why a config cannot be launched at all, in one sentence; null when it can. Covers what the schema cannot say:
 * exactly one of command and url, a type that fits, no secret where other programs of the computer could read it, and a
 * folder of the app's choice only where no other app shares the process.
 */
export function configFlaw(config: ServerConfig): string | null {
  const { instances = 'shared', workingDirectory } = config.gatehouse ?? {};
  if (workingDirectory === 'app-roots') {
    if (config.url !== undefined) return 'Its "workingDirectory" needs a "command"; a "url" has no folder. Remove it.';
    if (instances === 'shared') {
      return 'Its "workingDirectory" is the app\'s own, but all apps share one process. Set "instances" to "app" or "session".';
    }
  }
  if (config.command !== undefined && config.url !== undefined) {
    return 'It has both "command" and "url". Keep the one that applies.';
  }
  if (config.command === undefined && config.url === undefined) {
    return 'It has neither "command" nor "url". Add the program to run or the address to reach.';
  }
  if (config.command !== undefined) {
    if (config.type !== undefined && config.type !== 'stdio') {
      return `Its type "${config.type}" needs a "url", but it has a "command". Remove the type or the command.`;
    }
    if (config.cwd !== undefined && !isAbsolute(config.cwd)) {
      return `Its folder "${config.cwd}" depends on where Gatehouse was started. Write the whole path in "cwd".`;
    }
    const exposed = [config.command, ...(config.args ?? [])].flatMap(secretNamesIn)[0];
    if (exposed !== undefined) {
      return `It passes the secret ${exposed} on the command line, where every program can read it. Pass it in "env".`;
    }
    return null;
  }
  if (config.type === 'stdio') return 'Its type "stdio" needs a "command", but it has a "url".';
  return urlFlaw(config.url ?? '');
}

/**
 * Why an address may not be used; null when it may. Plain http is for this computer only: anywhere else it would show
 * headers and results to the network.
 */
export function urlFlaw(text: string): string | null {
  // A secret may fill in a path or query, never decide which host is reached.
  const authority = /^([a-z]+:\/\/[^/?#]*)/i.exec(text)?.[1] ?? text;
  if (authority.includes('${secret:')) return 'The host of its "url" comes from a secret. Write the host itself.';
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return `Its "url" is not an address: ${text}`;
  }
  if (url.username !== '' || url.password !== '') {
    return 'Its "url" holds a user name or password. Send them in "headers", as a secret.';
  }
  if (url.protocol === 'https:') return null;
  if (url.protocol !== 'http:') return `Its "url" must start with https:// (or http:// on this computer): ${text}`;
  return isLoopbackHost(url.hostname)
    ? null
    : `Its "url" is plain http to another computer (${url.host}), which anyone on the way can read and change. Use https.`;
}

/** True for names and addresses that cannot leave this computer. */
function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
