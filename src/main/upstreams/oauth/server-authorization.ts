import type { AfterRefusal, Authorization, Challenge } from '../authorization.ts';
import { guardedFetch, type Resolve } from './guarded-fetch.ts';
import { forgetKept, type KeptSignIn, readKept, type SignInVault, writeKept } from './kept-sign-in.ts';
import { isRenewable, renew } from './renewal.ts';

/** Tokens are renewed this long before they end, in milliseconds. */
const RENEW_BEFORE_MS = 60_000;
/** After a renewal that failed, the next one before a token's end is tried no sooner than this, in milliseconds. */
const RENEW_AGAIN_MS = 30_000;
const PLAIN_TOKEN = /^[\x21-\x7E]+$/;

/** `more-needed`: there is a sign-in, and something the server did asks for more than it gives. */
export type SignInState = 'none' | 'needed' | 'signed-in' | 'more-needed';

export interface ServerAuthorizationOptions {
  readonly server: string;
  /** The server's address without query: a query can hold secrets and names no resource. */
  readonly url: URL;
  readonly vault: SignInVault;
  readonly now: () => number;
  readonly resolve?: Resolve | undefined;
  /** The state is another one. */
  readonly onChange: () => void;
  readonly warn: (facts: object, message: string) => void;
}

/** The sign-in at one server: what every request of all its connections carries, and what a refusal means. */
export class ServerAuthorization implements Authorization {
  readonly url: URL;
  readonly #options: ServerAuthorizationOptions;
  #kept: KeptSignIn | undefined;
  #state: SignInState = 'none';
  /** The last challenge a person has to answer. */
  #challenge: Challenge | undefined;
  /** Scopes that are needed beyond those of the sign-in. */
  #wanted: string | undefined;
  #renewing: Promise<'renewed' | 'ended' | string> | undefined;
  #renewAgainAt = 0;

  constructor(options: ServerAuthorizationOptions) {
    this.#options = options;
    this.url = options.url;
  }

  get state(): SignInState {
    return this.#state;
  }

  get kept(): KeptSignIn | undefined {
    return this.#kept;
  }

  /** What the next sign-in has to ask for. */
  get challenge(): Challenge | undefined {
    return this.#challenge;
  }

  get wantedScope(): string | undefined {
    return this.#wanted;
  }

