import type { ClientContext, ClientLink } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import { type GatehouseBridge, portMessage } from '@shared/bridge.ts';
import { connection } from './connection.ts';

declare global {
  interface Window {
    /** Exposed by the preload script on the desktop; absent in the headless console's browser page. */
    gatehouse?: GatehouseBridge;
  }
}

type Link = ClientLink<ClientContext>;

/** A waiting call gives up after this time without a connection, so that no button stays busy for ever. */
const giveUpAfterMs = 10_000;
const firstRetryMs = 400;
const slowestRetryMs = 5000;

let link = Promise.withResolvers<Link>();
let attempts = 0;

function opened(next: Link): void {
  attempts = 0;
  link.resolve(next);
  connection.set('connected');
}

function closed(reconnect: () => void): void {
  if (connection.get() === 'connected') link = Promise.withResolvers<Link>();
  // The first attempts of a fresh page are "connecting"; a page that was connected has lost something.
  if (connection.get() === 'connected' || attempts > 2) connection.set('lost');
  const wait = Math.min(slowestRetryMs, firstRetryMs * 2 ** attempts);
  attempts += 1;
  setTimeout(reconnect, wait);
}

function openPort(bridge: GatehouseBridge): void {
  const timer = setTimeout(() => {
    window.removeEventListener('message', onPort);
    closed(() => openPort(bridge));
  }, giveUpAfterMs);
  function onPort(event: MessageEvent) {
    const [port] = event.ports;
    // Only the preload script of this very window hands over a port.
    if (event.source !== window || event.data !== portMessage || !port) return;
    clearTimeout(timer);
    window.removeEventListener('message', onPort);
    port.addEventListener('close', () => closed(() => openPort(bridge)));
    const next = new PortLink<ClientContext>({ port });
    port.start();
    opened(next);
  }
  window.addEventListener('message', onPort);
  bridge.connect();
}

/**
 * The headless console wants the key its login page kept for this very port, beside the cookie that browsers send to every
 * port of a host. A browser cannot set headers on a WebSocket, so the key travels as an offered protocol.
 */
function consoleProtocols(): string[] {
  const key = localStorage.getItem('gatehouse.page-key');
  return key === null ? [] : ['gatehouse', `key.${key}`];
}

function openSocket(): void {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new WebSocket(`${scheme}://${location.host}/rpc`, consoleProtocols());
  const next = new SocketLink<ClientContext>({ websocket: socket });
  socket.addEventListener('open', () => opened(next));
  socket.addEventListener('close', () => closed(openSocket));
}

/** Opens the connection and keeps it open for the life of the page. */
export function startTransport(): void {
  if (window.gatehouse) openPort(window.gatehouse);
  else openSocket();
}

/** The open link; waits for one, up to 10 seconds. */
export function currentLink(): Promise<Link> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('Gatehouse does not answer. It may have been stopped.')), giveUpAfterMs);
  });
  return Promise.race([link.promise, late]);
}
