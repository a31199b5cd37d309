import { describe, expect, test } from 'vitest';
import { renderTray, type TrayItem, type TrayState } from '../../../src/main/desktop/tray-view.ts';

const at = (hours: number, minutes: number) => new Date(2026, 10, 20, hours, minutes).getTime();

type Overrides = Partial<Omit<TrayState, 'status'>> & { status?: Partial<TrayState['status']> };

function trayState(overrides: Overrides = {}): TrayState {
  return {
    port: 4283,
    waiting: [],
    apps: [],
    recentCalls: 42,
    refusedWhilePaused: 0,
    ...overrides,
    status: {
      endpoint: 'http://127.0.0.1:4283/mcp',
      gate: { paused: false, since: null, until: null, by: null, apps: {}, cancelledCalls: 0 },
      tools: { total: 9, approved: 9, waiting: 0, blocked: 0 },
      waiting: 0,
      servers: { total: 3, ready: 3, failing: 0, held: 0 },
      problems: [],
      log: { entries: 10, intact: true, checkedAt: 1 },
      ...overrides.status,
    },
  };
}

const paused = { paused: true, since: at(14, 32), until: null, by: 'tray' as const, apps: {}, cancelledCalls: 0 };
const waitingTools = { total: 18, approved: 9, waiting: 9, blocked: 0 };

/** The menu as lines: `-` for a separator, brackets around text that cannot be clicked, `>` before a submenu's items. */
function lines(items: readonly TrayItem[]): string[] {
  return items.flatMap((item) => {
    if (item.kind === 'separator') return ['-'];
    if (item.kind === 'text') return [`(${item.label})`];
    if (item.kind === 'action') return [item.label];
    return [item.label, ...lines(item.items).map((line) => `> ${line}`)];
  });
}

function actionOf(items: readonly TrayItem[], label: string) {
  const found = items.find((item) => item.kind === 'action' && item.label === label);
  return found?.kind === 'action' ? found.action : undefined;
}

describe('the open gate', () => {
  test('shows the empty arch, the calls and how to pause', () => {
    const view = renderTray(trayState());
    expect(view.icon).toBe('open');
    expect(view.tooltip).toBe('Gatehouse: gate open');
    expect(lines(view.menu)).toEqual([
      '(Gate open)',
      '(42 calls in the last 10 min)',
      '-',
      'Pause all tools',
      'Pause for 15 minutes',
      '-',
      'Open Gatehouse',
      'Settings',
      '-',
      'Quit, and stop all servers',
    ]);
  });

  test('pauses for all apps without an end, or for fifteen minutes', () => {
    const { menu } = renderTray(trayState());
    expect(actionOf(menu, 'Pause all tools')).toEqual({ type: 'pause' });
    expect(actionOf(menu, 'Pause for 15 minutes')).toEqual({ type: 'pause', forMs: 900_000 });
  });

  test('offers each app that is open for pausing and each that is paused for resuming', () => {
    const gate = {
      paused: false,
      since: null,
      until: null,
      by: null,
      apps: { cursor: { since: 1, until: null, by: 'window' as const } },
      cancelledCalls: 0,
    };
    const apps = [
      { id: 'claude-code', name: 'Claude Code' },
      { id: 'cursor', name: 'Cursor' },
    ];
    const { menu } = renderTray(trayState({ apps, status: { gate } }));
    expect(lines(menu)).toEqual(
      expect.arrayContaining(['Pause one app', '> Claude Code', 'Resume one app', '> Cursor']),
    );
    expect(lines(menu)).not.toContain('> Gatehouse');
  });
});

describe('something waits', () => {
  test('lights the lantern and lists every decision with where it leads', () => {
    const view = renderTray(
      trayState({
        waiting: [{ id: 'k1', summary: 'The command line wants to add the server sqlite.' }],
        status: { tools: waitingTools, waiting: 14, servers: { total: 3, ready: 1, failing: 0, held: 2 } },
      }),
    );
    expect(view.icon).toBe('attention');
    expect(view.tooltip).toBe('Gatehouse: gate open, 15 waiting for you');
    expect(lines(view.menu)).toEqual([
      '(Gate open)',
      '(42 calls in the last 10 min, 15 waiting)',
      '-',
      'Pause all tools',
      'Pause for 15 minutes',
      '-',
      '(Waiting for you)',
      'The command line wants to add the server sqlite.',
      'Review 2 servers',
      'Review 9 tools',
      'Review 3 other things',
      '-',
      'Open Gatehouse',
      'Settings',
      '-',
      'Quit, and stop all servers',
    ]);
    expect(actionOf(view.menu, 'Review 9 tools')).toEqual({ type: 'open', route: '/approvals' });
  });

  test('never decides from the tray: waiting items only open the window', () => {
    const { menu } = renderTray(trayState({ waiting: [{ id: 'k1', summary: 'Add a server.' }] }));
    expect(actionOf(menu, 'Add a server.')).toEqual({ type: 'open', route: '/' });
  });
});

