/** What went wrong after a call left, in the words of a refusal. */
import type { Effect } from '@shared/words.ts';
import type { CallEnd } from '../audit/index.ts';
import type { Refusal } from '../policy/index.ts';
import { UpstreamError } from '../upstreams/index.ts';
import { RPC } from './protocol.ts';

/** Why a call in flight was ended from Gatehouse's side. */
export type CancelReason = 'paused' | 'client' | 'app-removed' | 'stopping';

export interface Failure {
  readonly refusal: Refusal;
  readonly status: Extract<CallEnd['status'], 'failed' | 'cancelled'>;
  /** False when the client itself cancelled: it gets no answer. */
  readonly wanted: boolean;
  /** True for what should not happen; it goes into the program's own log. */
  readonly unexpected: boolean;
}

/** The refusal when the log cannot take a call in: nothing goes out unrecorded. */
export const UNRECORDED: Refusal = {
  code: 'server_down',
  message:
    'Gatehouse could not write this call to its log, so nothing was sent. The person should look at Gatehouse; the disk may be full.',
  retryable: true,
  whoCanFix: 'person',
};

/** Characters of a server's own error message that are passed on. */
const LONGEST_MESSAGE = 500;

/** The server's own JSON-RPC error, when that is what was thrown. */
export function rpcErrorOf(error: unknown): UpstreamError['rpcError'] {
  return error instanceof UpstreamError && error.code === 'upstream_error' ? error.rpcError : undefined;
}

/** Turns whatever was thrown, and why the signal aborted if it did, into a refusal. `target` is null for own tools. */
export function failureOf(
  error: unknown,
  signal: AbortSignal,
  target: { readonly server: string; readonly effect: Effect } | null,
  paused: () => Refusal,
): Failure {
  if (signal.aborted) return cancelled(signal.reason, paused);
  if (!(error instanceof UpstreamError)) {
    return failed(
      'upstream_error',
      'Gatehouse failed while it handled this call. Its log says more.',
      'person',
      false,
      true,
    );
  }
  const name = target?.server ?? 'the server';
  // A call that may have reached the server and changes something is not for the agent to repeat on its own.
  const retryable = error.notSent || target?.effect === 'read';
  switch (error.code) {
    case 'timeout':
      return failed(
        'timeout',
        `${name} did not answer in time. It may still be working on the call.`,
        'nobody',
        retryable,
      );
    case 'cancelled':
    case 'server_down':
      return failed('server_down', `${name} cannot be reached: ${oneLine(error.message)}`, 'person', retryable);
    case 'upstream_error': {
      const { rpcError } = error;
      const fixer = rpcError?.code === RPC.invalidParams ? 'agent' : 'nobody';
      return failed(
        'upstream_error',
        `${name} answered with an error: ${oneLine(rpcError?.message ?? error.message)}`,
        fixer,
        false,
      );
    }
  }
}

function failed(
  code: Refusal['code'],
  message: string,
  whoCanFix: Refusal['whoCanFix'],
  retryable: boolean,
  unexpected = false,
): Failure {
  return { refusal: { code, message, retryable, whoCanFix }, status: 'failed', wanted: true, unexpected };
}

function cancelled(reason: unknown, paused: () => Refusal): Failure {
  const end = (refusal: Refusal, wanted = true): Failure => ({
    refusal,
    status: 'cancelled',
    wanted,
    unexpected: false,
  });
  switch (
    reason as CancelReason // every abort in this room gives one
  ) {
    case 'paused':
      return end(paused());
    case 'app-removed':
      return end({
        code: 'unknown_app',
        message: 'The person disconnected this app.',
        retryable: false,
        whoCanFix: 'person',
      });
    case 'stopping':
      return end({ code: 'server_down', message: 'Gatehouse is stopping.', retryable: true, whoCanFix: 'person' });
    case 'client':
      return end(
        { code: 'cancelled', message: 'The app cancelled the call.', retryable: true, whoCanFix: 'nobody' },
        false,
      );
  }
}

/** A server's own words, in one visible line and bounded. */
export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= LONGEST_MESSAGE ? visible(line) : `${visible(line).slice(0, LONGEST_MESSAGE).toWellFormed()}…`;
}

/** Control and invisible characters could hide text from a person who reads along. */
const visible = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
