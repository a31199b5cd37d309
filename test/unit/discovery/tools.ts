import type { IndexedTool } from '../../../src/main/discovery/index.ts';
import { type PreparedTool, prepareTool } from '../../../src/main/discovery/prepared-tool.ts';
import { toolTextOf } from '../../../src/main/discovery/tool-text.ts';

/** A tool with sensible defaults: `tool('github:create_issue', 'Creates an issue.')`. */
export function tool(id: string, description = '', extra: Partial<IndexedTool> = {}): IndexedTool {
  const [server = '', ...name] = id.split(':');
  return { id, server, name: name.join(':'), title: null, description, inputSchema: null, effect: 'read', ...extra };
}

export function prepared(...tools: readonly IndexedTool[]): PreparedTool[] {
  return tools.flatMap((each) => {
    const text = toolTextOf(each);
    return text === undefined ? [] : [prepareTool(text)];
  });
}

/** A small mixed fleet. */
export const fleet: readonly IndexedTool[] = [
  tool('github:create_issue', 'Create a new issue in a GitHub repository.', { effect: 'write' }),
  tool('github:list_issues', 'List issues in a repository, newest first.'),
  tool('github:merge_pull_request', 'Merge a pull request.', { effect: 'destructive' }),
  tool('jira:createIssue', 'Creates a ticket in a project.', { effect: 'write' }),
  tool('files:read_text_file', 'Reads the whole content of a text file.', {
    inputSchema: { type: 'object', properties: { path: { type: 'string', description: 'Where the file is' } } },
  }),
  tool('files:delete_file', 'Removes a file for good.', { effect: 'destructive' }),
  tool('weather:get_forecast', 'Tells the weather of the coming days for a city.'),
  tool('s3:listBuckets2', 'Shows all buckets of the account.'),
];
