import type { Migration } from '../migrations.ts';

export const firstTables: Migration = {
  name: 'first tables',
  sql: `
    -- What may be used. State is never stored: it follows from the decision, the fingerprints and the seal.
    CREATE TABLE servers (
      name TEXT PRIMARY KEY,
      launch TEXT NOT NULL,
      decision TEXT CHECK (decision IN ('approved', 'blocked')),
      approved_launch TEXT,
      -- The instructions first seen under the approval; later text that differs holds the server.
      baseline_seen INTEGER NOT NULL DEFAULT 0,
      baseline_instructions TEXT,
      decided_at INTEGER,
      decided_by TEXT,
      seal TEXT,
      added_at INTEGER NOT NULL,
      listed_at INTEGER,
      listing TEXT
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE tools (
      server TEXT NOT NULL REFERENCES servers (name) ON DELETE CASCADE,
      name TEXT NOT NULL,
      definition TEXT NOT NULL,
      -- 1 while the server's last listing had it; a vanished tool keeps its decision.
      present INTEGER NOT NULL,
      -- 1 while the server lists two tools of this name.
      ambiguous INTEGER NOT NULL DEFAULT 0,
      position INTEGER NOT NULL,
      decision TEXT CHECK (decision IN ('approved', 'blocked')),
      approved_fingerprint TEXT,
      approved_definition TEXT,
      effect TEXT CHECK (effect IN ('read', 'write', 'destructive')),
      decided_at INTEGER,
      decided_by TEXT,
      seal TEXT,
      first_seen_at INTEGER NOT NULL,
      changed_at INTEGER,
      refused_since_held INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (server, name)
    ) STRICT;

    CREATE TABLE decisions (
      id INTEGER PRIMARY KEY,
      server TEXT NOT NULL,
      -- Null: the decision is about the server's launch.
      tool TEXT,
      at INTEGER NOT NULL,
      by TEXT NOT NULL,
      decision TEXT NOT NULL CHECK (decision IN ('approved', 'blocked', 'seen', 'changed', 'removed')),
      effect TEXT,
      fingerprint TEXT NOT NULL
    ) STRICT;
    CREATE INDEX decisions_of_tool ON decisions (server, tool, id);

    CREATE TABLE apps (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      profile TEXT NOT NULL,
      token_hash TEXT NOT NULL UNIQUE,
      token_hint TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      last_used_at INTEGER,
      revoked_at INTEGER,
      client TEXT
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE sessions (
      id TEXT PRIMARY KEY,
      app_id TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
      era TEXT NOT NULL CHECK (era IN ('modern', 'legacy')),
      client TEXT,
      protocol TEXT,
      started_at INTEGER NOT NULL,
      last_seen_at INTEGER NOT NULL,
      ended_at INTEGER
    ) STRICT, WITHOUT ROWID;

    -- Small things that survive a restart, such as the gate: one JSON value a name.
    CREATE TABLE kept_state (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

    -- The call log. entries is the truth: append only, each row chained to the one before by its hash.
    CREATE TABLE entries (
      seq INTEGER PRIMARY KEY,
      at REAL NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN ('begin', 'end', 'note')),
      call_id TEXT,
      -- Canonical JSON of the facts the list of calls is made from.
      body TEXT NOT NULL,
      -- Decision trail on the first line, then arguments (begin) or result (end).
      payload TEXT NOT NULL,
      prev_hash TEXT NOT NULL,
      hash TEXT NOT NULL
    ) STRICT;

    -- Where the chain ends. Moves in the same statement as the append, so a cut-off tail shows.
    CREATE TABLE log_head (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      seq INTEGER NOT NULL,
      hash TEXT NOT NULL
    ) STRICT;
    INSERT INTO log_head VALUES (1, 0, hex(zeroblob(32)));
    CREATE TRIGGER entries_move_head AFTER INSERT ON entries BEGIN
      UPDATE log_head SET seq = NEW.seq, hash = NEW.hash WHERE one = 1;
    END;

    -- A picture of entries for fast lists, brought up to date in batches; it can always be made again from entries.
    CREATE TABLE calls (
      -- Seq of the begin entry.
      seq INTEGER PRIMARY KEY,
      end_seq INTEGER,
      id TEXT NOT NULL,
      at REAL NOT NULL,
      app TEXT,
      session_id TEXT,
      method TEXT NOT NULL,
      server TEXT,
      tool TEXT,
      effect TEXT,
      status TEXT NOT NULL,
      code TEXT,
      duration_ms REAL,
      argument_bytes INTEGER NOT NULL,
      result_bytes INTEGER,
      on_what TEXT NOT NULL,
      -- 1 when a person was asked.
      asked INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX calls_by_id ON calls (id);
    CREATE INDEX calls_by_app ON calls (app);
    CREATE INDEX calls_by_server ON calls (server);
    CREATE INDEX calls_by_tool ON calls (tool);
    CREATE INDEX calls_that_change ON calls (seq) WHERE effect IN ('write', 'destructive');
    CREATE INDEX calls_refused ON calls (seq) WHERE status = 'refused';
    CREATE INDEX calls_failed ON calls (seq) WHERE status IN ('failed', 'interrupted');
    CREATE INDEX calls_running ON calls (seq) WHERE status = 'running';

    -- Which seqs the calls of an hour have: turns a time range into a seq range even when the clock was set back.
    CREATE TABLE call_hours (
      hour INTEGER PRIMARY KEY,
      first_seq INTEGER NOT NULL,
      last_seq INTEGER NOT NULL
    ) STRICT;

    CREATE VIRTUAL TABLE call_words USING fts5 (
      words, content = '', contentless_delete = 1, detail = none, tokenize = 'unicode61 remove_diacritics 2'
    );

    -- Entries up to here are in calls and call_words.
    CREATE TABLE log_projection (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL) STRICT;
    INSERT INTO log_projection VALUES (1, 0);
  `,
};
