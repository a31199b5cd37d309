import { describe, expect, it } from 'vitest';
import { suggestLabels } from '../../../src/main/approvals/suggest-labels.ts';
import type { ToolDefinition } from '../../../src/shared/contract/index.ts';

const labelsOf = (definition: Partial<ToolDefinition>) =>
  suggestLabels('tool', { name: 'x', ...definition }).map(({ label }) => label);
const withInputs = (...names: string[]) => ({
  inputSchema: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) },
});

describe('suggested flow labels', () => {
  it.each([
    ['fetch_url', 'Fetches a page.', ['url'], ['untrusted-source', 'outward-sink']],
    ['web_search', 'Searches the web.', ['query'], ['untrusted-source']],
    ['read_text_file', 'Reads a file.', ['path'], ['private-source']],
    ['list_directory', 'Lists a directory.', ['path'], ['private-source']],
    ['search_emails', 'Searches the inbox.', ['query'], ['untrusted-source', 'private-source']],
    ['get_issue', 'Gets an issue of a repository.', ['number'], ['untrusted-source', 'private-source']],
    ['send_email', 'Sends an email.', ['to', 'body'], ['outward-sink']],
    ['slack_post_message', 'Posts a message.', ['channel', 'text'], ['outward-sink']],
    ['create_issue', 'Creates an issue.', ['title', 'body'], ['outward-sink']],
    ['create_pull_request', 'Opens a pull request.', ['title'], ['outward-sink']],
    ['execute_sql', 'Runs a query on the database.', ['sql'], ['private-source']],
    ['run_command', 'Runs a command.', ['command'], ['private-source', 'outward-sink']],
    ['get_weather', 'Gets the weather of a city.', ['city'], []],
    ['add_numbers', 'Adds two numbers.', ['a', 'b'], []],
    ['delete_file', 'Deletes a file.', ['path'], []],
    ['write_file', 'Writes a file.', ['path', 'content'], []],
  ])('of %s', (name, description, inputs, expected) => {
    const labels = labelsOf({ name, description, ...withInputs(...inputs) });
    // A tool that only reads at home may be called private once too often, never once too little.
    if (expected.length > 0) expect(labels).toEqual(expect.arrayContaining(expected));
    if (!expected.includes('outward-sink')) expect(labels).not.toContain('outward-sink');
    if (expected.length === 0) expect(labels).not.toContain('untrusted-source');
  });

  it('take a hint of the open world as a reason, never its absence', () => {
    const annotations = { openWorldHint: true };
    expect(labelsOf({ name: 'get_weather', description: 'Gets it.', annotations })).toEqual(['untrusted-source']);
    expect(labelsOf({ name: 'update_thing', description: 'Updates.', annotations })).toEqual(['outward-sink']);
    expect(
      labelsOf({
        name: 'fetch_url',
        description: 'Fetches.',
        ...withInputs('url'),
        annotations: { openWorldHint: false },
      }),
    ).toContain('outward-sink');
  });

  it('of resources follow their address, of prompts there are none', () => {
    const of = (uri: string) => suggestLabels('resource', { name: 'r', uri }).map(({ label }) => label);
    expect([of('https://acme.example/'), of('file:///etc/hosts'), of('ui://page')]).toEqual([
      ['untrusted-source'],
      ['private-source'],
      [],
    ]);
    expect(suggestLabels('prompt', { name: 'send_email' })).toEqual([]);
  });

  it('say what they rest on, in one sentence', () => {
    for (const { reason } of suggestLabels('tool', {
      name: 'fetch_url',
      description: 'Fetches.',
      ...withInputs('url'),
    })) {
      expect(reason).toMatch(/^[A-Z][^.]*\.$/);
    }
  });
});
