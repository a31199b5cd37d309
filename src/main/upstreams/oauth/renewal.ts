import type {
  FetchLike,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import type { KeptSignIn } from './kept-sign-in.ts';

/** `ended`: the sign-in is over, only a person can make another. `failed`: it may work the next time. */
export type Renewal =
  | { readonly outcome: 'renewed'; readonly kept: KeptSignIn }
  | { readonly outcome: 'ended' }
  | { readonly outcome: 'failed'; readonly why: string };

/** True when there is something tokens can be renewed with. */
export function isRenewable({ tokens, discovery }: KeptSignIn): boolean {
  return typeof tokens?.value.refresh_token === 'string' && discovery !== null;
}

/**
 * Gets new tokens for a refresh token, at the authorization server that issued it and as the client it was issued to.
 * Never begins a new sign-in. Never rejects.
 */
export async function renew(
  kept: KeptSignIn,
  options: { readonly fetchFn: FetchLike; readonly now: () => number },
): Promise<Renewal> {
  const { refreshAuthorization, OAuthError, OAuthErrorCode } = await import('@modelcontextprotocol/client');
  // They were this type when they were kept, in the vault, where nobody else can write.
  const discovery = kept.discovery as OAuthDiscoveryState | null;
  const tokens = kept.tokens?.value as StoredOAuthTokens | undefined;
  const metadata = discovery?.authorizationServerMetadata;
  const issuer = metadata?.issuer;
  const client = issuer === undefined ? undefined : kept.clients[issuer];
  if (!discovery || !metadata || !client || !tokens?.refresh_token || tokens.issuer !== issuer) {
    return { outcome: 'ended' };
  }
  try {
    const renewed = await refreshAuthorization(discovery.authorizationServerUrl, {
      metadata,
      clientInformation: client.info as unknown as StoredOAuthClientInformation, // as above
      refreshToken: tokens.refresh_token,
      resource: resourceOf(discovery),
      fetchFn: options.fetchFn,
    });
    const value = { scope: tokens.scope, ...renewed, issuer };
    return {
      outcome: 'renewed',
      kept: { ...kept, tokens: keptTokensOf(value, kept.tokens?.scope ?? null, options.now()) },
    };
  } catch (error) {
    const over: readonly string[] = [
      OAuthErrorCode.InvalidGrant,
      OAuthErrorCode.InvalidClient,
      OAuthErrorCode.UnauthorizedClient,
      OAuthErrorCode.InvalidScope,
    ];
    if (error instanceof OAuthError && over.includes(error.code)) return { outcome: 'ended' };
    return { outcome: 'failed', why: reasonOf(error) };
  }
}

/** What is kept of tokens that came at `now`, in milliseconds since epoch. `scope` is what was asked for. */
export function keptTokensOf(
  value: StoredOAuthTokens,
  scope: string | null,
  now: number,
): NonNullable<KeptSignIn['tokens']> {
  const seconds = value.expires_in;
  return {
    value: { ...value },
    accessToken: value.access_token,
    expiresAt: typeof seconds === 'number' && seconds > 0 ? now + seconds * 1000 : null,
    scope: scope ?? value.scope ?? null,
  };
}

/** RFC 8707: the resource the tokens are for, written as the server writes it. */
export function resourceOf(discovery: OAuthDiscoveryState): string | undefined {
  return discovery.resourceMetadata?.resource;
}

/** An error in one line of bounded length; it may hold words of the other side. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, ' ').trim();
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
