import { assertNever } from '@shared/words.ts';
import type { DesktopBackend } from './gatehouse-app.ts';
import type { TrayAction } from './tray-view.ts';

export interface ActionParts {
  readonly backend: Pick<DesktopBackend, 'client'>;
  readonly openWindow: (route?: string) => Promise<void>;
  readonly copy: (text: string) => Promise<void>;
  readonly quit: () => void;
  /** Tells the person that an action failed. */
  readonly failed: (what: string, error: unknown) => void;
}

async function perform(action: TrayAction, parts: ActionParts): Promise<void> {
  const { gate, system } = parts.backend.client('tray');
  switch (action.type) {
    case 'pause':
      await gate.pause({ app: action.app, forMs: action.forMs });
      return;
    case 'resume':
      await gate.resume({ app: action.app });
      return;
    case 'move-port':
      await system.movePort({ port: action.port });
      return;
    case 'copy':
      await parts.copy(action.text);
      return;
    case 'open':
      await parts.openWindow(action.route);
      return;
    case 'quit':
      parts.quit();
      return;
    default:
      assertNever(action);
  }
}

const named: Readonly<Record<TrayAction['type'], string>> = {
  pause: 'Pausing did not work',
  resume: 'Resuming did not work',
  'move-port': 'The port could not be used',
  copy: 'Copying did not work',
  open: 'The window did not open',
  quit: 'Quitting did not work',
};

/** What a click in the tray or the application menu does. Never rejects; failures go to `failed`. */
export function actionRunner(parts: ActionParts): (action: TrayAction) => Promise<void> {
  return async (action) => {
    try {
      await perform(action, parts);
    } catch (error) {
      parts.failed(named[action.type], error);
    }
  };
}
