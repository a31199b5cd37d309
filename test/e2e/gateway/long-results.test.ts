/** Results too long for one answer, read to their end by a real client. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, connectAgent } from '../../fixtures/agent.ts';
import { gatehouse, type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';

/** Every kind of character: one to four bytes, surrogate pairs, joined emoji, what JSON escapes. */
const sample = 'Zeile "eins"\n\\ 日本語 😀👩‍👩‍👧 é\t|';
const megabytes = 5 * 1024 * 1024;

interface Page {
  readonly offset: number;
  readonly nextOffset: number | null;
  readonly total: number;
}

describe('A result of 5 MB', () => {
  const folder = temporaryDir();
  const text = `${sample.repeat(Math.ceil(megabytes / Buffer.byteLength(sample)))}the end`;
  const rows = Array.from({ length: 40_000 }, (_, id) => ({
    id,
    name: `row ${id}`,
    note: `${sample}${id}`,
    ok: id % 2 === 0,
  }));
  let gate: Served;
  let agent: Agent;

  beforeAll(async () => {
    const script = join(folder.path, 'large.mjs');
    writeFileSync(join(folder.path, 'text.json'), JSON.stringify({ content: [{ type: 'text', text }] }));
    const structured = { content: [{ type: 'text', text: JSON.stringify({ rows }) }], structuredContent: { rows } };
    writeFileSync(join(folder.path, 'json.json'), JSON.stringify(structured));
    writeFileSync(
      script,
      `import { readFileSync } from 'node:fs';
       import { serve, tool } from ${JSON.stringify(join(import.meta.dirname, '../../fixtures/servers/raw.mjs'))};
       serve({
         'tools/list': () => ({ tools: [tool('text', 'A long text.'), tool('json', 'Many rows.')] }),
         'tools/call': ({ name }) => JSON.parse(readFileSync(${JSON.stringify(folder.path)} + '/' + name + '.json', 'utf8')),
       });`,
    );
    gate = await serve(join(folder.path, 'data'));
    await gatehouse(gate.dataDir, 'server', 'add', 'large', '--', process.execPath, script);
    await gatehouse(gate.dataDir, 'tool', 'approve', '--all', '--server', 'large', '--effect', 'read');
    agent = await connectAgent(gate);
  });
  afterAll(async () => {
    await agent?.[Symbol.asyncDispose]();
    await gate?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** Calls a tool and reads its whole result page by page, each page as the client gets it. */
  async function readWhole(tool: string): Promise<string> {
    const first = await agent.read(tool, {});
    expect(first.text.length).toBeLessThan(25_000);
    const handle = /"?handle"?[:= ]+"?([\w-]+)/.exec(first.text)?.[1];
    if (handle === undefined) throw new Error(`No handle in: ${first.text.slice(-500)}`);
    const pages: string[] = [];
    for (let offset: number | null = 0; offset !== null; ) {
      const result = await agent.use('read_result', { handle, offset });
      const page = (result.raw._meta as Record<string, Page>)['gatehouse/page'];
      const [block] = result.raw.content as { text: string }[];
      if (!page || !block) throw new Error(`No page: ${result.text.slice(0, 500)}`);
      expect(page.offset).toBe(offset);
      expect(block.text.isWellFormed()).toBe(true);
      pages.push(block.text);
      offset = page.nextOffset;
    }
    return pages.join('');
  }

  it('of text is read without losing or doubling a character', async () => {
    const whole = await readWhole('large:text');
    expect(whole.length).toBe(text.length);
    expect(whole === text).toBe(true);
  });

  it('of JSON is read to the same value', async () => {
    const whole = await readWhole('large:json');
    expect(JSON.stringify(JSON.parse(whole)).includes(JSON.stringify(rows))).toBe(true);
  });

  it('is searched, and an offset that was found is read from there', async () => {
    const first = await agent.read('large:text', {});
    const handle = /"?handle"?[:= ]+"?([\w-]+)/.exec(first.text)?.[1];
    const found = await agent.use('read_result', { handle, search: 'the end' });
    const { offsets } = (found.raw._meta as Record<string, { offsets: number[] }>)['gatehouse/matches'] ?? {
      offsets: [],
    };
    expect(offsets).toEqual([text.length - 'the end'.length]);
    const page = await agent.use('read_result', { handle, offset: offsets[0] });
    expect(page.text).toMatch(/^the end\n/);
  });

  it("is nobody else's", async () => {
    const first = await agent.read('large:text', {});
    const handle = /"?handle"?[:= ]+"?([\w-]+)/.exec(first.text)?.[1];
    await using other = await connectAgent(gate, { app: 'other' });
    expect(await other.use('read_result', { handle })).toMatchObject({ isError: true, code: 'invalid_arguments' });
  });
});
