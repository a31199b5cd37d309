/** DESIGN §9: what the agent menu and a 10-tool answer cost, counted with a real tokenizer (o200k). */
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { connectAgent } from '../fixtures/agent.ts';
import { gatehouse, serve, temporaryDir } from '../fixtures/gatehouse-process.ts';
import { type NpmServer, npmServer } from '../fixtures/npm-servers.ts';
import { boundRow, type Row } from './budget-table.ts';
import { median } from './statistics.ts';

const servers: NpmServer[] = ['everything', 'memory', 'thinking', 'context7', 'airbnb', 'excel', 'chart'];
const queries = ['draw a chart', 'read a file', 'search for knowledge', 'list entities', 'create something new'];

export async function benchAgentTokens(): Promise<Row[]> {
  using folder = temporaryDir();
  await using gate = await serve(folder.path);
  for (const name of servers) {
    await gatehouse(folder.path, 'server', 'add', name, '--', ...npmServer(name));
    await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', name);
  }
  await using agent = await connectAgent(gate);
  const { tools } = await agent.client.listTools();
  const answers: number[] = [];
  for (const query of queries) {
    const { text } = await agent.use('retrieve_tools', { query, limit: 10 });
    answers.push(countTokens(text));
  }
  return [
    boundRow('agent menu in discover mode', countTokens(JSON.stringify(tools)), 'tokens', 1_200),
    boundRow('a 10-tool answer', median(answers), 'tokens', 900),
  ];
}
