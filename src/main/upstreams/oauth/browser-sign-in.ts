import type {
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import { isLoopbackName } from './allowed-address.ts';
import type { KeptSignIn } from './kept-sign-in.ts';
import { keptTokensOf } from './renewal.ts';

/** A client id somebody registered for this server by hand. */
export interface PreRegistered {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
}

export interface BrowserSignInOptions {
  readonly serverUrl: URL;
  readonly redirectUri: string;
  readonly state: string;
  readonly discovery: OAuthDiscoveryState;
  /** What is kept from earlier sign-ins. */
  readonly before: KeptSignIn | undefined;
  readonly preRegistered: PreRegistered | undefined;
  /** Where Gatehouse describes itself to authorization servers that read such documents (CIMD). */
  readonly clientMetadataUrl: string | undefined;
  /** What is asked for; undefined: what the server's metadata says. */
  readonly scope: string | undefined;
  readonly now: () => number;
}

/** One sign-in, as the SDK's `auth()` asks and tells about it. Nothing of it is kept before it succeeded. */
export class BrowserSignIn implements OAuthClientProvider {
  readonly state: () => string;
  readonly redirectUrl: string;
  readonly clientMetadataUrl?: string;
  readonly #options: BrowserSignInOptions;
  readonly #issuer: string;
  #clients: KeptSignIn['clients'];
  #discovery: OAuthDiscoveryState;
  #verifier: string | undefined;
  #tokens: KeptSignIn['tokens'] = null;
  #authorizationUrl: URL | undefined;

  constructor(options: BrowserSignInOptions) {
    this.#options = options;
    this.#discovery = options.discovery;
    this.#issuer = options.discovery.authorizationServerMetadata?.issuer ?? '';
    this.#clients = options.before?.clients ?? {};
    this.redirectUrl = options.redirectUri;
    this.state = () => options.state;
    if (options.clientMetadataUrl !== undefined) this.clientMetadataUrl = options.clientMetadataUrl;
  }

  get clientMetadata(): OAuthClientProvider['clientMetadata'] {
    const method = this.#authMethod();
    return {
      client_name: 'Gatehouse',
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      application_type: 'native',
      ...(method !== undefined && { token_endpoint_auth_method: method }),
    };
  }

  /** Where to send the person. */
  get authorizationUrl(): URL {
    if (!this.#authorizationUrl) throw new Error('It gave no address to sign in at.');
    return this.#authorizationUrl;
  }

  /** What to keep once it succeeded. */
  get result(): KeptSignIn {
    return {
      version: 1,
      url: this.#options.serverUrl.href,
      discovery: { ...this.#discovery },
      clients: this.#clients,
      tokens: this.#tokens,
    };
  }

  clientInformation(context?: { readonly issuer: string }): StoredOAuthClientInformation | undefined {
    const issuer = context?.issuer ?? this.#issuer;
    const { preRegistered } = this.#options;
    const known = this.#clients[issuer];
    if (preRegistered) {
      const { clientId, clientSecret } = preRegistered;
      const elsewhere = Object.entries(this.#clients).find(([, { info }]) => info.client_id === clientId)?.[0];
      // Its secret belongs to the authorization server it was registered with.
      if (elsewhere !== undefined && elsewhere !== issuer) {
        throw new Error(
          `It sends you to sign in at ${issuer}, but its client id was used at ${elsewhere}. If that is right, sign out first.`,
        );
      }
      const info = { client_id: clientId, ...(clientSecret !== undefined && { client_secret: clientSecret }), issuer };
      this.#clients = { ...this.#clients, [issuer]: { redirectUri: this.redirectUrl, info } };
      return info;
    }
    // Registered for another port: authorization servers may compare the whole address.
    if (known?.redirectUri !== this.redirectUrl) return undefined;
    return known.info as unknown as StoredOAuthClientInformation; // kept as the SDK gave it
  }

  saveClientInformation(info: StoredOAuthClientInformation, context?: { readonly issuer: string }): void {
    const issuer = context?.issuer ?? this.#issuer;
    this.#clients = { ...this.#clients, [issuer]: { redirectUri: this.redirectUrl, info: { ...info } } };
  }

  tokens(): StoredOAuthTokens | undefined {
    return this.#tokens?.value as StoredOAuthTokens | undefined;
  }

  saveTokens(tokens: StoredOAuthTokens): void {
    const asked = this.#authorizationUrl?.searchParams.get('scope') ?? null;
    this.#tokens = keptTokensOf(tokens, asked, this.#options.now());
  }

  redirectToAuthorization(url: URL): void {
    const isLocal = url.protocol === 'http:' && isLoopbackName(url.hostname);
    const isLocalPair = isLocal && isLoopbackName(this.#options.serverUrl.hostname);
    if ((url.protocol !== 'https:' && !isLocalPair) || url.username !== '' || url.password !== '') {
      throw new Error(`It wants you to sign in at ${url.protocol}//${url.host}, which is not https.`);
    }
    this.#authorizationUrl = url;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    if (this.#verifier === undefined) throw new Error('The sign-in was not begun.');
    return this.#verifier;
  }

  discoveryState(): OAuthDiscoveryState {
    return this.#discovery;
  }

  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovery = state;
  }

  invalidateCredentials(what: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'): void {
    if (what === 'all' || what === 'client') {
      const { [this.#issuer]: _gone, ...others } = this.#clients;
      this.#clients = others;
    }
    if (what === 'all' || what === 'tokens') this.#tokens = null;
  }

  /** A program on a person's computer keeps no secret, so it asks for none where it may. */
  #authMethod(): string | undefined {
    const supported = this.#discovery.authorizationServerMetadata?.token_endpoint_auth_methods_supported;
    return ['none', 'client_secret_basic', 'client_secret_post'].find((method) => supported?.includes(method));
  }
}
