import { isJsonObject, type RpcError, rpcErrorOf } from './json-rpc.ts';
import { LinkError } from './link.ts';
import { UpstreamError } from './upstream-error.ts';

/** The sentences with which requests to one server fail. */
export class RequestFailures {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** The caller does not want it any more. */
  cancelled(method: string, notSent: boolean): UpstreamError {
    return new UpstreamError('cancelled', `The request ${method} was cancelled.`, { notSent });
  }

  /** Sent, and no answer in time. */
  silent(method: string, waitedMs: number): UpstreamError {
    const text = `${this.#name} did not answer ${method} within ${secondsOf(waitedMs)} s.`;
    return new UpstreamError('timeout', text, { notSent: false });
  }

  /** Its turn did not come in time. */
  busy(method: string, waitedMs: number): UpstreamError {
    const text = `${this.#name} was busy for ${secondsOf(waitedMs)} s with a call that may ask another app something, so ${method} was not sent. Try again, or give the server one process per app ("instances").`;
    return new UpstreamError('timeout', text, { notSent: true });
  }

  /** Too many wait already. */
  crowded(method: string): UpstreamError {
    const text = `Too many calls wait for ${this.#name} already, so ${method} was not sent. Try again later.`;
    return new UpstreamError('timeout', text, { notSent: true });
  }

  /** The response stream ended. */
  unanswered(method: string): UpstreamError {
    const text = `${this.#name} ended its response to ${method} without an answer.`;
    return new UpstreamError('upstream_error', text, { notSent: false });
  }

  /** The answer is an error of the server's. @param isForCaller false when it is about Gatehouse's own leg */
  answeredWith(error: RpcError, isForCaller = true): UpstreamError {
    const text = `${this.#name} answered with error ${error.code}: ${error.message.slice(0, 2_000)}`;
    return new UpstreamError('upstream_error', text, {
      notSent: false,
      rpcError: isForCaller ? error : undefined,
    });
  }

  answeredOddly(): UpstreamError {
    const text = `${this.#name} answered with something that is neither a result nor an error.`;
    return new UpstreamError('upstream_error', text, { notSent: false });
  }

  /** The connection is gone. */
  down(reason: LinkError, notSent: boolean): UpstreamError {
    const code = reason.kind === 'too_large' && !notSent ? 'upstream_error' : 'server_down';
    return new UpstreamError(code, `${this.#name} did not answer: ${reason.message}`, { notSent, cause: reason });
  }

  /** The link did not take the request, or lost its answer. */
  notTaken(error: unknown, method: string): UpstreamError {
    if (!(error instanceof LinkError)) {
      return new UpstreamError('upstream_error', `${method} could not be sent to ${this.#name}.`, {
        notSent: true,
        cause: error,
      });
    }
    const rpcError = rpcErrorInside(error);
    const code = error.kind === 'gone' || error.kind === 'session_lost' ? 'server_down' : 'upstream_error';
    return new UpstreamError(code, `${this.#name} did not answer ${method}: ${error.message}`, {
      notSent: error.notSent,
      cause: error,
      ...(rpcError && { rpcError }),
    });
  }
}

function secondsOf(ms: number): number {
  return Math.round(ms / 100) / 10;
}

/** HTTP errors often carry a JSON-RPC error as their body. */
function rpcErrorInside(error: LinkError): RpcError | undefined {
  const { cause } = error;
  const data = cause instanceof Error && 'data' in cause && isJsonObject(cause.data) ? cause.data : undefined;
  if (typeof data?.text !== 'string') return undefined;
  try {
    return rpcErrorOf(JSON.parse(data.text), data.text);
  } catch {
    return undefined;
  }
}
