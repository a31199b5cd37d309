/** Gives our page, and only our page, a MessagePort to the contract. The one channel the main process listens on. */
import { connectChannel, portMessage } from '@shared/bridge.ts';
import type { IpcMain, IpcMainEvent, MessagePortMain, WebFrameMain } from 'electron';
import { isAppUrl } from './app-url.ts';

export interface PortBrokerParts {
  readonly ipcMain: Pick<IpcMain, 'on' | 'removeListener'>;
  readonly createChannel: () => { readonly port1: MessagePortMain; readonly port2: MessagePortMain };
  /** The main frame of our window, or null while there is none. */
  readonly ownFrame: () => WebFrameMain | null;
  /** Serves the contract on the port until it closes. */
  readonly attach: (port: MessagePortMain) => void;
  /** Called with the asking frame's address when a request is refused. */
  readonly refused: (url: string) => void;
}

/** Compares by process and frame, which is what Electron's own documentation calls a frame's identity. */
function isSameFrame(a: WebFrameMain, b: WebFrameMain): boolean {
  return a.processId === b.processId && a.routingId === b.routingId;
}

/**
 * Listens for the page's request until disposed. A port goes to the main frame of our own window showing our own page;
 * a child frame, another window or a page that navigated away gets no answer. A new port ends the one before it.
 */
export function brokerPorts(parts: PortBrokerParts): Disposable {
  let served: MessagePortMain | undefined;

  const onConnect = (event: Pick<IpcMainEvent, 'senderFrame'>) => {
    const frame = event.senderFrame;
    const own = parts.ownFrame();
    if (!frame || !own || frame.parent !== null || !isSameFrame(frame, own) || !isAppUrl(frame.url)) {
      parts.refused(frame?.url ?? 'a frame that is gone');
      return;
    }
    served?.close();
    const { port1, port2 } = parts.createChannel();
    parts.attach(port1);
    port1.start();
    served = port1;
    frame.postMessage(portMessage, null, [port2]);
  };

  parts.ipcMain.on(connectChannel, onConnect);
  return {
    [Symbol.dispose]() {
      parts.ipcMain.removeListener(connectChannel, onConnect);
      served?.close();
    },
  };
}
