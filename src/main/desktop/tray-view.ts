/** What the tray shows for a state. Pure: no Electron, no clock. */
import type { Confirmation, Problem, Status } from '@shared/contract/index.ts';

export type TrayIcon = 'problem' | 'paused' | 'attention' | 'open';

/** Everything a tray item can do. */
export type TrayAction =
  | { readonly type: 'pause'; readonly forMs?: number; readonly app?: string }
  | { readonly type: 'resume'; readonly app?: string }
  | { readonly type: 'move-port'; readonly port: number }
  | { readonly type: 'copy'; readonly text: string }
  /** `route`: a path of the renderer; without one the window opens where it was. */
  | { readonly type: 'open'; readonly route?: string }
  | { readonly type: 'quit' };

export type TrayItem =
  | { readonly kind: 'text'; readonly label: string }
  | { readonly kind: 'separator' }
  | { readonly kind: 'action'; readonly label: string; readonly action: TrayAction }
  | { readonly kind: 'submenu'; readonly label: string; readonly items: readonly TrayItem[] };

export interface TrayApp {
  readonly id: string;
  readonly name: string;
}

export interface TrayState {
  readonly status: Pick<Status, 'endpoint' | 'gate' | 'tools' | 'waiting' | 'servers' | 'problems' | 'log'>;
  /** The port Gatehouse wants to listen on. */
  readonly port: number;
  /** Actions that wait for the person, oldest first. */
  readonly waiting: readonly Pick<Confirmation, 'id' | 'summary'>[];
  readonly apps: readonly TrayApp[];
  /** Calls that ended in the last ten minutes. */
  readonly recentCalls: number;
  /** Calls refused since the gate was paused. */
  readonly refusedWhilePaused: number;
}

export interface TrayView {
  readonly icon: TrayIcon;
  readonly tooltip: string;
  readonly menu: readonly TrayItem[];
}

/** How long "Pause for 15 minutes" pauses, in milliseconds. */
export const shortPauseMs = 15 * 60_000;

const longestLabel = 72;
const separator: TrayItem = { kind: 'separator' };

/** Text from elsewhere in one line: no control or direction characters, shortened with an ellipsis. */
function oneLine(text: string): string {
  const flat = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return flat.length > longestLabel ? `${flat.slice(0, longestLabel - 1).trimEnd()}…` : flat;
}

/** Windows and GTK read a single `&` as a mnemonic. */
function label(text: string): string {
  return oneLine(text).replaceAll('&', '&&');
}

function text(value: string): TrayItem {
  return { kind: 'text', label: label(value) };
}

