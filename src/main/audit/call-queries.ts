import type { CallDetail, CallFilter, CallStatus, CallSummary } from '@shared/contract/index.ts';
import type { Effect, RefusalCode } from '@shared/words.ts';
import type { Database, Statement } from 'better-sqlite3';
import { AuditUnavailable } from './audit-unavailable.ts';
import { detailOf } from './call-facts.ts';
import type { Entry, EntryKind } from './chain.ts';
import type { AuditLog, CallPage } from './index.ts';
import { hourOf } from './projection.ts';
import { wordQueryOf } from './search-words.ts';

/** Calls on a page when the caller does not say. */
const PAGE = 100;
const LARGEST_PAGE = 500;
const EXPORT_PAGE = 500;
const LARGEST_EXPORT_PAGE = 5000;

/** A row of `calls`. Its columns are checked by the table; what they claim is checked by `verify`. */
interface CallRow {
  seq: number;
  end_seq: number | null;
  id: string;
  at: number;
  app: string | null;
  session_id: string | null;
  method: string;
  server: string | null;
  tool: string | null;
  effect: Effect | null;
  status: CallStatus;
  code: RefusalCode | null;
  duration_ms: number | null;
  argument_bytes: number;
  result_bytes: number | null;
  on_what: string;
}

interface EntryRow {
  seq: number;
  at: number;
  kind: EntryKind;
  call_id: string | null;
  body: string;
  payload: string;
  prev_hash: string;
  hash: string;
}

/** The part of a SELECT that a filter decides. */
interface Selection {
  readonly from: string;
  readonly seq: string;
  readonly conditions: readonly string[];
  readonly values: readonly (string | number)[];
}

type Queries = Pick<AuditLog, 'list' | 'counts' | 'histogram' | 'get' | 'export' | 'usage'>;

const KINDS: Readonly<Record<Exclude<NonNullable<CallFilter['kind']>, 'all'>, string>> = {
  changes: `effect IN ('write', 'destructive')`,
  refused: `status = 'refused'`,
  failed: `status IN ('failed', 'interrupted')`,
  running: `status = 'running'`,
};

/**
 * Reads over the picture of the log.
 * @param isRunning tells a call that runs now from one that a crash left without an end
 */