describe('the paused gate', () => {
  test('shows the portcullis, what it refused, and one way back', () => {
    const view = renderTray(trayState({ refusedWhilePaused: 3, status: { gate: paused, tools: waitingTools } }));
    expect(view.icon).toBe('paused');
    expect(view.tooltip).toBe('Gatehouse: paused until you resume');
    expect(lines(view.menu)).toEqual([
      '(Paused until you resume)',
      '(3 calls refused since 14:32)',
      '-',
      'Resume',
      '-',
      '(Waiting for you)',
      'Review 9 tools',
      '-',
      'Open Gatehouse',
      'Settings',
      '-',
      'Quit, and stop all servers',
    ]);
    expect(actionOf(view.menu, 'Resume')).toEqual({ type: 'resume' });
  });

  test('says when a pause ends by itself', () => {
    const view = renderTray(trayState({ status: { gate: { ...paused, until: at(14, 47) } } }));
    expect(lines(view.menu)[0]).toBe('(Paused until 14:47)');
  });

  test('does not offer to pause what is paused', () => {
    const view = renderTray(trayState({ apps: [{ id: 'cursor', name: 'Cursor' }], status: { gate: paused } }));
    expect(lines(view.menu).filter((line) => line.startsWith('Pause '))).toEqual([]);
  });
});

describe('a problem', () => {
  const portTaken = {
    id: 'port',
    severity: 'broken' as const,
    title: 'Port 4283 is taken',
    detail: 'Port 4283 is taken by node (41270)',
    nextStep: 'Move.',
  };

  test('the gate that is down offers the next port, another try and the details, and nothing to pause', () => {
    const view = renderTray(trayState({ status: { endpoint: null, problems: [portTaken] } }));
    expect(view.icon).toBe('problem');
    expect(view.tooltip).toBe('Gatehouse: Gate is down');
    expect(lines(view.menu)).toEqual([
      '(Gate is down)',
      '(Port 4283 is taken by node (41270))',
      '-',
      'Move to port 4284',
      'Try again',
      'Copy details',
      '-',
      'Open Gatehouse',
      'Settings',
      '-',
      'Quit, and stop all servers',
    ]);
    expect(actionOf(view.menu, 'Move to port 4284')).toEqual({ type: 'move-port', port: 4284 });
    expect(actionOf(view.menu, 'Try again')).toEqual({ type: 'move-port', port: 4283 });
  });

  test('asks for any free port where there is no next one', () => {
    const view = renderTray(trayState({ port: 65_535, status: { endpoint: null } }));
    expect(actionOf(view.menu, 'Move to a free port')).toEqual({ type: 'move-port', port: 0 });
  });

  test('wins over a pause and over waiting, and keeps the switch of a gate that still stands', () => {
    const docker = { ...portTaken, id: 'docker', title: 'Docker stopped', detail: '8 servers wait for it.' };
    const view = renderTray(trayState({ status: { gate: paused, tools: waitingTools, problems: [docker] } }));
    expect(view.icon).toBe('problem');
    expect(lines(view.menu)).toContain('Resume');
    expect(lines(view.menu)).toContain('Review 9 tools');
  });

  test('a log that was changed is one', () => {
    expect(renderTray(trayState({ status: { log: { entries: 1, intact: false, checkedAt: 1 } } })).icon).toBe(
      'problem',
    );
  });

  test('something merely limited is none', () => {
    const limited = { ...portTaken, severity: 'limited' as const };
    expect(renderTray(trayState({ status: { problems: [limited] } })).icon).toBe('open');
  });
});

describe('text from elsewhere', () => {
  test('stays one line, without direction characters, and no mnemonic', () => {
    const summary =
      'Add R&D\n\u202Eelif.exe and quite a lot of other words that go on for much longer than a menu is wide';
    const { menu } = renderTray(trayState({ waiting: [{ id: 'k', summary }] }));
    const item = lines(menu).find((line) => line.startsWith('Add R'));
    expect(item).toMatch(/^Add R&&D elif\.exe .*…$/);
    expect(item?.length).toBeLessThanOrEqual(73);
  });
});
