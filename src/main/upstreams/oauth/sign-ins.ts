import { randomBytes } from 'node:crypto';
import type { ServerConfig } from '@shared/contract/index.ts';
import { resolveSecretRefs } from '../../secrets/index.ts';
import type { Authorization } from '../authorization.ts';
import type { Timers } from '../timers.ts';
import { BrowserSignIn, type PreRegistered } from './browser-sign-in.ts';
import { CallbackListener } from './callback-listener.ts';
import { discover } from './discover.ts';
import { guardedFetch, type Resolve } from './guarded-fetch.ts';
import type { SignInVault } from './kept-sign-in.ts';
import { reasonOf } from './renewal.ts';
import { responseWith, ServerAuthorization, type SignInState } from './server-authorization.ts';

/** How long a person may take in the browser, in milliseconds. */
const SIGN_IN_MS = 5 * 60_000;
const DONE = 'You are signed in. You can close this window.';
const FAILED = 'The sign-in did not succeed. You can close this window; Gatehouse says why.';

export interface SignInsOptions {
  readonly vault: SignInVault;
  readonly resolveSecret: (name: string, server: string) => Promise<string | undefined>;
  readonly timers: Timers;
  readonly warn: (facts: object, message: string) => void;
  /** Default: the platform's resolver. */
  readonly resolve?: Resolve | undefined;
  /** Ports of this computer a browser comes back to, in the order they are tried; 0: any free one. */
  readonly callbackPorts?: readonly number[] | undefined;
}

/** A sign-in that waits for the person. */
export interface StartedSignIn {
  /** Where the person signs in. */
  readonly url: string;
  /** The host of `url`, to be shown. */
  readonly host: string;
  /** Resolves when the person signed in. Rejects with a sentence when it failed, was cancelled or took too long. */
  readonly done: Promise<void>;
}

interface Flow {
  readonly started: Promise<StartedSignIn>;
  readonly cancel: (why: string) => void;
}

/** The sign-ins at remote servers: begun by a person only, kept in the vault, renewed without anybody. */
export class SignIns implements AsyncDisposable {
  readonly #options: SignInsOptions;
  readonly #listener: CallbackListener;
  readonly #servers = new Map<string, ServerAuthorization>();
  readonly #flows = new Map<string, Flow>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #listeners = new Set<(server: string) => void>();

  constructor(options: SignInsOptions) {
    this.#options = options;
    this.#listener = new CallbackListener(options.callbackPorts);
  }

  /**
   * The sign-in a server's connections use; undefined where its config says itself how it is to be reached.
   * @param url with its secrets filled in
   * @throws VaultError
   */
  async authorizationFor(server: string, config: ServerConfig, url: string): Promise<Authorization | undefined> {
    return mayHaveSignIn(config) ? this.#at(server, url) : undefined;
  }

  /** `none` where nobody was asked for a sign-in. */
  stateOf(server: string): SignInState {
    return this.#servers.get(server)?.state ?? 'none';
  }

  /** The scopes a new sign-in would add; null when none is needed for more scopes. */
  wantedScopeOf(server: string): string | null {
    return this.#servers.get(server)?.wantedScope ?? null;
  }

  /** True when the server said how it wants to be signed in at. */
  isChallenged(server: string): boolean {
    return this.#servers.get(server)?.challenge !== undefined;
  }

