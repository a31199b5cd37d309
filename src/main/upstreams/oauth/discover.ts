import type { FetchLike, OAuthDiscoveryState } from '@modelcontextprotocol/client';

/**
 * Finds out who gives tokens for a server (RFC 9728, RFC 8414) and refuses who cannot keep a code safe: PKCE with S256 is
 * a must of the MCP specification.
 * @param resourceMetadataUrl what the server's challenge named
 * @throws Error whose message is a sentence about the server, without its name
 */
export async function discover(
  serverUrl: URL,
  resourceMetadataUrl: URL | undefined,
  fetchFn: FetchLike,
): Promise<OAuthDiscoveryState> {
  const { discoverOAuthServerInfo, resourceUrlFromServerUrl } = await import('@modelcontextprotocol/client');
  const info = await discoverOAuthServerInfo(serverUrl, {
    ...(resourceMetadataUrl && { resourceMetadataUrl }),
    fetchFn,
  });
  const metadata = info.authorizationServerMetadata;
  if (!metadata) {
    throw new Error(`It names no sign-in service that can be used: ${info.authorizationServerUrl} describes none.`);
  }
  if (!metadata.code_challenge_methods_supported?.includes('S256')) {
    throw new Error(`Its sign-in service ${metadata.issuer} does not protect sign-ins with PKCE (S256).`);
  }
  return {
    ...info,
    // Tokens are always asked for one resource (RFC 8707), also where the server does not say its name.
    resourceMetadata: info.resourceMetadata ?? { resource: resourceUrlFromServerUrl(serverUrl).href },
    ...(resourceMetadataUrl && { resourceMetadataUrl: resourceMetadataUrl.href }),
  };
}
