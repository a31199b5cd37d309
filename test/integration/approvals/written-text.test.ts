import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launchOf, listingOf, openApprovals } from '../../fixtures/approvals.ts';
import { openDatabase, type TestDatabase } from '../../fixtures/open-database.ts';

describe('the text a server wrote', () => {
  let database: TestDatabase;
  let approvals: ReturnType<typeof openApprovals>;
  const id = 'files:t';
  const listed = (...texts: string[]): string[] => {
    const tools = texts.map((text) => JSON.parse(text));
    const none = { prompts: [], resources: [], resourceTemplates: [] };
    return approvals
      .observeListing('files', listingOf(tools, { texts: { tools: texts, ...none } }))
      .map((remark) => remark.message);
  };
  const restart = () => {
    approvals[Symbol.dispose]();
    database.reopen();
    approvals = openApprovals(database);
  };
  const tool = (rest: string) => `{"name":"t","inputSchema":{"type":"object"},${rest}}`;

  beforeEach(() => {
    database = openDatabase();
    approvals = openApprovals(database);
    approvals.observeServer('files', launchOf('files@1'));
    approvals.approveServer('files', 'window');
  });
  afterEach(() => {
    approvals[Symbol.dispose]();
    database[Symbol.dispose]();
  });

  it('is what is approved, kept and served, to the letter', () => {
    const text = `{ "name" : "t",\n "inputSchema":{"type":"object"}, "_meta":{"b":9007199254740993,"a":1.0,"e":1E2,"u":"\\u00e9\\/"} }`;
    expect(listed(text)).toEqual([]);
    approvals.approve([id], 'window');
    expect(approvals.tool(id)).toMatchObject({ state: 'approved', definitionJson: text });
    restart();
    expect(approvals.tool(id)).toMatchObject({ state: 'approved', definitionJson: text });
    expect(listed(text)).toEqual([]);
    expect(approvals.tool(id)).toMatchObject({ state: 'approved', definitionJson: text });
  });

  it('written anew in another order, spacing or number form is the same definition, and served as it is now', () => {
    listed(tool('"_meta":{"a":1,"b":2}'));
    approvals.approve([id], 'window');
    const again = '{"_meta": {"b":2.0,"a":1e0}, "inputSchema":{"type":"object"}, "name":"t"}';
    listed(again);
    expect(approvals.tool(id)).toMatchObject({ state: 'approved', definitionJson: again });
    const { db } = database.storage;
    expect(db.prepare('SELECT approved_definition = definition AS same, decided_by AS by FROM tools').all()).toEqual([
      { same: 1, by: 'window' },
    ]);
    restart();
    expect(approvals.tool(id)).toMatchObject({ state: 'approved', definitionJson: again });
  });

  it('that differs only in a number beyond what a program can hold is another definition, and shows it', () => {
    listed(tool('"_meta":{"limit":9007199254740993}'));
    approvals.approve([id], 'window');
    listed(tool('"_meta":{"limit":9007199254740992}'));
    expect(approvals.tool(id)?.state).toBe('changed');
    expect(approvals.detail(id)?.diff?.fields).toMatchObject([
      { path: '/_meta/limit', before: expect.stringContaining('9007199254740993'), after: '9007199254740992' },
    ]);
    restart();
    expect(approvals.tool(id)?.state).toBe('changed');
    listed(tool('"_meta":{"limit":9007199254740993}'));
    expect(approvals.tool(id)?.state).toBe('approved');
  });

  it('keeps the fingerprint that definitions had before their text was kept', () => {
    const definition = {
      name: 't',
      inputSchema: { type: 'object' },
      description: 'Ends at 12345678901234567890 or 1e500.',
    };
    approvals.observeListing('files', listingOf([definition]));
    const before = approvals.tool(id)?.fingerprint;
    listed(JSON.stringify(definition, null, 2));
    expect(approvals.tool(id)?.fingerprint).toBe(before);
  });

  it.each([
    [
      'at the top',
      '{"name":"t","description":"Kind.","inputSchema":{"type":"object"},"description":"Evil."}',
      'description',
    ],
    ['deep inside', tool('"_meta":{"x":[{"k":1,"k":2}]}'), 'k'],
    ['written in two ways', tool('"_meta":{"k":1,"\\u006b":2}'), 'k'],
  ])('with a key twice %s is passed on with the one that counts, written anew', (_where, text, key) => {
    expect(listed(text)).toEqual([expect.stringContaining(`has "${key}" twice`)]);
    approvals.approve([id], 'window');
    expect(approvals.tool(id)?.definitionJson).toBe(JSON.stringify(JSON.parse(text)));
    restart();
    expect(approvals.tool(id)).toMatchObject({ state: 'approved', definitionJson: JSON.stringify(JSON.parse(text)) });
  });

  it('is what is looked at, not what was parsed from it elsewhere', () => {
    const none = { prompts: [], resources: [], resourceTemplates: [] };
    const texts = { tools: [tool('"description":"Written."'), '{"name":'], ...none };
    const parsed = [{ name: 't', description: 'Parsed.' }, { name: 'half' }];
    approvals.observeListing('files', listingOf(parsed, { texts }));
    expect(approvals.tools().map((one) => one.definition.description)).toEqual(['Written.']);
  });
});
