import { EventEmitter } from 'node:events';
import type { MessagePortMain, WebFrameMain } from 'electron';
import { beforeEach, expect, test } from 'vitest';
import { brokerPorts } from '../../../src/main/desktop/ipc.ts';
import { connectChannel, portMessage } from '../../../src/shared/bridge.ts';

interface Frame {
  processId: number;
  routingId: number;
  parent: object | null;
  url: string;
  received: { channel: string; ports: unknown[] }[];
  postMessage(channel: string, message: unknown, ports: unknown[]): void;
}

function frameOf(overrides: Partial<Frame> = {}): Frame {
  const received: Frame['received'] = [];
  return {
    processId: 4,
    routingId: 1,
    parent: null,
    url: 'app://gatehouse/index.html#/',
    received,
    postMessage: (channel, _message, ports) => received.push({ channel, ports }),
    ...overrides,
  };
}

let ipcMain: EventEmitter;
let own: Frame | null;
let attached: { isStarted: boolean; isClosed: boolean }[];
let refused: string[];
let broker: Disposable;

beforeEach(() => {
  ipcMain = new EventEmitter();
  own = frameOf();
  attached = [];
  refused = [];
  const port = () => {
    const state = { isStarted: false, isClosed: false };
    return Object.assign(state, {
      start: () => {
        state.isStarted = true;
      },
      close: () => {
        state.isClosed = true;
      },
    });
  };
  broker = brokerPorts({
    ipcMain: ipcMain as unknown as Parameters<typeof brokerPorts>[0]['ipcMain'],
    // EventEmitter's `on` is wider than Electron's; the broker uses start and close of a port and identity, address and postMessage of a frame, nothing else.
    createChannel: () =>
      ({ port1: port(), port2: port() }) as unknown as { port1: MessagePortMain; port2: MessagePortMain },
    ownFrame: () => own as unknown as WebFrameMain | null,
    attach: (attachedPort) => attached.push(attachedPort as unknown as (typeof attached)[number]),
    refused: (url) => refused.push(url),
  });
});

const ask = (senderFrame: Frame | null) => ipcMain.emit(connectChannel, { senderFrame }, null);

test('the main frame of our window gets a port that is served and started', () => {
  ask(own);
  expect(attached).toMatchObject([{ isStarted: true, isClosed: false }]);
  expect(own?.received).toMatchObject([{ channel: portMessage, ports: [{}] }]);
  expect(own?.received[0]?.ports).toHaveLength(1);
});

test.each<[string, () => Frame | null]>([
  ['a child frame of our page', () => frameOf({ parent: {} })],
  ['another frame in our process', () => frameOf({ routingId: 2 })],
  ['another process with our address', () => frameOf({ processId: 9 })],
  ['our own frame after it went elsewhere', () => frameOf({ url: 'https://example.org/' })],
  ['an address that only looks like ours', () => frameOf({ url: 'app://gatehouse.evil.example/index.html' })],
  ['a frame that is gone', () => null],
])('%s gets nothing', (_name, sender) => {
  const frame = sender();
  ask(frame);
  expect(attached).toEqual([]);
  expect(frame?.received ?? []).toEqual([]);
  expect(refused).toHaveLength(1);
});

test('nobody gets a port while there is no window', () => {
  const frame = frameOf();
  own = null;
  ask(frame);
  expect(attached).toEqual([]);
  expect(frame.received).toEqual([]);
});

test('a reloaded page gets a new port and the old one ends', () => {
  ask(own);
  ask(own);
  expect(attached).toMatchObject([{ isClosed: true }, { isClosed: false, isStarted: true }]);
});

test('after disposal nothing is answered and the last port is closed', () => {
  ask(own);
  broker[Symbol.dispose]();
  ask(own);
  expect(attached).toMatchObject([{ isClosed: true }]);
});
