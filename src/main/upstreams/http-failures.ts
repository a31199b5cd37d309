import { LinkError, SignInNeeded } from './link.ts';

/** Network failures that happen before a request can have left this computer. */
const NEVER_LEFT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** A refusal by HTTP status, as the cause of a LinkError: its body may hold a JSON-RPC error. */
export class HttpStatusError extends Error {
  override readonly name = 'HttpStatusError';
  readonly data: { readonly status: number; readonly text: string };

  constructor(status: number, text: string) {
    super(`HTTP ${status}`);
    this.data = { status, text };
  }
}

/**
 * What an HTTP status that is no success means. Response texts are shortened: they come from the other side.
 * @param answer.hadSession the request named a session, so that 404 means the session is gone (specification, transports)
 * @param answer.redirect what was wrong with following it, when the status is a redirect
 */
export function statusFailure(
  status: number,
  answer: { readonly text: string; readonly hadSession: boolean; readonly redirect?: string | undefined },
  cause: unknown = new HttpStatusError(status, answer.text),
): LinkError {
  const { text, hadSession, redirect } = answer;
  if (status === 401 || status === 403) return refused(status, cause);
  if (status === 404 && hadSession) {
    return new LinkError('session_lost', 'it no longer knows our session.', { notSent: true, status, cause });
  }
  const said = text.trim() === '' ? '' : ` It said: ${shortened(text)}`;
  if (status >= 500) {
    return new LinkError('gone', `it answered HTTP ${status}.${said}`, { notSent: false, status, cause });
  }
  const why = redirect === undefined ? said : ` ${shortened(redirect)}`;
  return new LinkError('not_found', `it answered HTTP ${status}.${why}`, { notSent: false, status, cause });
}

/** What a connection that could not be made, or broke, means for the request on it. */
export function connectionFailure(error: unknown): LinkError {
  if (error instanceof LinkError) return error;
  const cause = innermost(error);
  if (cause instanceof LinkError) return cause;
  const code = textIn(cause, 'code');
  if ((code !== undefined && NEVER_LEFT.has(code)) || textIn(cause, 'syscall') === 'connect') {
    return new LinkError('gone', `it cannot be reached (${code}).`, { notSent: true, cause: error });
  }
  const why = code ?? shortened(cause instanceof Error ? cause.message : String(cause));
  return new LinkError('gone', `the connection failed (${why}).`, { notSent: false, cause: error });
}

/** An answer that is no MCP message. */
export function badAnswer(what: string, cause?: unknown): LinkError {
  return new LinkError('bad_answer', `its answer is not MCP: ${shortened(what)}`, { notSent: false, cause });
}

/** Credentials were not accepted. */
export function refused(status: number, cause?: unknown): LinkError {
  return new LinkError(
    'refused',
    `it did not accept our credentials (HTTP ${status}). Check its "headers" and the secrets they use.`,
    { notSent: true, status, cause },
  );
}

/** A refusal that a sign-in is about: a person has to make one, or it cannot be used now. */
export function signInFailure(
  status: 401 | 403,
  refusal: { readonly next: 'sign-in' | 'wait'; readonly message: string },
): LinkError {
  const details = { notSent: true, status };
  return refusal.next === 'sign-in'
    ? new SignInNeeded('refused', refusal.message, details)
    : new LinkError('refused', refusal.message, details);
}

/** The innermost cause: `fetch` wraps the system's error twice. */
function innermost(error: unknown): unknown {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error && current.cause !== undefined; depth += 1) {
    if (current instanceof LinkError) return current;
    current = current.cause;
  }
  return current;
}

function textIn(error: unknown, key: 'code' | 'syscall'): string | undefined {
  const value: unknown = error instanceof Error && key in error ? Reflect.get(error, key) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
