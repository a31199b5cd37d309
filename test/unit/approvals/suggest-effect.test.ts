import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suggestEffect } from '../../../src/main/approvals/index.ts';

const tool = (name: string, rest: object = {}) => ({ name, ...rest });

describe('the suggested effect of a tool', () => {
  it.each([
    ['get_file_contents', 'read'],
    ['listIssues', 'read'],
    ['search-code', 'read'],
    ['read_text_file', 'read'],
    ['get_order', 'read'],
    ['list_by_label', 'read'],
    ['create_pull_request', 'write'],
    ['edit_file', 'write'],
    ['browser_click', 'write'],
    ['get_or_create_user', 'write'],
    ['delete_repository', 'destructive'],
    ['dropTable', 'destructive'],
    ['execute_sql', 'destructive'],
    ['kill_process', 'destructive'],
    ['run_command', 'destructive'],
    ['get_and_delete_message', 'destructive'],
    ['frobnicate', 'write'],
  ] as const)('takes %s for a %s', (name, effect) => {
    expect(suggestEffect(tool(name)).effect).toBe(effect);
  });

  it.each([
    ['weather', 'Get the weather for a city.', 'read'],
    ['notes', 'Creates a note.', 'write'],
    ['cleanup', 'Deletes every file in the folder.', 'destructive'],
    ['edit_file', 'Use this instead of delete_file.', 'write'],
    ['get_report', 'Get a report. Removes old ones afterwards. Deletes them.', 'destructive'],
  ] as const)('reads the verbs that begin sentences: %s, "%s"', (name, description, effect) => {
    expect(suggestEffect(tool(name, { description })).effect).toBe(effect);
  });

  it('takes a destructive hint at its word', () => {
    expect(suggestEffect(tool('get_page', { annotations: { destructiveHint: true } })).effect).toBe('destructive');
  });

  it('does not take a read-only hint on a tool whose words say nothing', () => {
    const suggestion = suggestEffect(tool('frobnicate', { annotations: { readOnlyHint: true } }));
    expect(suggestion).toEqual({
      effect: 'write',
      reason: 'The server says that it only reads, but neither its name nor its description says so.',
    });
  });

  it('never lets annotations lower what the name says', () => {
    const risk = { read: 0, write: 1, destructive: 2 };
    const annotations = fc.record(
      { readOnlyHint: fc.boolean(), destructiveHint: fc.boolean(), idempotentHint: fc.boolean() },
      { requiredKeys: [] },
    );
    const names = fc.constantFrom('delete_file', 'create_issue', 'get_user', 'purgeCache', 'send_mail', 'list_files');
    fc.assert(
      fc.property(names, annotations, (name, hints) => {
        const plain = suggestEffect(tool(name)).effect;
        expect(risk[suggestEffect(tool(name, { annotations: hints })).effect]).toBeGreaterThanOrEqual(risk[plain]);
      }),
    );
  });

  it('does not take a tool that accepts SQL for a read because of its name alone', () => {
    const inputSchema = { type: 'object', properties: { sql: { type: 'string' } } };
    expect(suggestEffect(tool('query', { inputSchema })).effect).toBe('write');
    expect(suggestEffect(tool('query', { inputSchema, annotations: { readOnlyHint: true } })).effect).toBe('read');
  });
});
