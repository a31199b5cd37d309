import { afterEach, describe, expect, it } from 'vitest';
import type { GuardPolicy } from '../../../src/main/guards/index.ts';
import { UpstreamError } from '../../../src/main/upstreams/index.ts';
import {
  type Answering,
  everything,
  memoryApprovals,
  memoryAudit,
  memoryProfiles,
  memoryUpstreams,
  promptRecord,
  resourceRecord,
  templateRecord,
  textResult,
  toolRecord,
} from '../../doubles/rooms.ts';
import {
  ask,
  call,
  modern,
  post,
  type RunningGateway,
  refusalOf,
  startGateway,
  textOf,
} from '../../fixtures/gateway.ts';
import { sampleOf } from '../../fixtures/secrets-corpus/samples.ts';

const secret = sampleOf('gitlab-token', 1).secret;
const MARK = /\[secret gitlab-token #[0-9a-f]{8}\]/;

let running: RunningGateway;
afterEach(async () => running?.[Symbol.asyncDispose]());

async function gatewayWith(guards: Partial<GuardPolicy>, answer?: Answering, settings: Record<string, unknown> = {}) {
  running = await startGateway({
    approvals: memoryApprovals([
      toolRecord('notes:search', 'read'),
      { ...toolRecord('notes:read', 'read'), labels: ['untrusted-source', 'private-source'] },
      { ...toolRecord('mail:send', 'write'), labels: ['outward-sink'] },
      promptRecord('notes', 'summary'),
      resourceRecord('notes', 'note://1'),
      templateRecord('notes', 'note://find/{words}'),
    ]),
    profiles: memoryProfiles({ ...everything, surface: 'direct', guards: { ...everything.guards, ...guards } }),
    upstreams: memoryUpstreams(answer),
    settings,
  });
  return running;
}

describe('a result', () => {
  it.each<Partial<GuardPolicy>>([{}, { secretsInResults: 'redact' }, { secretsInResults: 'block' }])(
    'without a secret passes byte for byte under %o',
    async (guards) => {
      const json =
        '{ "content":[{"type":"text","text":"a\\u0062c \\/ 1.0"}], "structuredContent":{"n":12345678901234567890} }';
      const { endpoint } = await gatewayWith(guards, () => json);
      const { body, headers } = modern('tools/call', { name: 'notes__search', arguments: {} });
      const { text } = await post(endpoint, body, headers);
      expect(text).toContain(json.slice(2, -2));
    },
  );

  it('with a secret is marked in the trail and otherwise as it was', async () => {
    const { endpoint, audit } = await gatewayWith({}, () => textResult(`key ${secret}`));
    expect(textOf(await call(endpoint, 'notes__search'))).toBe(`key ${secret}`);
    const notes = audit
      .last()
      .end?.trail.map(({ stage, note }) => `${stage}: ${note}`)
      .join('\n');
    expect(notes).toMatch(/result guard: It holds GitLab token #[0-9a-f]{8}\./);
    expect(notes).not.toContain(secret);
  });

  it('is redacted everywhere in it, its structured content and its kept pages too', async () => {
    const long = `${'word '.repeat(3_000)}${secret} end`;
    const { endpoint } = await gatewayWith(
      { secretsInResults: 'redact' },
      () => ({ ...textResult(long), structuredContent: { [secret]: [secret], n: 1 } }),
      { resultLimit: 1_000_000 },
    );
    const result = await call(endpoint, 'notes__search');
    expect(JSON.stringify(result)).not.toContain(secret);
    expect(textOf(result)).toMatch(MARK);
    expect(result.structuredContent).toMatchObject({ n: 1 });
  });

  it('is kept back with a code of its own, and the record says that the call was made', async () => {
    const { endpoint, audit, upstreams } = await gatewayWith({ secretsInResults: 'block' }, () => textResult(secret));
    const result = await call(endpoint, 'notes__search');
    expect(refusalOf(result)).toMatchObject({ code: 'secret_in_result', whoCanFix: 'person' });
    expect(JSON.stringify(result)).not.toContain(secret);
    expect(upstreams.requests).toHaveLength(1);
    expect(audit.last().end).toMatchObject({ status: 'failed', code: 'secret_in_result' });
  });

  it('that is kept for later pages is kept without its secrets', async () => {
    const { endpoint } = await gatewayWith({ secretsInResults: 'redact' }, () =>
      textResult(`${'x '.repeat(200_000)}${secret}`),
    );
    const first = textOf(await call(endpoint, 'notes__search'));
    const [, handle] = /handle: "(\w[\w-]*)"/.exec(first) ?? [];
    const last = textOf(await call(endpoint, 'read_result', { handle, offset: 399_000 }));
    expect(last).toMatch(MARK);
    expect(last).not.toContain(secret);
  });
});

describe('what a server says otherwise', () => {
  it('loses its secrets in errors', async () => {
    const { endpoint, audit } = await gatewayWith({ secretsInResults: 'redact' }, () => {
      throw new UpstreamError('upstream_error', 'failed', {
        notSent: false,
        rpcError: { code: -32000, message: `No access with ${secret}`, data: { token: secret } },
      });
    });
    const text = JSON.stringify(await call(endpoint, 'notes__search'));
    expect(text).toMatch(MARK);
    expect(text).not.toContain(secret);
    expect(JSON.stringify(audit.last().end)).not.toContain(secret);
  });

  it('loses its secrets in progress and log messages', async () => {
    const { endpoint } = await gatewayWith({ secretsInResults: 'redact' }, (_server, _request, context) => {
      context.onProgress?.({ progress: 1, message: `with ${secret}` });
      context.onLog?.({ level: 'info', data: { token: secret } });
      return textResult('done');
    });
    const { body, headers } = modern('tools/call', {
      name: 'notes__search',
      arguments: {},
      _meta: { progressToken: 'p', 'io.modelcontextprotocol/logLevel': 'debug' },
    });
    const { text } = await post(endpoint, body, headers);
    expect(text).toContain('done');
    expect(text).toMatch(MARK);
    expect(text).not.toContain(secret);
  });
});

describe('arguments', () => {
  it('are looked at in what goes along with them too', async () => {
    const { endpoint, upstreams } = await gatewayWith({ secretsInArguments: 'block' });
    const result = await ask(endpoint, 'tools/call', {
      name: 'notes__search',
      arguments: {},
      _meta: { 'com.example/extra': secret },
    });
    expect(refusalOf(result)).toMatchObject({ code: 'secret_in_arguments' });
    expect(upstreams.requests).toEqual([]);
  });

  it('go out with marks, every other byte as it was written', async () => {
    const { endpoint, upstreams } = await gatewayWith({ secretsInArguments: 'redact' });
    const { body, headers } = modern('tools/call', { name: 'notes__search', arguments: {} });
    const written = `{ "n":1.0, "big":12345678901234567890, "q":"a\\u0062 ${secret}" }`;
    await post(
      endpoint,
      JSON.stringify(body).replace('"arguments":{}', () => `"arguments":${written}`),
      headers,
    );
    const [sent] = upstreams.requests;
    expect(sent?.request.paramsJson).toMatch(
      /"arguments":\{ "n":1\.0, "big":12345678901234567890, "q":"a\\u0062 \[secret gitlab-token #[0-9a-f]{8}\]" \}/,
    );
    expect(JSON.stringify(sent?.request.params)).not.toContain(secret);
  });

  it('of prompts are redacted, and a URI that would have to change is refused', async () => {
    const { endpoint, upstreams } = await gatewayWith({ secretsInArguments: 'redact' }, () => ({ messages: [] }));
    await ask(endpoint, 'prompts/get', { name: 'notes__summary', arguments: { about: secret } });
    expect(upstreams.requests[0]?.request.paramsJson).toMatch(MARK);
    const refused = await ask(endpoint, 'resources/read', { uri: `note://find/${secret}` });
    expect(JSON.stringify(refused)).toContain('secret_in_arguments');
    expect(upstreams.requests).toHaveLength(1);
  });

  it("of Gatehouse's own tools stay here, so nobody is asked about them", async () => {
    running = await startGateway({ approvals: memoryApprovals([toolRecord('notes:search')]) });
    const result = await call(running.endpoint, 'retrieve_tools', { query: secret });
    expect(refusalOf(result)).toBeUndefined();
  });
});

describe('a flow outward', () => {
  it('counts what came from a call that failed, and ends for a caller without sessions after half an hour', async () => {
    let now = 1_000_000;
    running = await startGateway({
      approvals: memoryApprovals([
        { ...toolRecord('notes:read', 'read'), labels: ['untrusted-source', 'private-source'] },
        { ...toolRecord('mail:send', 'write'), labels: ['outward-sink'] },
      ]),
      profiles: memoryProfiles({ ...everything, surface: 'direct' }),
      upstreams: memoryUpstreams((server) =>
        server === 'notes' ? { ...textResult('no'), isError: true } : textResult('sent'),
      ),
      options: { clock: () => now },
    });
    const { endpoint, upstreams } = running;
    const sendsNow = async () => refusalOf(await call(endpoint, 'mail__send'))?.code;
    expect(await sendsNow()).toBeUndefined();
    await call(endpoint, 'notes__read');
    expect(await sendsNow()).toBe('ask_timeout');
    now += 30 * 60_000;
    expect(await sendsNow()).toBeUndefined();
    expect(upstreams.requests.filter(({ server }) => server === 'mail')).toHaveLength(2);
  });

  it('that began while the call was written to the log is asked about all the same', async () => {
    const audit = memoryAudit();
    const { beginShared } = audit;
    let release = (): void => undefined;
    const isWritten = new Promise<void>((resolve) => {
      release = resolve;
    });
    audit.beginShared = async (record) => {
      if (record.tool === 'send') await isWritten;
      return beginShared(record);
    };
    running = await startGateway({
      audit,
      approvals: memoryApprovals([
        { ...toolRecord('notes:read', 'read'), labels: ['untrusted-source', 'private-source'] },
        { ...toolRecord('mail:send', 'write'), labels: ['outward-sink'] },
      ]),
      profiles: memoryProfiles({ ...everything, surface: 'direct' }),
    });
    const { endpoint, upstreams } = running;
    const sending = call(endpoint, 'mail__send');
    await call(endpoint, 'notes__read');
    release();
    expect(refusalOf(await sending)?.code).toBe('ask_timeout');
    expect(upstreams.requests.map(({ server }) => server)).toEqual(['notes']);
  });

  it('of one app is none of another', async () => {
    const { endpoint } = await gatewayWith({});
    await call(endpoint, 'notes__read');
    expect(refusalOf(await call(endpoint, 'mail__send'))?.code).toBe('ask_timeout');
    expect(refusalOf(await call(endpoint, 'mail__send', {}, { authorization: 'Bearer token-bob' }))).toBeUndefined();
  });
});