  onChange(listener: (server: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /**
   * Begins a sign-in, or gives the one that waits already. A person has to want it.
   * @throws Error a sentence about why it cannot be begun
   */
  start(server: string, config: ServerConfig): Promise<StartedSignIn> {
    const waiting = this.#flows.get(server);
    if (waiting) return waiting.started;
    const cancelled = Promise.withResolvers<never>();
    cancelled.promise.catch(() => undefined);
    const abort = new AbortController();
    const cancel = (why: string) => {
      cancelled.reject(new Error(why));
      abort.abort();
    };
    const begun = Promise.withResolvers<StartedSignIn>();
    const ended = this.#run(server, config, { begun, cancelled: cancelled.promise, signal: abort.signal }).finally(
      () => {
        this.#running.delete(ended);
        if (this.#flows.get(server)?.started === begun.promise) this.#flows.delete(server);
      },
    );
    ended.catch((error: unknown) => begun.reject(error));
    this.#running.add(ended);
    this.#flows.set(server, { started: begun.promise, cancel });
    return begun.promise;
  }

  /** Ends a sign-in that waits. */
  cancel(server: string, why = 'The sign-in was cancelled.'): void {
    this.#flows.get(server)?.cancel(why);
  }

  /** Forgets what is kept of a server's sign-in. True when there was something. @throws VaultError */
  async forget(server: string): Promise<boolean> {
    this.cancel(server, 'You signed out.');
    const known = this.#servers.get(server) ?? this.#create(server, new URL('https://invalid.invalid/'));
    const had = await known.forget();
    return had;
  }

  /** The server is gone. @throws VaultError */
  async remove(server: string): Promise<void> {
    await this.forget(server);
    this.#servers.delete(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear();
    for (const { cancel } of this.#flows.values()) cancel('Gatehouse was stopped.');
    await Promise.allSettled(this.#running);
  }

  async #run(
    server: string,
    config: ServerConfig,
    flow: {
      readonly begun: PromiseWithResolvers<StartedSignIn>;
      readonly cancelled: Promise<never>;
      readonly signal: AbortSignal;
    },
  ): Promise<void> {
    const { timers, resolve } = this.#options;
    const authorization = await this.#forSignIn(server, config);
    const serverUrl = authorization.url;
    const fetchFn = guardedFetch({ serverUrl, resolve, signal: flow.signal });
    await using callback = await this.#listener.open();
    const { auth, computeScopeUnion, extractWWWAuthenticateParams, validateAuthorizationResponseIssuer } = await import(
      '@modelcontextprotocol/client'
    );
    const asked = authorization.challenge ? extractWWWAuthenticateParams(responseWith(authorization.challenge)) : {};
    const oauth = config.gatehouse?.oauth;
    const scope = computeScopeUnion(authorization.wantedScope ?? asked.scope, oauth?.scopes?.join(' '));
    const state = randomBytes(32).toString('base64url');
    const discovery = await saying(server, discover(serverUrl, asked.resourceMetadataUrl, fetchFn));
    const provider = new BrowserSignIn({
      serverUrl,
      redirectUri: callback.redirectUri,
      state,
      discovery,
      before: authorization.kept,
      preRegistered: await this.#preRegistered(server, config),
      clientMetadataUrl: oauth?.clientMetadataUrl,
      scope,
      now: () => timers.now(),
    });
    const options = { serverUrl, fetchFn, ...(scope !== undefined && { scope }), forceReauthorization: true };
    await saying(server, auth(provider, options));

    let isOver = false;
    const finished = Promise.withResolvers<void>();
    finished.promise.catch(() => undefined);
    using _expected = this.#listener.expect(state, async (params) => {
      try {
        const iss = params.get('iss') ?? undefined;
        const metadata = discovery.authorizationServerMetadata;
        // Before anything of it is believed, be it an error.
        validateAuthorizationResponseIssuer({
          iss,
          expectedIssuer: metadata?.issuer,
          issParameterSupported: metadata?.authorization_response_iss_parameter_supported === true,
        });
        const code = params.get('code');
        if (code === null) throw new Error(refusalIn(params));
        await auth(provider, { ...options, authorizationCode: code, ...(iss !== undefined && { iss }) });
        if (isOver) throw new Error('The sign-in was over already.');
        await authorization.keep(provider.result);
        finished.resolve();
        return { ok: true, text: DONE };
      } catch (error) {
        finished.reject(new Error(`The sign-in at ${server} failed. ${sentence(error)}`, { cause: error }));
        return { ok: false, text: FAILED };
      }
    });
    const late = Promise.withResolvers<never>();
    const stopTimer = timers.after(SIGN_IN_MS, () => {
      late.reject(new Error('Nobody signed in within 5 minutes. Start again when you have the time.'));
    });
    const done = Promise.race([finished.promise, flow.cancelled, late.promise]).finally(() => {
      isOver = true;
      stopTimer();
    });
    // Whoever waits hears it; nobody has to wait.
    done.catch(() => undefined);
    const { href, host } = provider.authorizationUrl;
    flow.begun.resolve({ url: href, host, done });
    await done.catch(() => undefined);
  }

  async #forSignIn(server: string, config: ServerConfig): Promise<ServerAuthorization> {
    if (config.url === undefined || config.type === 'sse')
      throw new Error(`${server} is not reached over streamable HTTP.`);
    if (!mayHaveSignIn(config)) {
      throw new Error(`${server} has an Authorization header in servers.json. Remove it to sign in instead.`);
    }
    const url = await resolveSecretRefs(config.url, (name) => this.#options.resolveSecret(name, server));
    return this.#at(server, url);
  }

  async #preRegistered(server: string, config: ServerConfig): Promise<PreRegistered | undefined> {
    const oauth = config.gatehouse?.oauth;
    if (oauth?.clientId === undefined) return undefined;
    const lookup = (name: string) => this.#options.resolveSecret(name, server);
    const secret = oauth.clientSecret === undefined ? undefined : await resolveSecretRefs(oauth.clientSecret, lookup);
    return { clientId: oauth.clientId, clientSecret: secret };
  }

  async #at(server: string, text: string): Promise<ServerAuthorization> {
    const url = new URL(text);
    url.search = '';
    url.hash = '';
    const known = this.#servers.get(server);
    if (known?.url.href === url.href) return known;
    const created = this.#create(server, url);
    await created.load();
    const meanwhile = this.#servers.get(server);
    if (meanwhile?.url.href === url.href) return meanwhile;
    this.#servers.set(server, created);
    this.#tell(server);
    return created;
  }

  #create(server: string, url: URL): ServerAuthorization {
    const { vault, timers, resolve, warn } = this.#options;
    const created: ServerAuthorization = new ServerAuthorization({
      server,
      url,
      vault,
      resolve,
      warn,
      now: () => timers.now(),
      onChange: () => {
        if (this.#servers.get(server) === created) this.#tell(server);
      },
    });
    return created;
  }

  #tell(server: string): void {
    for (const listener of this.#listeners) listener(server);
  }
}

/** What a person configured to authorize requests with is what is sent. */
function mayHaveSignIn({ url, type, headers = {} }: ServerConfig): boolean {
  const hasOwn = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
  return url !== undefined && type !== 'sse' && !hasOwn;
}

async function saying<T>(server: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new Error(`A sign-in at ${server} cannot be begun. ${sentence(error)}`, { cause: error });
  }
}

/** What the authorization server said instead of giving a code; its words, bounded and on one line. */
function refusalIn(params: URLSearchParams): string {
  const error = params.get('error') ?? 'neither a code nor an error';
  const described = params.get('error_description');
  const text = (described === null ? error : `${error} (${described})`).replace(/[^\x20-\x7E]/g, ' ');
  return `The sign-in service answered: ${text.slice(0, 200)}`;
}

function sentence(error: unknown): string {
  if (error instanceof Error && /dynamic client registration/.test(error.message)) {
    return 'Its sign-in service takes no new apps by itself: register Gatehouse there and put the client id into servers.json ("gatehouse": {"oauth": {"clientId": …}}).';
  }
  const text = reasonOf(error);
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
