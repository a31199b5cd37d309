/** What profiles, rules, limits and the loop guard do to calls on their way through the whole gateway. */
import { describe, expect, it } from 'vitest';
import type { Profile } from '../../../src/main/policy/index.ts';
import {
  everything,
  memoryApprovals,
  memoryProfiles,
  memoryUpstreams,
  textResult,
  toolRecord,
} from '../../doubles/rooms.ts';
import { call, refusalOf, startGateway } from '../../fixtures/gateway.ts';

const approvals = () =>
  memoryApprovals([
    toolRecord('files:read', 'read'),
    toolRecord('files:write', 'write'),
    toolRecord('files:wipe', 'destructive'),
  ]);
const use = (endpoint: string, effect: string, name: string, args: Record<string, unknown> = {}) =>
  call(endpoint, `call_tool_${effect}`, { name, arguments: args });
/** The refusal's code, or undefined for a call that was answered. */
const codeOf = (result: Record<string, unknown>): unknown => refusalOf(result)?.code;
const withProfile = (part: Partial<Profile>) => memoryProfiles({ ...everything, ...part });

describe('a profile', () => {
  it('lets nothing it asks about out without a yes, and nothing it hides out at all', async () => {
    const profiles = withProfile({ others: { read: 'allow', write: 'hide', destructive: 'ask' } });
    await using running = await startGateway({ approvals: approvals(), profiles });
    expect(codeOf(await use(running.endpoint, 'read', 'files:read'))).toBeUndefined();
    expect(codeOf(await use(running.endpoint, 'write', 'files:write'))).toBe('not_in_profile');
    expect(codeOf(await use(running.endpoint, 'destructive', 'files:wipe'))).toBe('ask_timeout');
    expect(running.upstreams.requests.map(({ server }) => server)).toEqual(['files']);
  });
});

describe('a rule', () => {
  it('that denies stops the call before the server, with its place in the trail', async () => {
    const profiles = withProfile({});
    profiles.putRules([{ verb: 'deny', tools: ['files:write'] }]);
    await using running = await startGateway({ approvals: approvals(), profiles });
    expect(codeOf(await use(running.endpoint, 'write', 'files:write'))).toBe('denied_by_person');
    expect(running.upstreams.requests).toEqual([]);
    expect(running.audit.last().trail.at(-1)).toMatchObject({ stage: 'rules', verdict: 'refuse' });
  });

  it('that is built in keeps a file of keys from every server', async () => {
    await using running = await startGateway({ approvals: approvals() });
    expect(codeOf(await use(running.endpoint, 'read', 'files:read', { path: '../.ssh/id' }))).toBe('denied_by_person');
    expect(codeOf(await use(running.endpoint, 'read', 'files:read', { path: '/srv/a' }))).toBeUndefined();
  });

  it('that limits counts its own calls, and by the day', async () => {
    const profiles = withProfile({});
    profiles.putRules([{ verb: 'limit', per: 'tool', tools: ['files:read'], callsPerDay: 2 }]);
    await using running = await startGateway({ approvals: approvals(), profiles });
    expect(codeOf(await use(running.endpoint, 'read', 'files:read'))).toBeUndefined();
    expect(codeOf(await use(running.endpoint, 'read', 'files:read'))).toBeUndefined();
    expect(codeOf(await use(running.endpoint, 'read', 'files:read'))).toBe('rate_limited');
    expect(codeOf(await use(running.endpoint, 'write', 'files:write'))).toBeUndefined();
  });
});

describe('the loop guard', () => {
  const loopGuard = { repeats: 3, pingPong: 20, windowSeconds: 60 };

  it('stops the same call with the same result, and lets another one through', async () => {
    await using running = await startGateway({ approvals: approvals(), profiles: withProfile({ loopGuard }) });
    for (let made = 0; made < 3; made++) {
      expect(codeOf(await use(running.endpoint, 'read', 'files:read', { b: 1, a: 2 }))).toBeUndefined();
    }
    expect(codeOf(await use(running.endpoint, 'read', 'files:read', { a: 2, b: 1 }))).toBe('loop');
    expect(codeOf(await use(running.endpoint, 'read', 'files:read', { a: 3 }))).toBeUndefined();
  });

  it('leaves an agent alone that waits for something to change', async () => {
    let answers = 0;
    const upstreams = memoryUpstreams(() => {
      answers += 1;
      return textResult(`${answers} of 10 done`);
    });
    const profiles = withProfile({ loopGuard });
    await using running = await startGateway({ approvals: approvals(), profiles, upstreams });
    for (let made = 0; made < 8; made++) {
      expect(codeOf(await use(running.endpoint, 'read', 'files:read'))).toBeUndefined();
    }
  });
});

describe('the simulator', () => {
  it('says what the real call then meets, and sends nothing', async () => {
    const profiles = withProfile({ others: { read: 'allow', write: 'ask', destructive: 'hide' } });
    profiles.putRules([{ verb: 'allow', tools: ['files:write'], arguments: [{ path: '$..*', inside: ['/srv'] }] }]);
    await using running = await startGateway({ approvals: approvals(), profiles });
    const ann = { id: 'ann', name: 'Ann', profile: 'default' };
    const cases = [
      ['files:read', 'read', {}, 'pass', undefined],
      ['files:write', 'write', { path: '/srv/a' }, 'pass', undefined],
      ['files:write', 'write', { path: '/etc/a' }, 'ask', 'ask_timeout'],
      ['files:wipe', 'destructive', {}, 'refuse', 'not_in_profile'],
      ['files:read', 'read', { path: '~/.aws/credentials' }, 'refuse', 'denied_by_person'],
    ] as const;
    for (const [tool, , args, verdict] of cases) {
      expect((await running.gateway.explain(ann, tool, args)).verdict).toBe(verdict);
    }
    expect(running.upstreams.requests).toEqual([]);
    expect(running.audit.calls).toEqual([]);
    for (const [tool, effect, args, , code] of cases) {
      expect(codeOf(await use(running.endpoint, effect, tool, args))).toBe(code);
    }
  });
});
