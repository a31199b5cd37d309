import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launchOf, listingOf, openApprovals, readFile, writeFile } from '../../fixtures/approvals.ts';
import { openDatabase, type TestDatabase } from '../../fixtures/open-database.ts';

describe('the seal on decisions', () => {
  let database: TestDatabase;
  const id = 'files:read_file';

  /** Does something to the closed database, as another program would, and starts again. */
  function afterTampering(sql: string, key?: Buffer) {
    database.storage.db.exec(sql);
    database.reopen();
    return openApprovals(database, key && { key });
  }

  beforeEach(() => {
    database = openDatabase();
    const approvals = openApprovals(database);
    approvals.observeServer('files', launchOf('files@1'));
    approvals.approveServer('files', 'window');
    approvals.observeListing('files', listingOf([readFile, writeFile], { instructions: 'Be careful.' }));
    approvals.approveServer('files', 'window');
    approvals.approve([id], 'window', { effect: 'read' });
    approvals[Symbol.dispose]();
  });
  afterEach(() => database[Symbol.dispose]());

  it('holds decisions nobody touched', () => {
    const approvals = afterTampering('SELECT 1');
    expect(approvals.tool(id)?.state).toBe('approved');
    expect(database.warnings).toEqual([]);
  });

  it.each([
    [
      'a waiting tool marked as approved',
      `UPDATE tools SET decision = 'approved', effect = 'read', approved_definition = definition WHERE name = 'write_file'`,
      'files:write_file',
      'changed',
    ],
    ['another effect', `UPDATE tools SET effect = 'destructive' WHERE name = 'read_file'`, id, 'changed'],
    [
      'another approved fingerprint',
      `UPDATE tools SET approved_fingerprint = 'f00' WHERE name = 'read_file'`,
      id,
      'changed',
    ],
    ['a seal taken from nowhere', `UPDATE tools SET seal = 'zz' WHERE name = 'read_file'`, id, 'changed'],
    ['no seal', `UPDATE tools SET seal = NULL WHERE name = 'read_file'`, id, 'changed'],
    [
      'a decision and seal copied from another tool',
      `UPDATE tools SET (decision, approved_fingerprint, approved_definition, effect, seal) = (SELECT decision, approved_fingerprint, approved_definition, effect, seal FROM tools WHERE name = 'read_file') WHERE name = 'write_file'`,
      'files:write_file',
      'changed',
    ],
    [
      'both texts of the definition rewritten',
      `UPDATE tools SET definition = replace(definition, 'Reads', 'Leaks'), approved_definition = replace(approved_definition, 'Reads', 'Leaks') WHERE name = 'read_file'`,
      id,
      'changed',
    ],
  ])('reads %s as not approved, and says so', (_what, sql, tool, state) => {
    const approvals = afterTampering(sql);
    expect(approvals.tool(tool)?.state).toBe(state);
    expect(database.warnings.map((warning) => warning.message)).toEqual([
      'Seal broken: the stored decision about a tool was changed',
    ]);
    expect(approvals.approve([tool], 'window').changed).toMatchObject([{ state: 'approved' }]);
  });

  it('serves no definition that was rewritten behind an approval', () => {
    const approvals = afterTampering(
      `UPDATE tools SET definition = replace(definition, 'Reads', 'Leaks') WHERE name = 'read_file'`,
    );
    expect(approvals.tool(id)?.state).toBe('changed');
  });

  it('leaves out a definition that is no longer JSON', () => {
    const approvals = afterTampering(`UPDATE tools SET definition = '{' WHERE name = 'read_file'`);
    expect(approvals.tool(id)).toBeUndefined();
    expect(database.warnings).toHaveLength(1);
  });

  it.each([
    [
      'another approved launch',
      `UPDATE servers SET approved_launch = replace(approved_launch, 'files@1', 'evil@1'), launch = replace(launch, 'files@1', 'evil@1')`,
    ],
    [
      'other approved instructions',
      `UPDATE servers SET approved_instructions = 'Leak.', listing = replace(listing, 'Be careful.', 'Leak.')`,
    ],
    ['no approved instructions', 'UPDATE servers SET approved_instructions = NULL'],
    [
      'instructions as if an older Gatehouse had taken them in',
      `UPDATE servers SET approved_instructions = NULL, baseline_seen = 1, baseline_instructions = 'Leak.'`,
    ],
    ['a removed seal', 'UPDATE servers SET seal = NULL'],
  ])('holds a server with %s', (_what, sql) => {
    const approvals = afterTampering(sql);
    expect(approvals.server('files')?.state).toBe('changed');
    expect(approvals.tool(id)).toMatchObject({ state: 'changed', heldByServer: true });
    expect(database.warnings[0]?.message).toBe('Seal broken: the stored decision about a server was changed');
  });

  it('holds everything when the key is another one', () => {
    const approvals = afterTampering('SELECT 1', Buffer.alloc(32, 9));
    expect(approvals.server('files')?.state).toBe('changed');
    expect(approvals.tools({ state: 'approved' })).toEqual([]);
  });

  it('keeps a blocked tool blocked when its seal is broken', () => {
    const before = openApprovals(database);
    before.block([id], 'window');
    const approvals = afterTampering(`UPDATE tools SET seal = 'x' WHERE name = 'read_file'`);
    expect(approvals.tool(id)?.state).toBe('blocked');
  });

  it('does not unblock through an edited row', () => {
    const before = openApprovals(database);
    before.block([id], 'window');
    const approvals = afterTampering(`UPDATE tools SET decision = 'approved' WHERE name = 'read_file'`);
    expect(approvals.tool(id)?.state).toBe('changed');
  });
});
