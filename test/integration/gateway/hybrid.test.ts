/** The hybrid surface, and the instructions agents get on each surface. */
import { describe, expect, it } from 'vitest';
import { everything, memoryApprovals, memoryProfiles, serverRecord, toolRecord } from '../../doubles/rooms.ts';
import { ask, call, refusalOf, startGateway, textOf } from '../../fixtures/gateway.ts';

const names = async (endpoint: string) =>
  ((await ask(endpoint, 'tools/list')).tools as { name: string }[]).map((tool) => tool.name);
const instructions = async (endpoint: string) => String((await ask(endpoint, 'server/discover')).instructions);
const said = (name: string, text: string, state: 'approved' | 'pending' = 'approved') =>
  serverRecord(name, {
    instructions: text,
    approvedInstructions: state === 'approved' ? text : null,
    instructionsState: state,
  });

describe('The hybrid surface', () => {
  const tools = () => [
    toolRecord('a:one'),
    toolRecord('a:two'),
    toolRecord('b:write', 'write'),
    { ...toolRecord('b:held'), state: 'pending' as const },
  ];
  const pinned = ['b:write', 'a:one', 'b:held', 'c:gone'];
  const profiles = (more: object = {}) => memoryProfiles({ ...everything, surface: 'hybrid', pinned, ...more });

  it('has the whole discover menu and the pinned tools that are approved', async () => {
    await using running = await startGateway({ approvals: memoryApprovals(tools()), profiles: profiles() });
    expect(await names(running.endpoint)).toEqual([
      'retrieve_tools',
      'describe_tools',
      'call_tool_read',
      'call_tool_write',
      'call_tool_destructive',
      'read_result',
      'a__one',
      'b__write',
    ]);
  });

  it('calls a pinned tool by its direct name, and any tool by its call tool', async () => {
    await using running = await startGateway({ approvals: memoryApprovals(tools()), profiles: profiles() });
    expect(textOf(await call(running.endpoint, 'b__write', { x: 1 }))).toContain('"arguments":{"x":1}');
    expect(textOf(await call(running.endpoint, 'call_tool_read', { name: 'a:two' }))).toContain('"name":"two"');
    expect(refusalOf(await call(running.endpoint, 'a__two'))).toMatchObject({ code: 'not_in_profile' });
    expect(refusalOf(await call(running.endpoint, 'b__held'))).toMatchObject({ code: 'quarantined' });
  });

  it('pins nothing the profile may not use', async () => {
    const narrow = profiles({ effects: ['read'], servers: ['b'] });
    await using running = await startGateway({ approvals: memoryApprovals(tools()), profiles: narrow });
    expect(await names(running.endpoint)).toHaveLength(6);
    expect(refusalOf(await call(running.endpoint, 'b__write'))).toMatchObject({ code: 'not_in_profile' });
    expect(refusalOf(await call(running.endpoint, 'a__one'))).toMatchObject({ code: 'not_in_profile' });
  });

  it('pins nothing on another surface', async () => {
    const discover = memoryProfiles({ ...everything, pinned });
    await using running = await startGateway({ approvals: memoryApprovals(tools()), profiles: discover });
    expect(await names(running.endpoint)).toHaveLength(6);
    expect(refusalOf(await call(running.endpoint, 'a__one'))).toMatchObject({ code: 'not_in_profile' });
  });

  it('says where both kinds of tools are, and what the pinned tools’ servers say', async () => {
    const approvals = memoryApprovals(tools(), [said('a', 'Be kind.'), said('b', 'POISON', 'pending')]);
    await using running = await startGateway({ approvals, profiles: profiles() });
    const text = await instructions(running.endpoint);
    expect(text).toMatch(/server__tool.*retrieve_tools.*\n\n# a\nBe kind\.$/s);
  });
});

describe('Instructions on the direct surface', () => {
  const direct = () => memoryProfiles({ ...everything, surface: 'direct' });
  const start = (servers: readonly ReturnType<typeof said>[]) =>
    startGateway({ approvals: memoryApprovals([], servers), profiles: direct() });

  it('hold each server’s approved ones under its name, and none on the discover surface', async () => {
    const servers = [said('b', 'Second.'), said('a', 'First.'), said('c', 'POISON', 'pending'), said('d', ' ')];
    await using running = await start(servers);
    expect(await instructions(running.endpoint)).toMatch(/read_result\.\n\n# a\nFirst\.\n\n# b\nSecond\.$/);
    running.profiles.put(everything);
    expect(await instructions(running.endpoint)).not.toContain('# a');
  });

  it('are cut for one server and for all, and say so', async () => {
    const many = Array.from({ length: 12 }, (_, index) => said(`s${10 + index}`, `${index} ${'x'.repeat(3_000)}`));
    await using running = await start(many);
    const text = await instructions(running.endpoint);
    expect(text.length).toBeLessThan(17_000);
    expect(text).toContain('[The rest is cut: 3002 characters in all.]');
    expect(text).toMatch(/The instructions of s17, .*s21 are left out/);
  });

  it('leave out a server that is held, whatever was approved before', async () => {
    await using running = await start([{ ...said('a', 'Old.'), state: 'changed' }]);
    expect(await instructions(running.endpoint)).not.toContain('Old.');
  });
});