  /** Reads what was kept. @throws VaultError */
  async load(): Promise<void> {
    const { vault, server } = this.#options;
    this.#kept = await readKept(vault, server, this.url.href);
    if (this.#kept?.tokens) this.#set('signed-in');
  }

  /** A person signed in, or a registration is to be remembered. @throws VaultError */
  async keep(kept: KeptSignIn): Promise<void> {
    const { vault, server } = this.#options;
    await writeKept(vault, server, kept);
    this.#kept = kept;
    if (!kept.tokens) return;
    this.#challenge = undefined;
    this.#wanted = undefined;
    this.#renewAgainAt = 0;
    this.#set('signed-in');
  }

  /** True when there was a sign-in. @throws VaultError */
  async forget(): Promise<boolean> {
    const { vault, server } = this.#options;
    await this.#renewing?.catch(() => undefined);
    const had = await forgetKept(vault, server);
    const wasSignedIn = this.#state === 'signed-in' || this.#state === 'more-needed';
    this.#kept = undefined;
    this.#wanted = undefined;
    if (wasSignedIn) this.#set('needed');
    return had;
  }

  header(): string | undefined {
    const token = this.#kept?.tokens?.accessToken;
    return token === undefined || !PLAIN_TOKEN.test(token) ? undefined : `Bearer ${token}`;
  }

  beforeRequest(): Promise<void> | undefined {
    const expiresAt = this.#kept?.tokens?.expiresAt ?? null;
    if (expiresAt === null) return undefined;
    const now = this.#options.now();
    if (expiresAt - now > RENEW_BEFORE_MS || now < this.#renewAgainAt) return undefined;
    if (!this.#kept || !isRenewable(this.#kept)) return undefined;
    return this.#renew().then(() => undefined);
  }

  async refused(challenge: Challenge): Promise<AfterRefusal> {
    try {
      return challenge.status === 401 ? await this.#unauthorized(challenge) : await this.#forbidden(challenge);
    } catch (error) {
      this.#options.warn({ server: this.#options.server, error: String(error) }, 'A sign-in could not be looked at');
      return { next: 'wait', message: 'its sign-in could not be read from the vault.' };
    }
  }

  async #unauthorized(challenge: Challenge): Promise<AfterRefusal> {
    const { refused, isRetry } = challenge;
    const now = this.header();
    // Another request got new tokens in the meantime.
    if (!isRetry && now !== undefined && now !== refused) return { next: 'retry' };
    if (!isRetry && this.#kept && isRenewable(this.#kept)) {
      const outcome = await this.#renew();
      if (outcome === 'renewed') return { next: 'retry' };
      if (outcome !== 'ended') return { next: 'wait', message: `its sign-in could not be renewed: ${outcome}` };
    }
    this.#challenge = challenge;
    this.#set('needed');
    return { next: 'sign-in', message: 'it needs you to sign in.' };
  }

  /** A token that is good but gives too little (RFC 6750, `insufficient_scope`). */
  async #forbidden(challenge: Challenge): Promise<AfterRefusal> {
    if (!/insufficient_scope/.test(challenge.wwwAuthenticate ?? '')) return { next: 'foreign' };
    const { extractWWWAuthenticateParams, computeScopeUnion, isStrictScopeSuperset } = await import(
      '@modelcontextprotocol/client'
    );
    const { error, scope } = extractWWWAuthenticateParams(responseWith(challenge));
    if (error !== 'insufficient_scope') return { next: 'foreign' };
    const tokens = this.#kept?.tokens;
    const granted = tokens?.value.scope;
    const asked = computeScopeUnion(tokens?.scope ?? undefined, typeof granted === 'string' ? granted : undefined);
    const union = computeScopeUnion(this.#wanted, asked, scope);
    const named = scope === undefined ? 'more rights' : `the rights ${scope.slice(0, 200)}`;
    // Asking a person again for what they gave already would go round in circles.
    if (tokens && !isStrictScopeSuperset(union, asked)) {
      return { next: 'wait', message: `it asks for ${named}, although you signed in with them.` };
    }
    this.#challenge = challenge;
    this.#wanted = union;
    this.#set('more-needed');
    return { next: 'sign-in', message: `it asks for ${named}: sign in again to give them.` };
  }

  /** All that wait get the same renewal. Gives why it failed when the tokens may still be good for another try. */
  #renew(): Promise<'renewed' | 'ended' | string> {
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renewOnce(): Promise<'renewed' | 'ended' | string> {
    const { now, resolve, vault, server, warn } = this.#options;
    const before = this.#kept;
    if (!before) return 'ended';
    const renewal = await renew(before, { fetchFn: guardedFetch({ serverUrl: this.url, resolve }), now });
    // A person signed in or out while it was under way; theirs is the newer word.
    if (this.#kept !== before) return this.#kept?.tokens ? 'renewed' : 'ended';
    switch (renewal.outcome) {
      case 'renewed':
        this.#kept = renewal.kept;
        // Where the vault cannot be written the new tokens are used all the same: the old ones may be void already.
        await writeKept(vault, server, renewal.kept).catch((error: unknown) =>
          warn({ server, error: String(error) }, 'Renewed tokens could not be kept'),
        );
        return 'renewed';
      case 'ended': {
        const ended = { ...before, tokens: null };
        this.#kept = ended;
        this.#set('needed');
        await writeKept(vault, server, ended).catch((error: unknown) =>
          warn({ server, error: String(error) }, 'The end of a sign-in could not be kept'),
        );
        return 'ended';
      }
      case 'failed':
        this.#renewAgainAt = now() + RENEW_AGAIN_MS;
        return renewal.why;
    }
  }

  #set(state: SignInState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onChange();
  }
}

/** The SDK reads challenges from responses. */
export function responseWith({ status, wwwAuthenticate }: Challenge): Response {
  const headers = new Headers();
  if (wwwAuthenticate !== undefined) headers.set('www-authenticate', wwwAuthenticate);
  return new Response(null, { status, headers });
}