function action(value: string, does: TrayAction): TrayItem {
  return { kind: 'action', label: label(value), action: does };
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function timeOfDay(at: number): string {
  const date = new Date(at);
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
}

/** The problem that stops the gate or makes its record doubtful; what is merely limited does not alarm. */
function brokenThing(status: TrayState['status']): Pick<Problem, 'title' | 'detail'> | undefined {
  const broken = status.problems.find((problem) => problem.severity === 'broken');
  if (status.endpoint === null) {
    return {
      title: 'Gate is down',
      detail: broken?.detail ?? 'Gatehouse does not listen. Apps cannot reach their tools.',
    };
  }
  if (broken) return broken;
  if (status.log.intact === false) return { title: 'The log was changed', detail: 'Open Activity to see from where.' };
  return undefined;
}

/** Everything that waits for the person: decisions, and what Approvals lists. */
export function waitingCount(state: TrayState): number {
  return state.waiting.length + state.status.waiting;
}

function waitingItems(state: TrayState): TrayItem[] {
  const { tools, servers, waiting } = state.status;
  const items = state.waiting.map((confirmation) => action(confirmation.summary, { type: 'open', route: '/' }));
  if (servers.held > 0)
    items.push(action(`Review ${counted(servers.held, 'server')}`, { type: 'open', route: '/approvals' }));
  if (tools.waiting > 0) {
    items.push(action(`Review ${counted(tools.waiting, 'tool')}`, { type: 'open', route: '/approvals' }));
  }
  const others = waiting - servers.held - tools.waiting;
  if (others > 0) {
    const what = counted(others, tools.waiting > 0 ? 'other thing' : 'thing');
    items.push(action(`Review ${what}`, { type: 'open', route: '/approvals' }));
  }
  return items.length === 0 ? [] : [text('Waiting for you'), ...items, separator];
}

function perAppItems(state: TrayState): TrayItem[] {
  const { gate } = state.status;
  const isHeld = (app: TrayApp) => gate.apps[app.id] !== undefined;
  const open = state.apps.filter((app) => !isHeld(app));
  const held = state.apps.filter(isHeld);
  const items: TrayItem[] = [];
  if (!gate.paused && open.length > 0) {
    items.push({
      kind: 'submenu',
      label: 'Pause one app',
      items: open.map((app) => action(app.name, { type: 'pause', app: app.id })),
    });
  }
  if (held.length > 0) {
    items.push({
      kind: 'submenu',
      label: 'Resume one app',
      items: held.map((app) => action(app.name, { type: 'resume', app: app.id })),
    });
  }
  return items;
}

function gateItems(state: TrayState): TrayItem[] {
  if (state.status.gate.paused) return [action('Resume', { type: 'resume' }), ...perAppItems(state), separator];
  return [
    action('Pause all tools', { type: 'pause' }),
    action('Pause for 15 minutes', { type: 'pause', forMs: shortPauseMs }),
    ...perAppItems(state),
    separator,
  ];
}

function problemItems(state: TrayState, problem: Pick<Problem, 'title' | 'detail'>): TrayItem[] {
  const copy = action('Copy details', { type: 'copy', text: `${problem.title}\n${problem.detail}` });
  if (state.status.endpoint !== null) return [copy, separator];
  const next = state.port > 0 && state.port < 65_535 ? state.port + 1 : 0;
  return [
    action(next === 0 ? 'Move to a free port' : `Move to port ${next}`, { type: 'move-port', port: next }),
    action('Try again', { type: 'move-port', port: state.port }),
    copy,
    separator,
  ];
}

const closing: readonly TrayItem[] = [
  action('Open Gatehouse', { type: 'open' }),
  action('Settings', { type: 'open', route: '/settings' }),
  separator,
  action('Quit, and stop all servers', { type: 'quit' }),
];

function openFact(state: TrayState, waiting: number): string {
  const calls = `${counted(state.recentCalls, 'call')} in the last 10 min`;
  return waiting === 0 ? calls : `${calls}, ${waiting} waiting`;
}

function pausedFact(state: TrayState): string {
  const { since } = state.status.gate;
  const refused = counted(state.refusedWhilePaused, 'call');
  return since === null ? `${refused} refused` : `${refused} refused since ${timeOfDay(since)}`;
}

function head(title: string, fact: string): TrayItem[] {
  return [text(title), text(fact), separator];
}

/**
 * Icon, tooltip and menu for a state. The most important state wins: problem, paused, waiting, open.
 * Text that came from servers or files is flattened to one line.
 */
export function renderTray(state: TrayState): TrayView {
  const { gate } = state.status;
  const problem = brokenThing(state.status);
  if (problem) {
    // A gate that is down has nothing to pause.
    const gatePart = state.status.endpoint === null ? [] : gateItems(state);
    return {
      icon: 'problem',
      tooltip: oneLine(`Gatehouse: ${problem.title}`),
      menu: [
        ...head(problem.title, problem.detail),
        ...problemItems(state, problem),
        ...gatePart,
        ...waitingItems(state),
        ...closing,
      ],
    };
  }
  const waiting = waitingCount(state);
  if (gate.paused) {
    const title = gate.until === null ? 'Paused until you resume' : `Paused until ${timeOfDay(gate.until)}`;
    return {
      icon: 'paused',
      tooltip: `Gatehouse: ${title.toLowerCase()}`,
      menu: [...head(title, pausedFact(state)), ...gateItems(state), ...waitingItems(state), ...closing],
    };
  }
  return {
    icon: waiting > 0 ? 'attention' : 'open',
    tooltip: waiting > 0 ? `Gatehouse: gate open, ${waiting} waiting for you` : 'Gatehouse: gate open',
    menu: [...head('Gate open', openFact(state, waiting)), ...gateItems(state), ...waitingItems(state), ...closing],
  };
}
