import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forwardWithToken, type TokenForwarder } from '../../conformance/token-forwarder.ts';
import { until } from '../../fixtures/until.ts';

describe('The forwarder that adds a token for the conformance suite', () => {
  let target: Server;
  let port: number;
  let forwarder: TokenForwarder;
  let answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void;

  beforeEach(async () => {
    target = createServer((incoming, outgoing) => answer(incoming, outgoing));
    await new Promise<void>((ready) => target.listen(0, '127.0.0.1', ready));
    const address = target.address();
    if (address === null || typeof address === 'string') throw new Error('No port.');
    port = address.port;
    forwarder = await forwardWithToken(`http://127.0.0.1:${port}/mcp/servers/x`, 'secret');
  });
  afterEach(async () => {
    await forwarder[Symbol.asyncDispose]();
    target.closeAllConnections();
    target.close();
  });

  /** Answers with the request as it arrived. */
  const reflect = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method, url, headers } = incoming;
    outgoing
      .setHeader('x-own', 'kept')
      .writeHead(207)
      .end(JSON.stringify({ method, url, headers, body: await text(incoming) }));
  };

  /** Node's fetch cannot choose a Host header. */
  const arrivedWith = (headers: Record<string, string>) =>
    new Promise<Record<string, string>>((done, fail) => {
      request(forwarder.url, { headers }, async (response) => done(JSON.parse(await text(response)).headers))
        .once('error', fail)
        .end();
    });

  it('passes method, path, headers, body and status as they are and adds the token', async () => {
    answer = reflect;
    const response = await fetch(forwarder.url, {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'Mcp-Name': '=?base64?eA==?=' },
    });
    expect([response.status, response.headers.get('x-own')]).toEqual([207, 'kept']);
    expect(await response.json()).toMatchObject({
      method: 'POST',
      url: '/mcp/servers/x',
      body: '{"a":1}',
      headers: { authorization: 'Bearer secret', 'mcp-name': '=?base64?eA==?=', host: `localhost:${port}` },
    });
  });

  it.each(['evil.example.com', 'evil.example.com:80', 'localhost.evil.example.com'])(
    'leaves the foreign host %s and its origin for the gateway to refuse',
    async (host) => {
      answer = reflect;
      expect(await arrivedWith({ host, origin: `http://${host}` })).toMatchObject({ host, origin: `http://${host}` });
    },
  );

  it('passes each part of a streamed answer when it comes, not at the end', async () => {
    let finish = () => {};
    answer = (_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.write('data: first\n\n');
      finish = () => outgoing.end('data: last\n\n');
    };
    const response = await fetch(forwarder.url);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('data: first\n\n');
    finish();
    expect((await reader?.read())?.value).toBe('data: last\n\n');
  });

  it('lets the gateway see that a client left in the middle of an answer', async () => {
    let isGone = false;
    answer = (_incoming, outgoing) => {
      outgoing.once('close', () => {
        isGone = true;
      });
      outgoing.writeHead(200).write('x');
    };
    const leaving = new AbortController();
    await fetch(forwarder.url, { signal: leaving.signal });
    expect(isGone).toBe(false);
    leaving.abort();
    await until(() => isGone, { what: 'The target sees the client leave' });
  });
});
