import type { CallFilter, CallSummary } from '@shared/contract/index.ts';

/** The part of the log that is on the page, newest first. */
export interface CallLogState {
  rows: readonly CallSummary[];
  /** Newer than `rows`, kept back so that nothing moves under the pointer. Newest first. */
  queued: readonly CallSummary[];
  /** Where the next older page begins; null at the end of the log. */
  nextBefore: number | null;
  phase: 'loading' | 'ready' | 'failed';
  error: Error | null;
  /** New calls go to the queue. */
  isHeld: boolean;
}

export type CallLogAction =
  | { type: 'reset' }
  | { type: 'page'; calls: readonly CallSummary[]; nextBefore: number | null; isFirst: boolean }
  | { type: 'failed'; error: Error }
  | { type: 'batch'; calls: readonly CallSummary[]; filter: CallFilter }
  | { type: 'hold'; isHeld: boolean }
  | { type: 'release' };

/** Rows kept while new ones stream in; older ones are read again when somebody scrolls there. */
const mostRows = 2000;

export const emptyLog: CallLogState = {
  rows: [],
  queued: [],
  nextBefore: null,
  phase: 'loading',
  error: null,
  isHeld: false,
};

/** Whether a call belongs to a filter, as far as its summary tells. Searching words is the log's business. */
export function fitsFilter(call: CallSummary, filter: CallFilter): boolean {
  if (filter.app !== undefined && call.app !== filter.app) return false;
  if (filter.server !== undefined && call.server !== filter.server) return false;
  if (filter.tool !== undefined && call.tool !== filter.tool) return false;
  if (filter.since !== undefined && call.at < filter.since) return false;
  if (filter.until !== undefined && call.at > filter.until) return false;
  switch (filter.kind) {
    case 'changes':
      return call.effect === 'write' || call.effect === 'destructive';
    case 'refused':
      return call.status === 'refused';
    case 'failed':
      return call.status === 'failed' || call.status === 'interrupted';
    case 'running':
      return call.status === 'running';
    default:
      return true;
  }
}

function prepended(state: CallLogState, fresh: readonly CallSummary[]): CallLogState {
  const rows = [...fresh, ...state.rows];
  if (rows.length <= mostRows) return { ...state, rows };
  const kept = rows.slice(0, mostRows);
  return { ...state, rows: kept, nextBefore: kept.at(-1)?.seq ?? null };
}

function released(state: CallLogState): CallLogState {
  if (state.queued.length === 0) return state;
  const { queued } = state;
  // A queue at its limit has lost calls between itself and the rows; scrolling reads them from the log.
  if (queued.length === mostRows) {
    return { ...state, rows: queued, queued: [], nextBefore: queued.at(-1)?.seq ?? null };
  }
  return prepended({ ...state, queued: [] }, queued);
}

function withBatch(state: CallLogState, calls: readonly CallSummary[], filter: CallFilter): CallLogState {
  const latest = new Map(calls.map((call) => [call.id, call]));
  const update = (known: readonly CallSummary[]): readonly CallSummary[] => {
    let isChanged = false;
    const next = known.map((row) => {
      const newer = latest.get(row.id);
      if (!newer) return row;
      latest.delete(row.id);
      isChanged = true;
      return newer;
    });
    return isChanged ? next : known;
  };
  const updated = { ...state, rows: update(state.rows), queued: update(state.queued) };
  const newestShown = state.queued[0]?.seq ?? state.rows[0]?.seq ?? 0;
  const fresh = [...latest.values()]
    // The end of a call that is older than what is shown belongs further down, not on top.
    .filter((call) => call.seq > newestShown && fitsFilter(call, filter))
    .sort((a, b) => b.seq - a.seq);
  if (fresh.length === 0) return updated;
  if (state.isHeld) return { ...updated, queued: [...fresh, ...updated.queued].slice(0, mostRows) };
  return prepended(updated, fresh);
}

export function reduceCallLog(state: CallLogState, action: CallLogAction): CallLogState {
  switch (action.type) {
    case 'reset':
      return { ...emptyLog, isHeld: state.isHeld };
    case 'page': {
      const known = new Set(action.isFirst ? [] : state.rows.map((row) => row.id));
      const older = action.calls.filter((call) => !known.has(call.id));
      return {
        ...state,
        rows: action.isFirst ? older : [...state.rows, ...older],
        queued: action.isFirst ? [] : state.queued,
        nextBefore: action.nextBefore,
        phase: 'ready',
        error: null,
      };
    }
    case 'failed':
      return { ...state, phase: 'failed', error: action.error };
    case 'batch':
      // Before the first page there is nothing to put new calls on top of; the page will hold them.
      return state.phase === 'loading' ? state : withBatch(state, action.calls, action.filter);
    case 'hold':
      if (action.isHeld === state.isHeld) return state;
      return action.isHeld ? { ...state, isHeld: true } : released({ ...state, isHeld: false });
    case 'release':
      return released(state);
  }
}
