/** What apps hear without asking again: changed lists and updated resources, in sessions and on listen streams. */
import { describe, expect, it } from 'vitest';
import {
  everything,
  memoryApprovals,
  memoryProfiles,
  memoryUpstreams,
  promptRecord,
  resourceRecord,
  serverRecord,
  templateRecord,
  toolRecord,
} from '../../doubles/rooms.ts';
import { listen, openSession } from '../../fixtures/event-frames.ts';
import { ask, modern, post, startGateway } from '../../fixtures/gateway.ts';
import { until } from '../../fixtures/until.ts';

const UPDATED = 'notifications/resources/updated';
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
const tag = { 'io.modelcontextprotocol/subscriptionId': 'sub-1' };
const watched = () =>
  memoryApprovals([resourceRecord('a', 'a://1'), resourceRecord('b', 'a://1'), templateRecord('a', 't://{id}')]);
const direct = () => memoryProfiles({ ...everything, surface: 'direct' });

describe('A session', () => {
  it('hears of an update of a resource it subscribed to, with the URI as it knows it', async () => {
    await using running = await startGateway({ approvals: watched() });
    await using session = await openSession(running.endpoint);
    for (const uri of ['a://1', 'gatehouse://b/a://1', 't://7']) {
      expect(await session.request('resources/subscribe', { uri })).toEqual({});
    }
    running.upstreams.update('b', 'a://1', { uri: 'a://1/part', extra: 1, _meta: { ...tag, 'x/y': 2 } });
    expect(await session.first(UPDATED)).toMatchObject({
      params: { uri: 'gatehouse://b/a://1/part', extra: 1, _meta: { 'x/y': 2 } },
    });
    expect(JSON.stringify(session.frames)).not.toContain('subscriptionId');
    running.upstreams.update('a', 't://7');
    await until(() => session.of(UPDATED).length === 2);
    expect(session.of(UPDATED)[1]).toMatchObject({ params: { uri: 't://7' } });
  });

  it('subscribes through the gate and its log, within the limits of its profile', async () => {
    const profiles = memoryProfiles({ ...everything, callsPerMinute: 1 });
    await using running = await startGateway({ approvals: watched(), profiles });
    await using session = await openSession(running.endpoint);
    expect(await session.request('resources/subscribe', { uri: 'gatehouse://b/a://1' })).toEqual({});
    expect(running.audit.last()).toMatchObject({
      method: 'resources/subscribe',
      server: 'b',
      argumentsJson: '{"uri":"a://1"}',
      end: { status: 'done' },
    });
    expect(await session.request('resources/subscribe', { uri: 'a://1' })).toMatchObject({
      error: { data: { 'gatehouse/refusal': { code: 'rate_limited' } } },
    });
    expect(running.upstreams.watches.size).toBe(1);
  });

  it('subscribes once, and hears nothing more after it unsubscribed or ended', async () => {
    await using running = await startGateway({ approvals: watched() });
    await using session = await openSession(running.endpoint);
    await Promise.all([1, 2, 3].map(() => session.request('resources/subscribe', { uri: 'a://1' })));
    expect(running.upstreams.watches.size).toBe(1);
    expect(await session.request('resources/unsubscribe', { uri: 'a://1' })).toEqual({});
    expect(await session.request('resources/unsubscribe', { uri: 'never://' })).toEqual({});
    expect(running.upstreams.watches.size).toBe(0);
    await session.request('resources/subscribe', { uri: 'a://1' });
    await session.end();
    await until(() => running.upstreams.watches.size === 0);
  });

  it('subscribes to nothing it may not read', async () => {
    const approvals = memoryApprovals([{ ...resourceRecord('a', 'held://1'), state: 'pending' }]);
    await using running = await startGateway({ approvals });
    await using session = await openSession(running.endpoint);
    expect(await session.request('resources/subscribe', { uri: 'nobody://1' })).toMatchObject({
      error: { code: -32002 },
    });
    expect(await session.request('resources/subscribe', { uri: 'held://1' })).toMatchObject({
      error: { data: { 'gatehouse/refusal': { code: 'quarantined' } } },
    });
    expect(await session.request('resources/subscribe', {})).toMatchObject({ error: { code: -32602 } });
    expect(running.upstreams.watches.size).toBe(0);
  });

  it('hears of no update once the resource is no longer approved, and again when it is', async () => {
    const approvals = memoryApprovals([resourceRecord('a', 'a://1'), resourceRecord('a', 'a://2')]);
    await using running = await startGateway({ approvals });
    await using session = await openSession(running.endpoint);
    for (const uri of ['a://1', 'a://2']) await session.request('resources/subscribe', { uri });
    approvals.put({ ...resourceRecord('a', 'a://1'), state: 'changed' });
    running.upstreams.update('a', 'a://1');
    running.upstreams.update('a', 'a://2');
    await until(() => session.of(UPDATED).length > 0);
    approvals.put(resourceRecord('a', 'a://1'));
    running.upstreams.update('a', 'a://1');
    await until(() => session.of(UPDATED).length > 1);
    expect(session.of(UPDATED)).toMatchObject([{ params: { uri: 'a://2' } }, { params: { uri: 'a://1' } }]);
  });

  it('hears while paused of no update, and afterwards of the last one', async () => {
    await using running = await startGateway({ approvals: watched() });
    await using session = await openSession(running.endpoint);
    await session.request('resources/subscribe', { uri: 'a://1' });
    running.gate.pause('console');
    for (const n of [1, 2]) running.upstreams.update('a', 'a://1', { uri: 'a://1', n });
    expect(await session.request('resources/subscribe', { uri: 't://1' })).toMatchObject({ error: { code: -31001 } });
    expect(session.of(UPDATED)).toEqual([]);
    running.gate.resume('console');
    await until(() => session.of(UPDATED).length > 0);
    expect(session.of(UPDATED)).toMatchObject([{ params: { n: 2 } }]);
  });

  it('can follow a thousand resources and says so at the next', async () => {
    const approvals = memoryApprovals([templateRecord('a', 't://{id}')]);
    await using running = await startGateway({ approvals });
    await using session = await openSession(running.endpoint);
    const subscribe = (id: number) => session.request('resources/subscribe', { uri: `t://${id}` });
    for (let from = 0; from < 1_000; from += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, index) => subscribe(from + index)));
    }
    expect(running.upstreams.watches.size).toBe(1_000);
    expect(await subscribe(1_000)).toMatchObject({ error: { message: expect.stringContaining('Too many') } });
    await session.request('resources/unsubscribe', { uri: 't://0' });
    expect(await subscribe(1_000)).toEqual({});
  });

  it('hears of each list that changed as it sees it, and of no other', async () => {
    const approvals = memoryApprovals([toolRecord('a:one'), promptRecord('a', 'p'), resourceRecord('a', 'a://1')]);
    await using running = await startGateway({ approvals, profiles: direct() });
    await using session = await openSession(running.endpoint);
    const heard = () => session.frames.map(({ method }) => method);
    approvals.put({ ...toolRecord('a:later'), state: 'pending' });
    approvals.put(promptRecord('a', 'q'));
    await until(() => heard().length === 1);
    approvals.put(templateRecord('a', 't://{id}'));
    await until(() => heard().length === 2);
    approvals.take('a:one');
    await until(() => heard().length === 3);
    expect(heard()).toEqual([
      'notifications/prompts/list_changed',
      'notifications/resources/list_changed',
      'notifications/tools/list_changed',
    ]);
  });
});

