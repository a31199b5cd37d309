/**
 * Resource URIs belong to nobody, so two servers can offer the same one. The later server's is shown as
 * `gatehouse://<server>/<uri as it is>`, and that form always means that server.
 */
import { serverNameSchema } from '@shared/words.ts';

const SCHEME = 'gatehouse://';

export interface WrappedUri {
  readonly server: string;
  /** The URI (or template) as the server knows it. */
  readonly uri: string;
}

export function wrapUri(server: string, uri: string): string {
  return `${SCHEME}${server}/${uri}`;
}

/** Undefined for a URI that is not wrapped. */
export function unwrapUri(uri: string): WrappedUri | undefined {
  if (!uri.startsWith(SCHEME)) return undefined;
  const slash = uri.indexOf('/', SCHEME.length);
  if (slash === -1 || slash === uri.length - 1) return undefined;
  const server = uri.slice(SCHEME.length, slash);
  return serverNameSchema.safeParse(server).success ? { server, uri: uri.slice(slash + 1) } : undefined;
}

/** True for a URI a server must not be known by: it would read as another server's. */
export function looksWrapped(uri: string): boolean {
  return uri.startsWith(SCHEME);
}
