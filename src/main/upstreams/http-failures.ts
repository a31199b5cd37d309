import { SdkHttpError, SseError, UnauthorizedError } from '@modelcontextprotocol/client';
import { LinkError } from './link.ts';

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

/**
 * Sorts what the SDK and `fetch` throw. Response texts are shortened: they come from the other side.
 * @param hadSession the request named a session, so that 404 means the session is gone (specification, transports)
 */
export function linkErrorOf(error: unknown, hadSession: boolean): LinkError {
  if (error instanceof LinkError) return error;
  if (error instanceof SdkHttpError) return httpError(error, hadSession);
  if (error instanceof UnauthorizedError) return refused(401);
  if (error instanceof SseError && error.code !== undefined) {
    return error.code === 401 || error.code === 403
      ? refused(error.code)
      : new LinkError('not_found', `it answered HTTP ${error.code}.`, { notSent: false, status: error.code });
  }
  const cause = causeOf(error);
  if (cause instanceof LinkError) return cause;
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  if (code !== undefined && NEVER_LEFT.has(code)) {
    return new LinkError('gone', `it cannot be reached (${code}).`, { notSent: true, cause: error });
  }
  if (error instanceof TypeError || error instanceof SseError) {
    return new LinkError('gone', `the connection failed (${code ?? shortened(messageOf(cause))}).`, {
      notSent: false,
      cause: error,
    });
  }
  return new LinkError('bad_answer', `its answer is not MCP: ${shortened(messageOf(error))}`, {
    notSent: false,
    cause: error,
  });
}

function httpError(error: SdkHttpError, hadSession: boolean): LinkError {
  const { status, text } = error.data;
  const said = typeof text === 'string' && text.trim() !== '' ? ` It said: ${shortened(text)}` : '';
  if (status === 401 || status === 403) return refused(status, error);
  if (status === 404 && hadSession) {
    return new LinkError('session_lost', 'it no longer knows our session.', { notSent: true, status, cause: error });
  }
  if (status >= 500) {
    return new LinkError('gone', `it answered HTTP ${status}.${said}`, { notSent: false, status, cause: error });
  }
  const text3xx = status >= 300 && status < 400 ? ` ${shortened(error.message)}` : said;
  return new LinkError('not_found', `it answered HTTP ${status}.${text3xx}`, { notSent: false, status, cause: error });
}

function refused(status: number, cause?: unknown): LinkError {
  return new LinkError(
    'refused',
    `it did not accept our credentials (HTTP ${status}). Check its "headers" and the secrets they use.`,
    { notSent: true, status, cause },
  );
}

/** The innermost cause: `fetch` wraps the system's error twice. */
function causeOf(error: unknown): unknown {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error && current.cause !== undefined; depth += 1) {
    if (current instanceof LinkError) return current;
    current = current.cause;
  }
  return current;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
