import type { JsonObject } from './json-rpc.ts';

/**
 * One way to a server that carries JSON-RPC messages: a child process or an HTTP endpoint. Below it are bytes, above
 * it `RpcConnection` maps ids. It neither reads nor changes what it carries.
 */
export interface Link {
  /** The process, when this link is one. */
  readonly pid: number | null;
  /** True when each request has a response stream of its own that can be aborted (streamable HTTP). */
  readonly streams: boolean;
  /**
   * Called for each message, in order, and once when the link ends by itself. Set before `open`.
   */
  listen(receiver: LinkReceiver): void;
  /** Starts the process or opens the endpoint. @throws LinkError */
  open(signal: AbortSignal): Promise<void>;
  /**
   * Hands a message over.
   * @throws LinkError when it was not taken; its `notSent` says whether the server can have seen it.
   */
  send(message: Outgoing, options?: SendOptions): Promise<void>;
  /** The version both sides agreed on, for the transports that repeat it with each request. */
  agreeOn(protocolVersion: string): void;
  /** Ends it and everything behind it, in bounded time. Never throws. */
  close(): Promise<void>;
  /** Ends it without waiting; for the moment Gatehouse itself exits. */
  killNow(): void;
}

/** A message on its way out. */
export interface Outgoing {
  /** Its JSON. May hold line breaks between tokens. */
  readonly text: string;
  /** Absent for an answer. */
  readonly method?: string | undefined;
  /** Given for a request. */
  readonly id?: number | undefined;
  /** Headers that repeat parts of the body, where the protocol wants them (2026-07-28 over HTTP). */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface LinkReceiver {
  /**
   * @param text the message as the server wrote it, on one line
   * @param origin id of the request on whose response stream it came; undefined where the transport has no such streams
   */
  message(message: JsonObject, text: string, origin: number | undefined): void;
  /** The link is gone; nothing follows. */
  closed(reason: LinkError): void;
}

export interface SendOptions {
  /** Aborts the response stream of this request. */
  readonly signal?: AbortSignal | undefined;
  /** The request's response stream ended, for a reason when it was not the server's wish. No answer will come. */
  readonly onStreamEnd?: ((reason?: LinkError) => void) | undefined;
}

/**
 * `not_found`: nothing answers MCP there. `session_lost`: the server no longer knows our session, so the request was
 * not run. `too_large`: a message over the limit. `refused`: credentials were not accepted. `gone`: everything else.
 */
export type LinkErrorKind = 'not_found' | 'session_lost' | 'too_large' | 'refused' | 'gone' | 'bad_answer';

/** What went wrong below JSON-RPC. The message is a sentence about the server, without its name. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
  readonly kind: LinkErrorKind;
  readonly notSent: boolean;
  readonly status: number | undefined;

  constructor(
    kind: LinkErrorKind,
    message: string,
    details: { readonly notSent: boolean; readonly status?: number; readonly cause?: unknown },
  ) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.notSent = details.notSent;
    this.status = details.status;
  }
}

/** The server wants a person to sign in, or to sign in again for more rights. */
export class SignInNeeded extends LinkError {}
