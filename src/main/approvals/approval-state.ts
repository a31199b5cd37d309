import type { ApprovalState } from '@shared/words.ts';

/** A person's decision about a tool or a launch, as remembered. */
export interface Decision {
  readonly kind: 'approved' | 'blocked';
  /** What was decided about. */
  readonly fingerprint: string;
  /** False when the stored row was not written by this Gatehouse. */
  readonly sealIntact: boolean;
}

/**
 * Where something stands. State is never stored, only derived: it cannot disagree with the facts.
 * @param current fingerprint of what the server says now
 * @param ambiguous true when it is not clear which of two definitions is meant
 */
export function stateOf(decision: Decision | null, current: string, ambiguous: boolean): ApprovalState {
  if (decision === null) return 'pending';
  // Blocked stays blocked whatever changes; a broken seal cannot open anything here.
  if (decision.kind === 'blocked') return 'blocked';
  return decision.sealIntact && !ambiguous && decision.fingerprint === current ? 'approved' : 'changed';
}

/** What a call would meet: a held server holds everything it offers. */
export function effectiveState(
  own: ApprovalState,
  server: ApprovalState,
): { state: ApprovalState; heldByServer: boolean } {
  return server === 'approved' ? { state: own, heldByServer: false } : { state: server, heldByServer: true };
}
