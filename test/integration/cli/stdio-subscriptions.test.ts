/** `subscriptions/listen` through the bridge, against a scripted gateway that ends, dies and comes back. */
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { until } from '../../fixtures/until.ts';
import { BridgeUnderTest, modern, notification, ScriptedGateway, stream } from './stdio-scripted-gateway.ts';

let dir: ReturnType<typeof temporaryDir>;
let dataDir: string;
let bridge: BridgeUnderTest;
beforeEach(() => {
  dir = temporaryDir();
  dataDir = join(dir.path, 'data');
  bridge = new BridgeUnderTest(dataDir);
});
afterEach(async () => {
  await bridge[Symbol.asyncDispose]();
  dir[Symbol.dispose]();
});

const filter = { toolsListChanged: true, resourceSubscriptions: ['file:///a'] };
const listen = (id: string, notifications: object = filter) => modern(id, 'subscriptions/listen', { notifications });
const tagged = (id: string, method: string, params: object = {}) =>
  notification(method, { ...params, _meta: { 'io.modelcontextprotocol/subscriptionId': id } });
const ack = (id: string, notifications: object = filter) =>
  tagged(id, 'notifications/subscriptions/acknowledged', { notifications });
const end = (id: string) => `{"jsonrpc":"2.0","id":"${id}","result":{"resultType":"complete"}}`;

/** Acknowledges every listen and keeps its stream. */
async function listening(): Promise<{ gateway: ScriptedGateway; streams: Map<string, ServerResponse> }> {
  const streams = new Map<string, ServerResponse>();
  const gateway = new ScriptedGateway();
  gateway.script = ({ message }, response) => {
    if (message?.method !== 'subscriptions/listen') return false;
    const id = String(message.id);
    streams.set(id, response);
    stream(response, ack(id, (message.params as { notifications: object }).notifications));
    return true;
  };
  await gateway.start(dataDir);
  return { gateway, streams };
}
const of = (id: string) => bridge.lines.filter((line) => line.includes(`"${id}"`));

it('several go on side by side, and cancelling one ends only that one', async () => {
  const { gateway, streams } = await listening();
  await using _ = gateway;
  const first = bridge.accept(listen('one'));
  const second = bridge.accept(listen('two'));
  await until(() => of('one').length === 1 && of('two').length === 1);
  const closed = new Promise((done) => streams.get('one')?.once('close', done));
  await bridge.accept(notification('notifications/cancelled', { requestId: 'one' }));
  await first;
  await closed;
  streams.get('two')?.write(`data: ${tagged('two', 'notifications/tools/list_changed')}\n\n`);
  await until(() => of('two').length === 2);
  expect(of('one')).toEqual([ack('one')]);
  expect(of('two')).toEqual([ack('two'), tagged('two', 'notifications/tools/list_changed')]);
  await bridge.bridge.close(0);
  await second;
});

it.each(['dies', 'ends politely'])(
  'outlive a gateway that %s: acknowledged once, and followed by what may have been missed',
  async (how) => {
    const { gateway, streams } = await listening();
    const followed = bridge.accept(listen('sub'));
    await until(() => of('sub').length === 1);
    if (how === 'ends politely') streams.get('sub')?.end(`data: ${end('sub')}\n\n`);
    await gateway[Symbol.asyncDispose]();
    const again = await listening();
    await using _ = again.gateway;
    await until(() => of('sub').length === 3, { what: 'The news after the restart' });
    const second = again.gateway.received.find(({ message }) => message?.method === 'subscriptions/listen');
    expect(second?.body).toBe(listen('sub'));
    expect(of('sub')).toEqual([
      ack('sub'),
      tagged('sub', 'notifications/tools/list_changed'),
      notification('notifications/resources/updated', {
        uri: 'file:///a',
        _meta: { 'io.modelcontextprotocol/subscriptionId': 'sub' },
      }),
    ]);
    await bridge.accept(notification('notifications/cancelled', { requestId: 'sub' }));
    await followed;
  },
);

it('that are cancelled while there is no gateway are not begun again', async () => {
  const { gateway } = await listening();
  const followed = bridge.accept(listen('sub'));
  await until(() => of('sub').length === 1);
  await gateway[Symbol.asyncDispose]();
  await bridge.accept(notification('notifications/cancelled', { requestId: 'sub' }));
  await followed;
  const again = await listening();
  await using _ = again.gateway;
  await bridge.accept(modern('x', 'tools/list'));
  expect(again.gateway.methods()).toEqual(['tools/list']);
});

it('for which there is nothing to deliver end as the gateway ends them', async () => {
  await using gateway = await new ScriptedGateway().start(dataDir);
  gateway.script = (_received, response) => {
    stream(response, ack('sub', {}));
    response.end(`data: ${end('sub')}\n\n`);
    return true;
  };
  await bridge.accept(listen('sub'));
  expect(bridge.lines).toEqual([ack('sub', {}), end('sub')]);
  expect(gateway.received).toHaveLength(1);
});

it('that the gateway keeps ending right away end for the client too', async () => {
  await using gateway = await new ScriptedGateway().start(dataDir);
  gateway.script = (_received, response) => {
    stream(response, ack('sub'));
    response.end(`data: ${end('sub')}\n\n`);
    return true;
  };
  await bridge.accept(listen('sub'));
  expect(bridge.lines.at(-1)).toBe(end('sub'));
  expect(bridge.lines.filter((line) => line === ack('sub'))).toHaveLength(1);
  expect(gateway.received.length).toBeLessThan(5);
});

it('that are refused, at first or when they are begun again, are answered', async () => {
  const refusal = '{"jsonrpc":"2.0","id":"sub","error":{"code":-32602,"message":"No."}}';
  await using gateway = await new ScriptedGateway().start(dataDir);
  const refuse = (response: ServerResponse) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(refusal);
  gateway.script = (_received, response) => Boolean(refuse(response));
  await bridge.accept(listen('sub'));
  expect(bridge.lines).toEqual([refusal]);
  gateway.script = (_received, response) => {
    if (gateway.received.length > 2) refuse(response);
    else {
      stream(response, ack('sub'));
      response.write('', () => response.destroy());
    }
    return true;
  };
  await bridge.accept(listen('sub'));
  expect(bridge.answerTo('sub')).toBeDefined();
  expect(bridge.messages().at(-1)).toMatchObject({ id: 'sub', error: {} });
});

it('do not keep the bridge from leaving', async () => {
  const { gateway } = await listening();
  await using _ = gateway;
  const followed = bridge.accept(listen('sub'));
  await until(() => of('sub').length === 1);
  await bridge.bridge.close(60_000);
  await followed;
});
