/** What a server's refusal said: which credentials it wants. Its texts are the server's. */
export interface Challenge {
  readonly status: 401 | 403;
  /** The header `WWW-Authenticate`; undefined when there was none. */
  readonly wwwAuthenticate: string | undefined;
  /** The value of the header `Authorization` that was refused; undefined when none was sent. */
  readonly refused: string | undefined;
  /** The request was tried again already, with the credentials of a `retry`. */
  readonly isRetry: boolean;
}

/**
 * What to do after a refusal: `retry` with the credentials there are now, never twice; else a sentence about the server for a
 * person, without its name. `foreign`: the refusal is not about a sign-in.
 */
export type AfterRefusal =
  | { readonly next: 'retry' }
  | { readonly next: 'sign-in'; readonly message: string }
  | { readonly next: 'wait'; readonly message: string }
  | { readonly next: 'foreign' };

/** The sign-in at one server, as its connections use it. Shared by all of them. Goes to no other address. */
export interface Authorization {
  /** The header `Authorization` of the next request; undefined when nobody signed in. */
  header(): string | undefined;
  /** Something to wait for before a request is sent: credentials that end soon are being renewed. Never rejects. */
  beforeRequest(): Promise<void> | undefined;
  /** The server refused a request. Opens no browser. Never rejects. */
  refused(challenge: Challenge): Promise<AfterRefusal>;
}
