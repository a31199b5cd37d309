import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FlowLabel } from '../../../src/shared/words.ts';
import { launchOf, listingOf, openApprovals, readFile } from '../../fixtures/approvals.ts';
import { openDatabase, type TestDatabase } from '../../fixtures/open-database.ts';

const id = 'files:read_file';
const sendMail = {
  name: 'update_page',
  description: 'Updates a page.',
  inputSchema: { type: 'object' },
  annotations: { openWorldHint: true },
};

describe('flow labels', () => {
  let database: TestDatabase;
  const open = () => openApprovals(database);
  const restarted = () => {
    database.reopen();
    return open();
  };

  beforeEach(() => {
    database = openDatabase();
    const approvals = open();
    approvals.observeServer('files', launchOf('files@1'));
    approvals.approveServer('files', 'window');
    approvals.observeListing('files', listingOf([readFile, sendMail]));
    approvals[Symbol.dispose]();
  });
  afterEach(() => database[Symbol.dispose]());

  it('are the suggestions until a person chooses, also after a restart', () => {
    const approvals = open();
    approvals.approve([id], 'window', { effect: 'read' });
    expect(approvals.tool(id)?.labels).toEqual(['private-source']);
    expect(approvals.detail(id)).toMatchObject({
      labels: null,
      suggestedLabels: [{ label: 'private-source', reason: expect.any(String) }],
    });
    expect(restarted().tool(id)).toMatchObject({ state: 'approved', labels: ['private-source'] });
  });

  it.each<[string, FlowLabel[], FlowLabel[]]>([
    ['chosen', ['outward-sink', 'untrusted-source', 'outward-sink'], ['untrusted-source', 'outward-sink']],
    ['none', [], []],
  ])('are what a person chose: %s, each once, and in the record of the decision', (_what, chosen, kept) => {
    const approvals = open();
    approvals.approve([id], 'window', { effect: 'read', labels: chosen });
    expect(approvals.tool(id)?.labels).toEqual(kept);
    expect(approvals.notes.at(-1)).toMatchObject({ action: 'tool.approved', facts: { labels: kept } });
    expect(restarted().tool(id)).toMatchObject({ state: 'approved', labels: kept });
    expect(database.warnings).toEqual([]);
  });

  it('are kept by an approval that says nothing about them, and can be changed alone', () => {
    const approvals = open();
    approvals.approve([id], 'window', { effect: 'read', labels: ['outward-sink'] });
    approvals.approve([id], 'window', { effect: 'write' });
    expect(approvals.tool(id)).toMatchObject({ effect: 'write', labels: ['outward-sink'] });
    approvals.approve([id], 'window', { effect: 'write', labels: [] });
    expect(approvals.tool(id)).toMatchObject({ effect: 'write', labels: [] });
  });

  it('that rest on the tool writing do not count when it was approved as reading', () => {
    const approvals = open();
    approvals.approve(['files:update_page'], 'window', { effect: 'write' });
    expect(approvals.tool('files:update_page')?.labels).toContain('outward-sink');
    approvals.approve(['files:update_page'], 'window', { effect: 'read' });
    expect(approvals.tool('files:update_page')?.labels).not.toContain('outward-sink');
  });

  it.each([
    ['taken away', 'UPDATE tools SET labels = NULL'],
    ['emptied', `UPDATE tools SET labels = ''`],
    ['changed', `UPDATE tools SET labels = 'outward-sink'`],
    ['added to', `UPDATE tools SET labels = labels || ',outward-sink'`],
  ])('that another program has %s make the tool not approved, and that is said', (_what, sql) => {
    const approvals = open();
    approvals.approve([id], 'window', { effect: 'read', labels: ['private-source'] });
    approvals[Symbol.dispose]();
    database.storage.db.exec(sql);
    expect(restarted().tool(id)?.state).toBe('changed');
    expect(database.warnings.map(({ message }) => message)).toEqual([
      'Seal broken: the stored decision about a tool was changed',
    ]);
  });

  it('put where a person chose none break the seal as well', () => {
    const approvals = open();
    approvals.approve([id], 'window', { effect: 'read' });
    approvals[Symbol.dispose]();
    database.storage.db.exec(`UPDATE tools SET labels = ''`);
    expect(restarted().tool(id)?.state).toBe('changed');
  });
});