export function createCallQueries(db: Database, isRunning: (id: string) => boolean): Queries {
  const statements = new Map<string, Statement<unknown[], unknown>>();
  function prepared<Row>(sql: string): Statement<unknown[], Row> {
    let statement = statements.get(sql);
    if (!statement) {
      statement = db.prepare(sql);
      statements.set(sql, statement);
    }
    // The caller names the row type next to the SELECT it belongs to.
    return statement as Statement<unknown[], Row>;
  }

  /** A last word that no call has may be the beginning of one; the same for every page of a search. */
  function expressionFor({ whole, begun }: { whole: string; begun: string | null }): string {
    if (begun === null) return whole;
    const found = prepared<object>('SELECT 1 FROM call_words WHERE call_words MATCH ? LIMIT 1').get(whole);
    return found ? whole : begun;
  }

  /** Turns the time range into a seq range through the hours, then checks the time itself. Null: nothing can match. */
  function select(filter: CallFilter): Selection | null {
    const query = wordQueryOf(filter);
    if (query.kind === 'nothing') return null;
    const match = query.kind === 'words' ? expressionFor(query) : null;
    const conditions: string[] = [];
    const values: (string | number)[] = [];
    const seq = match === null ? 'calls.seq' : 'call_words.rowid';
    if (match !== null) {
      conditions.push('call_words MATCH ?');
      values.push(match);
    } else {
      for (const field of ['app', 'server', 'tool'] as const) {
        const value = filter[field];
        if (value === undefined) continue;
        conditions.push(`calls.${field} = ?`);
        values.push(value);
      }
      if (filter.kind !== undefined && filter.kind !== 'all') conditions.push(KINDS[filter.kind]);
    }
    if (filter.since !== undefined || filter.until !== undefined) {
      const since = filter.since ?? Number.MIN_SAFE_INTEGER;
      const until = filter.until ?? Number.MAX_SAFE_INTEGER;
      const range = prepared<{ first: number | null; last: number | null }>(
        'SELECT min(first_seq) AS first, max(last_seq) AS last FROM call_hours WHERE hour BETWEEN ? AND ?',
      ).get(hourOf(since), hourOf(until));
      if (!range || range.first === null || range.last === null) return null;
      conditions.push(`${seq} BETWEEN ? AND ?`, 'calls.at BETWEEN ? AND ?');
      values.push(range.first, range.last, since, until);
    }
    return {
      from: match !== null ? 'call_words JOIN calls ON calls.seq = call_words.rowid' : 'calls',
      seq,
      conditions,
      values,
    };
  }

  const where = (conditions: readonly string[]): string =>
    conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;

  function rows(filter: CallFilter, order: 'ASC' | 'DESC', cursor: number | undefined, limit: number): CallRow[] {
    const selection = select(filter);
    if (!selection) return [];
    const { from, seq, values } = selection;
    const conditions = [...selection.conditions];
    if (cursor !== undefined) conditions.push(order === 'DESC' ? `${seq} < ?` : `${seq} > ?`);
    const sql = `SELECT calls.* FROM ${from}${where(conditions)} ORDER BY ${seq} ${order} LIMIT ?`;
    return prepared<CallRow>(sql).all(...values, ...(cursor === undefined ? [] : [cursor]), limit);
  }

  function count(filter: CallFilter): number {
    const selection = select(filter);
    if (!selection) return 0;
    const { conditions, values } = selection;
    // Without a time the index of words alone knows the number.
    const from = conditions.some((condition) => condition.startsWith('calls.')) ? selection.from : firstOf(selection);
    return prepared<{ n: number }>(`SELECT count(*) AS n FROM ${from}${where(conditions)}`).get(...values)?.n ?? 0;
  }

  const firstOf = (selection: Selection): string => (selection.seq === 'calls.seq' ? 'calls' : 'call_words');

  function summary(row: CallRow): CallSummary {
    return {
      id: row.id,
      seq: row.seq,
      at: row.at,
      app: row.app,
      sessionId: row.session_id,
      method: row.method,
      server: row.server,
      tool: row.tool,
      effect: row.effect,
      status: row.status === 'running' && !isRunning(row.id) ? 'interrupted' : row.status,
      code: row.code,
      durationMs: row.duration_ms,
      argumentBytes: row.argument_bytes,
      resultBytes: row.result_bytes,
      onWhat: row.on_what,
    };
  }

  function entry(seq: number): Entry | undefined {
    const row = prepared<EntryRow>('SELECT * FROM entries WHERE seq = ?').get(seq);
    return row && { ...row, callId: row.call_id, prevHash: row.prev_hash };
  }

  function detail(row: Pick<CallRow, 'seq' | 'end_seq' | 'id'>): CallDetail {
    const begun = entry(row.seq);
    const ended = row.end_seq === null ? undefined : entry(row.end_seq);
    try {
      if (!begun) throw new Error(`Entry ${row.seq} is missing.`);
      const found = detailOf(begun, ended, row.id);
      return found.status === 'running' && !isRunning(row.id) ? { ...found, status: 'interrupted' } : found;
    } catch (error) {
      throw new AuditUnavailable(
        'failed',
        `Entry ${row.seq} of the call log no longer holds a call. Run "gatehouse log verify" to see what was changed.`,
        error,
      );
    }
  }

  return {
    list(filter): CallPage {
      const limit = clamp(filter.limit, PAGE, LARGEST_PAGE);
      const found = rows(filter, 'DESC', filter.before, limit);
      const last = found.at(-1);
      return { calls: found.map(summary), nextBefore: last && found.length === limit ? last.seq : null };
    },
    counts(filter) {
      const of = (kind: NonNullable<CallFilter['kind']>): number => count({ ...filter, kind });
      return {
        all: of('all'),
        changes: of('changes'),
        refused: of('refused'),
        failed: of('failed'),
        running: of('running'),
      };
    },
    histogram(filter) {
      const width = Math.max(1, (filter.until - filter.since) / filter.buckets);
      const buckets = Array.from({ length: filter.buckets }, (_, index) => ({
        at: filter.since + index * width,
        passed: 0,
        asked: 0,
        refused: 0,
      }));
      const selection = select(filter);
      if (!selection) return buckets;
      const counted = prepared<{ bucket: number; passed: number; asked: number; refused: number }>(`
        SELECT min(CAST((calls.at - ?) / ? AS INTEGER), ?) AS bucket,
          sum(calls.status = 'refused') AS refused,
          sum(calls.status <> 'refused' AND calls.asked = 1) AS asked,
          sum(calls.status <> 'refused' AND calls.asked = 0) AS passed
        FROM ${selection.from}${where(selection.conditions)} GROUP BY 1`);
      for (const row of counted.iterate(filter.since, width, filter.buckets - 1, ...selection.values)) {
        const bucket = buckets[row.bucket];
        if (bucket) Object.assign(bucket, { passed: row.passed, asked: row.asked, refused: row.refused });
      }
      return buckets;
    },
    get(id) {
      const row = prepared<CallRow>('SELECT * FROM calls WHERE id = ? ORDER BY seq DESC LIMIT 1').get(id);
      return row && detail(row);
    },
    export(filter) {
      const limit = clamp(filter.limit, EXPORT_PAGE, LARGEST_EXPORT_PAGE);
      const found = rows(filter, 'ASC', filter.after, limit);
      const last = found.at(-1);
      return { calls: found.map(detail), nextAfter: last && found.length === limit ? last.seq : null };
    },
    usage(since) {
      const servers = new Map<string, number>();
      const apps = new Map<string, { calls: number; refused: number }>();
      const selection = select({ since });
      if (!selection) return { servers, apps };
      const grouped = prepared<{ app: string | null; server: string | null; calls: number; refused: number }>(`
        SELECT app, server, count(*) AS calls, sum(status = 'refused') AS refused
        FROM calls${where(selection.conditions)} GROUP BY app, server`);
      for (const { app, server, calls, refused } of grouped.iterate(...selection.values)) {
        if (server !== null) servers.set(server, (servers.get(server) ?? 0) + calls);
        if (app === null) continue;
        const known = apps.get(app) ?? { calls: 0, refused: 0 };
        apps.set(app, { calls: known.calls + calls, refused: known.refused + refused });
      }
      return { servers, apps };
    },
  };
}

function clamp(limit: number | undefined, usual: number, largest: number): number {
  return Math.min(Math.max(1, Math.floor(limit ?? usual)), largest);
}
