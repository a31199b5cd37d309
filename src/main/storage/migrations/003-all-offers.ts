import type { Migration } from '../migrations.ts';

export const allOffers: Migration = {
  name: 'all offers',
  sql: `
    -- Prompts, resources and resource templates are kept and decided about as tools are. The rows there were are tools.
    CREATE TABLE offers (
      server TEXT NOT NULL REFERENCES servers (name) ON DELETE CASCADE,
      kind TEXT NOT NULL CHECK (kind IN ('tool', 'prompt', 'resource', 'template')),
      -- A tool's or prompt's name, a resource's URI, a template's URI template.
      name TEXT NOT NULL,
      definition TEXT NOT NULL,
      -- 1 while the server's last listing had it; a vanished offer keeps its decision.
      present INTEGER NOT NULL,
      -- 1 while the server lists two of this kind and name.
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
      PRIMARY KEY (server, kind, name)
    ) STRICT;
    INSERT INTO offers SELECT server, 'tool', name, definition, present, ambiguous, position, decision,
      approved_fingerprint, approved_definition, effect, decided_at, decided_by, seal, first_seen_at, changed_at,
      refused_since_held FROM tools;
    DROP TABLE tools;
    ALTER TABLE offers RENAME TO tools;

    -- Null: the decision is about the server itself.
    ALTER TABLE decisions ADD COLUMN kind TEXT CHECK (kind IN ('tool', 'prompt', 'resource', 'template'));
    UPDATE decisions SET kind = 'tool' WHERE tool IS NOT NULL;
    DROP INDEX decisions_of_tool;
    CREATE INDEX decisions_of_offer ON decisions (server, kind, tool, id);

    -- The instructions a person approved. baseline_seen and baseline_instructions are what was seen first under an
    -- approval and read by nobody: they are only needed to check seals made then.
    ALTER TABLE servers ADD COLUMN approved_instructions TEXT;
  `,
};
