/** Nothing is lost on the wire: what a raw server writes arrives byte for byte, apart from the rules in docs/protocol.md. */
import { join } from 'node:path';
import { elementsOf, memberText, withMember } from '@shared/json-text.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatehouse, type Served, type Started, serve, start, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import * as texts from '../../fixtures/transparent/texts.ts';
import { until } from '../../fixtures/until.ts';

const program = join(import.meta.dirname, '../../fixtures/transparent/server.ts');
const upstreams = [
  ['http', 'modern'],
  ['http', 'legacy'],
  ['stdio', 'modern'],
  ['stdio', 'legacy'],
] as const;
const downstreams = ['modern', 'legacy'] as const;

const envelope =
  '"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"raw","version":"1"}';

/** A raw client of one era: gives the text of the `result` or `error` member. */
class RawClient {
  readonly #url: string;
  readonly #token: string;
  readonly #era: 'modern' | 'legacy';
  #session: string | undefined;

  constructor(url: string, token: string, era: 'modern' | 'legacy') {
    this.#url = url;
    this.#token = token;
    this.#era = era;
  }

  async #post(method: string, body: string, name?: string): Promise<Response> {
    return fetch(this.#url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.#token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(this.#era === 'modern' && { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method }),
        ...(this.#era === 'modern' && name !== undefined && { 'mcp-name': name }),
        ...(this.#session !== undefined && { 'mcp-session-id': this.#session }),
      },
      body,
    });
  }

  async open(): Promise<string> {
    if (this.#era === 'modern') return this.ask('server/discover', '{}');
    const params = '{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}';
    const response = await this.#post('', `{"jsonrpc":"2.0","id":0,"method":"initialize","params":${params}}`);
    this.#session = response.headers.get('mcp-session-id') ?? '';
    return memberText(await response.text(), 'result') ?? '';
  }

  /** `params` as text without `_meta`; `meta` are more members of it, as text. */
  async ask(method: string, params: string, options: { readonly name?: string; readonly meta?: string } = {}) {
    const own = this.#era === 'modern' ? envelope : '';
    const members = [own, options.meta ?? ''].filter((part) => part !== '').join(',');
    const given = members === '' ? params : withMember(params, '_meta', `{${members}}`);
    const response = await this.#post(
      method,
      `{"jsonrpc":"2.0","id":"q","method":"${method}","params":${given}}`,
      options.name,
    );
    const text = await response.text();
    const answer = memberText(text, 'result') ?? memberText(text, 'error');
    if (answer === undefined) throw new Error(`No answer in ${text}`);
    return answer;
  }
}

describe.each(upstreams)('A raw server over %s that speaks the %s era', (transport, upstreamEra) => {
  const folder = temporaryDir();
  let gate: Served;
  let server: Started | undefined;
  let token: string;

  beforeAll(async () => {
    gate = await serve(folder.path);
    if (transport === 'http') {
      server = await start([program, 'http', upstreamEra]);
      await gatehouse(folder.path, 'server', 'add', 'odd', '--url', server.line);
    } else {
      await gatehouse(folder.path, 'server', 'add', 'odd', '--', process.execPath, program, 'stdio', upstreamEra);
    }
    await until(async () => {
      const tools = (await gatehouse(folder.path, 'tool', 'list', '--server', 'odd')) as unknown[];
      return tools.length === 2;
    });
    await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', 'odd', '--effect', 'read');
    // What the scanner takes seriously is left out of a bulk approval; its odd schema is on purpose.
    await gatehouse(folder.path, 'tool', 'approve', 'odd:received', '--effect', 'read');
    ({ token } = (await gatehouse(folder.path, 'app', 'token', 'raw')) as { token: string });
  });
  afterAll(async () => {
    await gate?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  describe.each(downstreams)('for an app of the %s era', (era) => {
    let client: RawClient;
    let opened: string;
    /** The result as the server wrote it, with the one member the stateless revision adds and a gateway must. */
    const expected = (written: string): string => {
      const type = '"resultType":"complete",';
      const hasType = upstreamEra === 'modern' || era === 'modern';
      return hasType ? `{${type}${written.trimStart().slice(1)}` : written;
    };

    beforeAll(async () => {
      client = new RawClient(`${gate.endpoint}/servers/odd`, token, era);
      opened = await client.open();
    });

    it('passes on the instructions a person approved', () => {
      expect(memberText(opened, 'instructions')).toBe(JSON.stringify(texts.instructions));
    });

    it('lists every definition as the server wrote it', async () => {
      const listed = async (method: string, field: string) =>
        elementsOf(memberText(await client.ask(method, '{}'), field) ?? '');
      expect(await listed('tools/list', 'tools')).toEqual([texts.tools.received, texts.tools.answers]);
      expect(await listed('prompts/list', 'prompts')).toEqual([texts.prompt]);
      expect(await listed('resources/list', 'resources')).toEqual([texts.resource]);
      expect(await listed('resources/templates/list', 'resourceTemplates')).toEqual([texts.template]);
    });

    it.each(Object.keys(texts.results) as texts.ResultName[])('passes on the result %s as written', async (which) => {
      const answer = await client.ask('tools/call', `{"name":"answers","arguments":{"which":"${which}"}}`, {
        name: 'answers',
      });
      expect(answer).toBe(expected(texts.results[which]));
    });

    it('passes on what prompts/get and resources/read give', async () => {
      const prompt = await client.ask('prompts/get', '{"name":"odd-prompt"}', { name: 'odd-prompt' });
      expect(prompt).toBe(expected(texts.promptResult));
      const read = await client.ask('resources/read', '{"uri":"odd://thing"}', { name: 'odd://thing' });
      expect(read).toBe(expected(texts.resourceResult));
    });

    it("passes on the server's own errors", async () => {
      const answer = await client.ask('tools/call', '{"name":"answers","arguments":{"which":"error"}}', {
        name: 'answers',
      });
      expect(answer).toBe(texts.error);
    });

    it('hands arguments, unknown parameters and _meta to the server as the app wrote them', async () => {
      const params = `{"name":"received","x-more":[1.0,12345678901234567890],"arguments":${texts.args}}`;
      const meta = `"example.com/odd":{ "n":12345678901234567890 },"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","baggage":"a=1"`;
      const answer = await client.ask('tools/call', params, { name: 'received', meta });
      const content = elementsOf(memberText(answer, 'content') ?? '')[0] ?? '';
      const received = String(JSON.parse(memberText(content, 'text') ?? '""'));
      expect(memberText(received, 'arguments')).toBe(texts.args);
      expect(memberText(received, 'x-more')).toBe('[1.0,12345678901234567890]');
      const receivedMeta = memberText(received, '_meta') ?? '';
      expect(memberText(receivedMeta, 'example.com/odd')).toBe('{ "n":12345678901234567890 }');
      expect(memberText(receivedMeta, 'traceparent')).toBe('"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"');
      expect(memberText(receivedMeta, 'baggage')).toBe('"a=1"');
    });
  });
});