describe('A listen stream', () => {
  it('acknowledges first and exactly what it delivers, and tags everything', async () => {
    const approvals = watched();
    await using running = await startGateway({ approvals, profiles: direct() });
    await using stream = await listen(running.endpoint, {
      toolsListChanged: true,
      promptsListChanged: false,
      resourcesListChanged: true,
      resourceSubscriptions: ['a://1', 'nobody://1', 'gatehouse://b/a://1', 'a://1'],
      somethingNew: true,
    });
    await stream.first(ACKNOWLEDGED);
    expect(stream.frames[0]).toEqual({
      jsonrpc: '2.0',
      method: ACKNOWLEDGED,
      params: {
        notifications: {
          toolsListChanged: true,
          resourcesListChanged: true,
          resourceSubscriptions: ['a://1', 'gatehouse://b/a://1'],
        },
        _meta: tag,
      },
    });
    approvals.put(promptRecord('a', 'p'));
    approvals.put(resourceRecord('a', 'a://2'));
    expect(await stream.first('notifications/resources/list_changed')).toMatchObject({ params: { _meta: tag } });
    running.upstreams.update('b', 'a://1', { uri: 'a://1', _meta: { 'x/y': 1 } });
    expect(await stream.first(UPDATED)).toMatchObject({
      params: { uri: 'gatehouse://b/a://1', _meta: { 'x/y': 1, ...tag } },
    });
    expect(stream.of('notifications/prompts/list_changed')).toEqual([]);
  });

  it('of one server is acknowledged as far as the server declares it', async () => {
    const server = serverRecord('a', { capabilities: { tools: {}, resources: {} } });
    await using running = await startGateway({ approvals: memoryApprovals([resourceRecord('a', 'a://1')], [server]) });
    await using stream = await listen(`${running.endpoint}/servers/a`, {
      toolsListChanged: true,
      promptsListChanged: true,
      resourcesListChanged: true,
      resourceSubscriptions: ['a://1'],
    });
    const { params } = await stream.first(ACKNOWLEDGED);
    expect(params.notifications).toEqual({ toolsListChanged: true, resourcesListChanged: true });
    expect(running.upstreams.watches.size).toBe(0);
  });

  it('ends what it follows when the client closes it', async () => {
    await using running = await startGateway({ approvals: watched() });
    const stream = await listen(running.endpoint, { resourceSubscriptions: ['a://1'] });
    await stream.first(ACKNOWLEDGED);
    expect(running.upstreams.watches.size).toBe(1);
    await stream[Symbol.asyncDispose]();
    await until(() => running.upstreams.watches.size === 0);
  });

  it('is answered with an empty result when Gatehouse stops', async () => {
    await using running = await startGateway({ approvals: watched() });
    await using stream = await listen(running.endpoint, { resourcesListChanged: true });
    await stream.first(ACKNOWLEDGED);
    await running.gateway.close();
    await until(() => stream.ended());
    expect(stream.frames.at(-1)).toMatchObject({ id: 'sub-1', result: { resultType: 'complete', _meta: tag } });
  });

  it('ends at once when nothing of it is honoured', async () => {
    await using running = await startGateway();
    await using stream = await listen(running.endpoint, { resourceSubscriptions: ['nobody://1'] });
    await until(() => stream.ended());
    expect(stream.frames).toMatchObject([
      { method: ACKNOWLEDGED, params: { notifications: {} } },
      { id: 'sub-1', result: { resultType: 'complete' } },
    ]);
  });

  it('acknowledges without a server that does not answer, and follows it no longer', async () => {
    const upstreams = memoryUpstreams();
    const hanging = { ...upstreams, watchResource: () => new Promise<Disposable>(() => undefined) };
    await using running = await startGateway({ approvals: watched(), upstreams: hanging, options: { ackWaitMs: 50 } });
    await using stream = await listen(running.endpoint, { toolsListChanged: true, resourceSubscriptions: ['a://1'] });
    expect(await stream.first(ACKNOWLEDGED)).toMatchObject({
      params: { notifications: { toolsListChanged: true } },
    });
    expect(JSON.stringify(stream.frames[0])).not.toContain('resourceSubscriptions');
  });

  it.each([[undefined], ['tools'], [{ resourceSubscriptions: 'a://1' }], [{ resourceSubscriptions: [5] }]])(
    'needs a filter: %j',
    async (notifications) => {
      await using running = await startGateway();
      expect(await ask(running.endpoint, 'subscriptions/listen', { notifications })).toMatchObject({
        error: { code: -32602 },
      });
    },
  );
});

it('The stateless revision has no resources/subscribe', async () => {
  await using running = await startGateway({ approvals: watched() });
  const { body, headers } = modern('resources/subscribe', { uri: 'a://1' });
  const answered = await post(running.endpoint, body, headers);
  expect([answered.status, answered.json().error]).toEqual([404, expect.objectContaining({ code: -32601 })]);
});
