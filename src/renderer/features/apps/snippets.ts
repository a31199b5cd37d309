export type SnippetKind = 'claude-code' | 'vs-code' | 'other';

/** What to paste where. A command is shown argument by argument, a file entry as text. */
export type Snippet = { where: string } & ({ argv: string[] } | { text: string });

const entry = (value: unknown): string => JSON.stringify(value, null, 2);

/** Ready-to-paste connections; every one carries the app's own token. */
export function snippetOf(kind: SnippetKind, endpoint: string, token: string): Snippet {
  const headers = { Authorization: `Bearer ${token}` };
  switch (kind) {
    case 'claude-code':
      return {
        where: 'Run this in a terminal. It adds Gatehouse for all your projects.',
        argv: [
          'claude',
          'mcp',
          'add',
          '--scope',
          'user',
          '--transport',
          'http',
          'gatehouse',
          endpoint,
          '--header',
          `Authorization: Bearer ${token}`,
        ],
      };
    case 'vs-code':
      return {
        where: 'Put this into mcp.json. The command “MCP: Open User Configuration” opens it.',
        text: entry({ servers: { gatehouse: { type: 'http', url: endpoint, headers } } }),
      };
    case 'other':
      return {
        where: 'Put this into the config file of your app. Most apps call the part mcpServers.',
        text: entry({ mcpServers: { gatehouse: { type: 'http', url: endpoint, headers } } }),
      };
  }
}

/** The tab that fits an app's name. */
export function likelySnippet(appName: string): SnippetKind {
  if (/claude\s*code/i.test(appName)) return 'claude-code';
  return /vs\s*code|visual studio|copilot/i.test(appName) ? 'vs-code' : 'other';
}
