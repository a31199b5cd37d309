/**
 * The only code between the page and Electron. It runs sandboxed and isolated, and exposes one bridge: a way to ask
 * for a MessagePort. The main process decides whether the frame that asks may have one.
 */
import { contextBridge, ipcRenderer } from 'electron';
import { connectChannel, type GatehouseBridge, portMessage } from '../shared/bridge.ts';

ipcRenderer.on(portMessage, (event) => {
  // A port cannot cross the context bridge; posting it to the own window is the one way to hand it to the page.
  window.postMessage(portMessage, window.location.origin, [...event.ports]);
});

const bridge: GatehouseBridge = {
  connect: () => ipcRenderer.postMessage(connectChannel, null),
  platform: process.platform,
};

contextBridge.exposeInMainWorld('gatehouse', bridge);
