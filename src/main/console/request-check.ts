/** Which requests the console answers at all. Pure. */
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Why a request is not for us, or null. `Host` must name this computer and this port, which a page that rebinds its DNS
 * name to 127.0.0.1 cannot arrange. `Origin`, where there is one, must be that same host; `originRequired` for requests
 * that do something, which browsers always send with one.
 */
export function refusalOf(
  headers: IncomingHttpHeaders,
  port: number,
  options: { readonly originRequired: boolean },
): string | null {
  const { host, origin } = headers;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) return 'Wrong host.';
  if (origin === undefined) return options.originRequired ? 'No origin.' : null;
  return origin === `http://${host}` ? null : 'Wrong origin.';
}

/** The value of one cookie; the first when a name comes twice. */
export function cookieOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  for (const part of headers.cookie?.split(';') ?? []) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** The page key a console page offers beside the protocol's name when it opens its WebSocket. */
export function pageKeyOf(headers: IncomingHttpHeaders): string | undefined {
  const offered = headers['sec-websocket-protocol']?.split(',').map((protocol) => protocol.trim());
  return offered?.find((protocol) => protocol.startsWith('key.'))?.slice('key.'.length);
}
