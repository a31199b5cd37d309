/** What the bridge does with single messages: their bytes, the questions of the gateway, and taking something back. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { until } from '../../fixtures/until.ts';
import { BridgeUnderTest, modern, notification, request, ScriptedGateway, stream } from './stdio-scripted-gateway.ts';

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

const odd =
  '"z":12345678901234567890, "a" : 1.0,"__proto__":{"x":1E400}, "unknown":"\\u00e9\\ud83d\\ude00é😀","a":2,"\\/":null';

describe('bytes', () => {
  it('of a request are the body that is posted, in both eras', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    await bridge.openSession();
    const legacy = `{"method":"tools/call", "params":{${odd}},"id":1 ,"jsonrpc":"2.0"}`;
    const stateless = `{"id":2,"params":{${odd},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}},"method":"x/y","jsonrpc":"2.0"}`;
    await bridge.accept(legacy);
    await bridge.accept(stateless);
    const bodies = gateway.received.map(({ body }) => body);
    expect(bodies).toContain(legacy);
    expect(bodies).toContain(stateless);
  });

  it('that are no UTF-8 are not repaired on the way', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    let length: string | undefined;
    gateway.script = ({ headers }) => {
      length = headers['content-length'];
      return false;
    };
    const line = Buffer.concat([
      Buffer.from(modern(1, 'tools/list').slice(0, -1)),
      Buffer.from(',"x":"\xff"}', 'latin1'),
    ]);
    await bridge.bridge.accept(line);
    expect(Number(length)).toBe(line.length);
  });

  it('of an answer and of events come out as they are', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    const event = `{"method":"notifications/progress", "jsonrpc":"2.0","params":{${odd}}}`;
    const answers = [1, 2, 3].map((id) => `{"result": {${odd}}, "jsonrpc":"2.0","id":${id}}`);
    gateway.script = ({ message }, response) => {
      if (message?.id === 1) response.writeHead(200, { 'content-type': 'application/json' }).end(answers[0]);
      else if (message?.id === 2) {
        stream(response, event);
        response.end(`data: ${answers[1]}\n\n`);
      } else response.writeHead(200, { 'content-type': 'application/json' }).end(answers[2]?.replace(' ', '\r\n\t'));
      return true;
    };
    for (const id of [1, 2, 3]) await bridge.accept(modern(id, 'tools/call', { name: 'x' }));
    expect(bridge.lines).toEqual([answers[0], event, answers[1], answers[2]?.replace(' ', ' \t')]);
  });

  it('that are no message never reach the client', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    gateway.script = (_received, response) => {
      stream(response, 'garbage', '[1]', '{"jsonrpc":"2.0"}');
      response.end('data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n');
      return true;
    };
    await bridge.accept(modern(1, 'tools/call', { name: 'x' }));
    expect(bridge.lines).toEqual(['{"jsonrpc":"2.0","id":1,"result":{}}']);
  });

  it('of an id that JavaScript cannot hold stand in the bridge’s own errors', async () => {
    await bridge.accept(modern(1, 'tools/list').replace('"id":1', '"id":98765432109876543210'));
    expect(bridge.lines[0]).toContain('"id":98765432109876543210,"error"');
  });
});

describe('a question of the gateway', () => {
  const question = (id: string, method: string) => `{"jsonrpc":"2.0","id":"${id}","method":"${method}","params":{}}`;

  it.each(['sampling/createMessage', 'elicitation/create', 'roots/list', 'ping'])(
    '%s comes at once on either stream, and its answer goes back in the session',
    async (method) => {
      await using gateway = await new ScriptedGateway().start(dataDir);
      let finish: (() => void) | undefined;
      gateway.script = (received, response) => {
        if (received.method === 'GET') stream(response, question('own', method));
        else if (received.message?.method === 'tools/call') {
          stream(response, question('call', method));
          finish = () => response.end('data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n');
        } else return false;
        return true;
      };
      await bridge.openSession();
      const called = bridge.accept(request(1, 'tools/call'));
      await until(
        () => bridge.lines.includes(question('own', method)) && bridge.lines.includes(question('call', method)),
      );
      await bridge.accept('{"jsonrpc":"2.0","id":"own","result":{"n":1}}');
      await bridge.accept('{"jsonrpc":"2.0","id":"call","error":{"code":-1,"message":"no"}}');
      finish?.();
      await called;
      const posted = gateway.received.filter(({ message }) => message && message.method === undefined);
      expect(posted.map(({ body }) => body)).toEqual([
        '{"jsonrpc":"2.0","id":"own","result":{"n":1}}',
        '{"jsonrpc":"2.0","id":"call","error":{"code":-1,"message":"no"}}',
      ]);
      for (const { headers } of posted) expect(headers['mcp-session-id']).toBe('session-1');
    },
  );

  it('that it takes back reaches the client, whose answer then goes nowhere', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    const back = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"q"}}';
    gateway.script = (received, response) => {
      if (received.method !== 'GET') return false;
      stream(response, question('q', 'elicitation/create'), back);
      return true;
    };
    await bridge.openSession();
    await until(() => bridge.lines.includes(back));
    await bridge.accept('{"jsonrpc":"2.0","id":"q","result":{}}');
    expect(gateway.methods()).not.toContain('response');
  });

  it('of a gateway that died is taken back, and its answer is not given to the next one', async () => {
    const first = await new ScriptedGateway().start(dataDir);
    first.script = ({ message }, response) => {
      if (message?.method !== 'tools/call') return false;
      stream(response, question('1', 'elicitation/create'));
      return true;
    };
    await bridge.openSession();
    const called = bridge.accept(request(7, 'tools/call'));
    await until(() => bridge.lines.includes(question('1', 'elicitation/create')));
    await first[Symbol.asyncDispose]();
    await called;
    expect(bridge.answerTo(7)).toMatchObject({ error: { message: expect.stringContaining('not known') } });
    expect(bridge.messages()).toContainEqual(
      expect.objectContaining({
        method: 'notifications/cancelled',
        params: expect.objectContaining({ requestId: '1' }),
      }),
    );
    await using second = await new ScriptedGateway().start(dataDir);
    await bridge.accept(request(8, 'tools/list'));
    await bridge.accept('{"jsonrpc":"2.0","id":"1","result":{"action":"accept"}}');
    expect(second.methods()).not.toContain('response');
  });
});

describe('taking back', () => {
  it('a call in a session is posted, after the call itself', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    await bridge.openSession();
    let finish: (() => void) | undefined;
    gateway.script = ({ message }, response) => {
      if (message?.method === 'tools/call') finish = () => response.writeHead(202).end();
      else if (message?.method === 'notifications/cancelled') {
        finish?.();
        return false;
      }
      return message?.method === 'tools/call';
    };
    const back = notification('notifications/cancelled', { requestId: 5, reason: 'no' });
    await Promise.all([bridge.accept(request(5, 'tools/call')), bridge.accept(back)]);
    const posted = gateway.methods().filter((method) => method !== 'GET');
    // Either the call had not left yet and neither is sent, or both are, in order.
    expect([[], ['tools/call', 'notifications/cancelled']]).toContainEqual(posted.slice(2));
    expect(bridge.answerTo(5)).toBeUndefined();
  });

  it('a call that still waits for a gateway leaves nothing to be sent', async () => {
    await using waiting = new BridgeUnderTest(dataDir, { patienceMs: 10_000 });
    const called = waiting.accept(modern(1, 'tools/call', { name: 'pay' }));
    await waiting.accept(notification('notifications/cancelled', { requestId: 1 }));
    await using gateway = await new ScriptedGateway().start(dataDir);
    await called;
    expect(gateway.received).toEqual([]);
    expect(waiting.lines).toEqual([]);
  });

  it('something unknown or long answered is nobody’s business', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    await bridge.accept(modern(1, 'tools/list'));
    await bridge.accept(notification('notifications/cancelled', { requestId: 1 }));
    await bridge.accept(notification('notifications/cancelled', {}));
    expect(gateway.methods()).toEqual(['tools/list']);
    expect(bridge.warnings).toEqual([]);
  });
});

describe('a refusal', () => {
  const refuse = (gateway: ScriptedGateway, status: number, body = '') => {
    gateway.script = (_received, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      return true;
    };
  };

  it('of the token is repeated with a newer one when there is one', async () => {
    let token = 'old';
    await using renewed = new BridgeUnderTest(dataDir, { token: () => token });
    await using gateway = await new ScriptedGateway().start(dataDir);
    await renewed.accept(modern(1, 'tools/list'));
    token = 'new';
    gateway.script = ({ headers }, response) => {
      if (headers.authorization === 'Bearer new') return false;
      response.writeHead(401).end();
      return true;
    };
    await renewed.accept(modern(2, 'tools/call', { name: 'x' }));
    expect(renewed.answerTo(2)).toHaveProperty('result');
    expect(gateway.received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer old',
      'Bearer new',
    ]);
  });

  it('of the token otherwise gives the gateway’s own words', async () => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    refuse(gateway, 401, '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Connect the app again."}}');
    await bridge.accept(modern('x', 'tools/list'));
    expect(bridge.answerTo('x')).toMatchObject({ error: { code: -32600, message: 'Connect the app again.' } });
    expect(gateway.received).toHaveLength(1);
  });

  it.each([500, 502, 503, 431])('with status %i and no words becomes an error that names it', async (status) => {
    await using gateway = await new ScriptedGateway().start(dataDir);
    refuse(gateway, status);
    await bridge.accept(modern(1, 'tools/call', { name: 'x' }));
    expect(bridge.answerTo(1)).toMatchObject({ error: { message: expect.stringContaining(String(status)) } });
  });

  it('that never comes ends in an error: a gateway that is silent is not waited for without end', async () => {
    await using impatient = new BridgeUnderTest(dataDir, { silenceMs: 100 });
    await using gateway = await new ScriptedGateway().start(dataDir);
    gateway.script = ({ message }, response) => {
      if (message?.id === 2) stream(response, notification('notifications/progress', {}));
      return true;
    };
    await impatient.accept(modern(1, 'tools/call', { name: 'x' }));
    await impatient.accept(modern(2, 'tools/call', { name: 'x' }));
    expect(impatient.answerTo(1)).toMatchObject({ error: { message: expect.stringContaining('stopped answering') } });
    expect(impatient.answerTo(2)).toMatchObject({ error: { message: expect.stringContaining('not known') } });
  });
});

it('more requests at once than can be carried are refused, not kept', async () => {
  await using gateway = await new ScriptedGateway().start(dataDir);
  const held: (() => void)[] = [];
  gateway.script = ({ message }, response) => {
    held.push(() => response.end(`{"jsonrpc":"2.0","id":${message?.id},"result":{}}`));
    return true;
  };
  const asked = Array.from({ length: 257 }, (_, id) => bridge.accept(modern(id, 'tools/call', { name: 'x' })));
  await until(() => held.length === 256);
  expect(bridge.messages()).toEqual([
    expect.objectContaining({
      id: 256,
      error: expect.objectContaining({ data: expect.objectContaining({ retryable: true }) }),
    }),
  ]);
  for (const finish of held) finish();
  await Promise.all(asked);
  expect(bridge.lines).toHaveLength(257);
});
